"""From disk to topics: nothing leaves the disk before the broker has it, in order, and an outage is one line
of the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.collecting import sending
from agents.collecting.buffer import Event, EventBuffer
from agents.collecting.sending import Sender, output_of
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import CLICK
from streams.wire.output import Output
from streams.wire.partition import partition


class Broker:
    """Takes what it is sent but for the first `away` tries."""

    def __init__(self, away: int) -> None:
        self.away, self.taken = away, list[Output]()
        self.waiting_when_asked: list[int] = []

    def producer(self, buffer: EventBuffer) -> type:
        broker = self

        class Producer:
            def __init__(self, _settings: Settings) -> None: ...
            async def start(self) -> None: ...
            async def stop(self) -> None: ...
            async def cluster_id(self) -> str:
                return "cluster-1"

            async def send(self, outputs: Sequence[Output]) -> None:
                broker.waiting_when_asked.append(len(buffer))
                broker.away -= 1
                if broker.away >= 0:
                    raise KafkaConnectionError("no broker")
                broker.taken += outputs

        return Producer


def test_events_leave_the_disk_once_the_broker_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    buffer, broker = EventBuffer(tmp_path / "b", 1 << 20), Broker(away=3)
    monkeypatch.setattr(sending, "OutputProducer", broker.producer(buffer))
    monkeypatch.setattr(sending, "_AGAIN_S", 0.01)
    events = [Event(CLICK.name, f"u{n}", f"ck_{n}", 1_795_291_200_000 + n, b"{}") for n in range(1_200)]
    for each in events:
        buffer.put(each)

    async def run() -> None:
        sender = Sender(Settings(partitions=8), buffer)
        working = asyncio.create_task(sender.run())
        async with asyncio.timeout(60):
            while len(buffer):
                await asyncio.sleep(0.01)
        assert sender.waits_s() == 0.0 and sender.complaint() == ""
        await cancelled(working)

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert broker.taken == [output_of(each, 8) for each in events]
    assert broker.waiting_when_asked[:4] == [1_200] * 4, "what failed is still there"
    assert len(caplog.records) == 1 and "waits on disk" in caplog.text
    buffer.close()


def test_what_was_taken_for_another_cluster_stays_on_disk_and_ends_the_sender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer, broker = EventBuffer(tmp_path / "b", 1 << 20), Broker(away=0)
    monkeypatch.setattr(sending, "OutputProducer", broker.producer(buffer))
    buffer.claim("cluster-2", tmp_path)
    buffer.put(Event(CLICK.name, "u1", "ck_1", 1_795_291_200_000, b"{}"))
    with pytest.raises(RefusedError, match="holds 1 events for cluster cluster-2, this is cluster-1: set"):
        asyncio.run(Sender(Settings(partitions=8), buffer).run())
    assert (broker.taken, len(buffer)) == ([], 1)
    buffer.close()


def test_an_output_is_a_cloud_event_in_its_users_partition() -> None:
    made = output_of(Event(CLICK.name, "u7", "ck_1", 1_795_291_200_000, b"{}"), 8)
    assert (made.key, made.partition) == (b"u7", partition(b"u7", 8))
    said = dict(made.headers)
    assert (said["ce_type"], said["ce_id"]) == (b"ads.click.recorded.v1", b"ck_1")
    assert said["ce_source"] == b"/shiftcast/collector"
