"""The private API that streams.worker.consumer.transport, streams.lane.store and streams.worker.app override:
pinned versions, names and signatures."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from typing import Any

import aiokafka
import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import TopicPartitionState
from aiokafka.producer.message_accumulator import MessageAccumulator, MessageBatch
from aiokafka.producer.sender import SendProduceReqHandler
from faust.app.base import App
from faust.stores.rocksdb import Store
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.drivers.aiokafka import Consumer as DriverConsumer
from faust.worker import Worker


def test_versions_are_the_ones_these_contracts_were_read_in() -> None:
    assert version("faust-streaming") == "0.15.3"
    assert version("aiokafka") == "0.14.0"


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (Consumer, "getmany", ["self", "timeout"]),
        (Consumer, "wait_first", ["self", "coros", "timeout"]),
        (Consumer, "_wait_next_records", ["self", "timeout"]),
        (Consumer, "_new_offset", ["self", "tp"]),
        (Consumer, "_add_gap", ["self", "tp", "offset_from", "offset_to"]),
        (Consumer, "_filter_tps_with_pending_acks", ["self", "topics"]),
        (Consumer, "ack", ["self", "message"]),
        (Consumer, "perform_seek", ["self"]),
        (Consumer, "wait_empty", ["self"]),
        (Consumer, "resume_partitions", ["self", "tps"]),
        (Consumer, "on_buffer_full", ["self", "tp"]),
        (Consumer, "on_buffer_drop", ["self", "tp"]),
        (Consumer, "on_partitions_revoked", ["self", "revoked"]),
        (App, "on_rebalance_end", ["self"]),
        (Consumer, "on_partitions_assigned", ["self", "assigned", "generation_id"]),
        (DriverConsumer, "_new_consumer_thread", ["self"]),
        (DriverConsumer, "_to_message", ["self", "tp", "record"]),
        (AIOKafkaConsumerThread, "_create_worker_consumer", ["self", "transport"]),
        (AIOKafkaConsumerThread, "_ensure_consumer", ["self"]),
        (AIOKafkaConsumerThread, "on_start", ["self"]),
        (Fetcher, "_proc_fetch_request", ["self", "assignment", "node_id", "request"]),
        (GroupCoordinator, "_do_heartbeat", ["self"]),
        (GroupCoordinator, "_do_commit_offsets", ["self", "assignment", "offsets"]),
        (Store, "_db_for_partition", ["self", "partition"]),
        (Store, "_open_for_partition", ["self", "partition"]),
        (Store, "apply_changelog_batch", ["self", "batch", "to_key", "to_value"]),
        (Store, "revoke_partitions", ["self", "table", "tps"]),
        (TableManager, "on_start", ["self"]),
        (TableManager, "_update_channels", ["self"]),
        (Worker, "_sentinel_task", ["self"]),
        (App, "_new_transport", ["self"]),
        (App, "_new_consumer", ["self"]),
    ],
)
def test_overridden_methods(owner: type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


@pytest.mark.parametrize(
    ("function", "fragment"),
    [
        # The lanes begin in perform_seek: it is the last thing of a recovery, before the flow resumes
        (Recovery.on_recovery_completed, "consumer.perform_seek()"),
        (Recovery._resume_streams, "consumer.perform_seek()"),
        # ... unless there is nothing to seek: then all that comes is the end of the rebalance
        (Recovery.on_recovery_completed, "self.app.on_rebalance_end()"),
        (Recovery._resume_streams, "app.on_rebalance_end()"),
        # What a stop or a rebalance awaits, and so what flushes the lanes
        (App._stop_consumer, "self._consumer_wait_empty"),
        (App._on_partitions_revoked, "self._consumer_wait_empty"),
        # Rows ahead of their changelog end in a ConsistencyError of the recovery service
        (Recovery._restart_recovery.fun, "raise ConsistencyError("),
        # Fetches carry the set of partitions that was active when they began
        (AIOKafkaConsumerThread._fetch_records, "active_partitions"),
        # A message is delivered in a race of two coroutines, whose outcome nobody reads
        (
            Consumer._drain_messages,
            "await self.wait_first(\n                                callback(message), "
            "self.suspend_flow.wait()\n",
        ),
        # A member that the coordinator does not know has no generation, a coordinator that is away no id
        (GroupCoordinator.reset_generation, "self.generation = OffsetCommitRequest.DEFAULT_GENERATION_ID"),
        (GroupCoordinator.coordinator_dead, "self.coordinator_id = None"),
        # Only an error that says so lets a commit of a member that is none end without ending the process
        (GroupCoordinator.commit_offsets, "Errors.UnknownMemberIdError"),
        # An idempotent producer tries for ever; a full queue gives up without having taken anything
        (SendProduceReqHandler._can_retry, "self._sender._txn_manager is None and batch.expired()"),
        (MessageAccumulator.add_batch, "raise KafkaTimeoutError()"),
        # A second each, for tables declared late and for tasks that the calls before have gathered
        (
            TableManager.on_start,
            "await self.sleep(1.0)\n        if not self.should_stop:\n            "
            "await self._update_channels()\n            await self.recovery.start()\n",
        ),
        (Worker._sentinel_task, "    await asyncio.sleep(1.0)\n"),
        (Worker._shutdown_loop, "self._gather_all()"),
        # The first heartbeat follows a join; its result says whether the member is known
        (GroupCoordinator._heartbeat_routine, "await self._do_heartbeat()"),
    ],
)
def test_how_it_is_called(function: Any, fragment: str) -> None:
    assert fragment in inspect.getsource(function)


def test_a_batch_of_records_is_asked_for_nothing_else() -> None:
    """streams.broker.batches.record_batch stands where aiokafka's BatchBuilder does."""
    asked = set(re.findall(r"(?:_builder|builder)\.(\w+)", inspect.getsource(MessageBatch)))
    assert asked == {
        "append", "closed", "record_count", "_build", "_set_producer_state",
    }  # fmt: skip
    assert "builder." not in inspect.getsource(MessageAccumulator.add_batch)
    assert "builder." not in inspect.getsource(MessageAccumulator._append_batch)


def test_attributes() -> None:
    for name in ("_fetch_max_wait_ms", "_isolation_level", "_subscription"):
        assert f"self.{name} = " in inspect.getsource(aiokafka.AIOKafkaConsumer.__init__)
    for name in ("highwater", "lso"):
        assert f"self.{name} = " in inspect.getsource(TopicPartitionState.__init__)
    for name in ("_acked", "_acked_index", "_committed_offset", "_buffered_partitions", "_unacked_messages"):
        assert f"self.{name} = " in inspect.getsource(Consumer.__init__) + inspect.getsource(
            Consumer._reset_state
        )
