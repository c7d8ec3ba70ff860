"""A Faust app with the batch path: settings, transport, refusals at start. Agents build theirs with
`build_app`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

import faust
from aiokafka.errors import KafkaError
from faust.app.base import BootStrategy
from faust.exceptions import ConsistencyError, ConsumerNotStarted
from faust.types import TP

from models.row import FENCES
from streams import metrics_server
from streams.broker.clients import BrokerAwayError
from streams.broker.source_change import created_anew, made_anew, reads_anew, wrong_partitions
from streams.loud_end import RefusedError, end_now, line_of, stop_signals
from streams.metrics.lanes import HEARTBEAT_AGE_S, RESTORE_SECONDS, forget_partitions
from streams.settings import Settings
from streams.settings_table import unknown_variables
from streams.topics import TopicSpec, changelog
from streams.wire.view import RecordBatch
from streams.worker.consumer.transport import BatchConsumer
from streams.worker.faust_options import faust_options
from streams.worker.few_lines import EVERY_S, say_less
from streams.worker.fitness import make_data_folder, reason_to_refuse
from streams.worker.folder_stamp import begin_anew, changelog_anew, claim_folder, stamp_of
from streams.worker.warming_up import warm_up

log = logging.getLogger(__name__)

SOURCES_S: Final = 5.0
"""So often a worker asks whether its topics are still the same."""
RECOVERY_BATCHES: Final = 8
Acknowledge = Callable[[], Awaitable[Any]]


class WithoutWeb(BootStrategy):
    """Faust's own web server shows table rows to whoever asks, and its port collides: it is never started."""

    enable_web = False


class BatchApp(faust.App):
    """A Faust app whose consumer delivers RecordBatches of its sources."""

    BootStrategy = WithoutWeb

    def __init__(
        self,
        settings: Settings,
        name: str,
        topics: Sequence[TopicSpec],
        table: bool,
        unfenced: Sequence[TopicSpec],
    ) -> None:
        if len(topics) > FENCES:
            raise ValueError(f"an app has at most {FENCES} sources with a fence")
        self.settings = settings
        self.kind = name
        self.changelog = changelog_of(settings, name).name if table else ""
        self.changelog_id = ""  # as it was when this process started
        self.specs = [*topics, *unfenced, *([changelog_of(settings, name)] if table else [])]
        self.sources: dict[str, int | None] = {spec.name: slot for slot, spec in enumerate(topics)}
        self.sources |= dict.fromkeys([spec.name for spec in unfenced])
        self.source_names = frozenset(self.sources)
        self.warm = False  # what takes seconds at a start is done
        self.begun = False  # a first assignment is in force and recovered, be it empty
        self.unhealthy: metrics_server.Complaint = lambda: ""
        self.begin: Callable[[int], None] | None = None
        self.drain: Callable[[], Awaitable[None]] | None = None
        self.sought: Callable[[], Awaitable[None]] | None = None
        self.lost: Callable[[TP, int], None] | None = None
        self._topic_ids: dict[str, str] = {}  # of the sources, as first seen by this process
        self.connect: Callable[[], Awaitable[None]] | None = None
        self.disconnect: Callable[[], Awaitable[None]] | None = None
        super().__init__(settings.app_id(name), **faust_options(settings, name))

    def source_topic(self) -> Any:
        """All sources as one Faust topic whose values are RecordBatches."""
        return self.topic(
            *self.sources, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )

    def rows_table(self) -> Any:
        """The app's one table."""
        return self.Table(
            "rows",
            key_type=bytes,
            value_type=bytes,
            partitions=self.settings.partitions,
            recovery_buffer_size=RECOVERY_BATCHES,
            standby_buffer_size=RECOVERY_BATCHES,
        )

    def unready(self) -> str:
        """What /ready says: nothing once what was assigned is recovered and while the group coordinator
        answers. A worker for which no partition is left stands by, and is ready."""
        if not self.warm:
            return "warming up"
        if not self.begun:
            return "no assignment yet"
        age_s = self.consumer.heartbeat_age_s()
        if age_s > self.settings.session_timeout_s:
            return f"the broker has not answered for {age_s:.0f} s"
        return ""

    def on_rebalance_end(self) -> None:
        super().on_rebalance_end()
        self.consumer.begin_idle()

    def _new_transport(self) -> Any:
        transport = super()._new_transport()
        transport.Consumer = BatchConsumer
        return transport

    def _new_consumer(self) -> Any:
        consumer = super()._new_consumer()
        consumer.begin = self._begin
        consumer.drain = self._drain
        consumer.sought = self.sought
        consumer.lost = self._lost
        return consumer

    def _begin(self, generation: int) -> None:
        self.begun = True
        forget_partitions()
        HEARTBEAT_AGE_S.set_function(self.consumer.heartbeat_age_s)
        RESTORE_SECONDS.set(time.monotonic() - self.consumer.assigned_at)
        if self.begin is not None:
            self.begin(generation)

    def _lost(self, tp: TP, records: int) -> None:
        if self.lost is not None:
            self.lost(tp, records)

    async def source_ids(self) -> dict[str, str]:
        """Ids of the sources now; a process never goes on with other topics than it began with. Raises
        KafkaError."""
        now = (await self.consumer.identify([spec.name for spec in self.specs])).topics
        ids = {name: now[name].topic_id for name in self.sources if name in now}
        if self.changelog in now and now[self.changelog].topic_id != self.changelog_id:
            end_now(changelog_anew(self.changelog, self.conf.datadir))
        if anew := made_anew(self._topic_ids, ids):
            end_now(created_anew(anew, self.settings) if self.changelog else reads_anew(anew))
        counted = [spec.name for spec in self.specs if spec.partitions is None and spec.name in now]
        if refusal := wrong_partitions({name: now[name].partitions for name in counted}, self.settings):
            end_now(refusal)
        self._topic_ids |= ids
        return ids

    async def _watch_sources(self) -> None:
        """Topics deleted and made anew, or grown, under a running worker."""
        while not self.should_stop:
            await self.sleep(SOURCES_S)
            with contextlib.suppress(KafkaError, ConsumerNotStarted, TimeoutError):
                if self.begun:
                    await self.source_ids()

    async def _drain(self) -> None:
        if self.drain is not None:
            await self.drain()
        for message in list(self.consumer.unacked):
            self.consumer.abandon(message)

    async def on_first_start(self) -> None:
        try:
            await self._first_start()
        except Exception as error:
            self.log.debug("start failed", exc_info=True)
            end_now(line_of(error))

    async def _first_start(self) -> None:
        end_on_hangup()
        # Before the broker is asked: a worker that waits for it is alive, and says that it is not ready.
        metrics_server.serve_metrics(self.settings, self.kind, self._ill, self.unready)
        for name, repair in unknown_variables(os.environ).items():
            self.log.warning("%s is set, but no setting has this name: %s", name, repair)
        say_less()
        refusal = await self._reason_to_refuse()
        if refusal:
            raise RefusedError(refusal)
        make_data_folder(self.conf.datadir)
        if self.changelog:
            stamp = await stamp_of(self.settings, self.conf.id, self.changelog)
            claim_folder(self.conf.datadir, stamp, self.settings.data_dir)
            self.changelog_id = stamp.changelog_id
        self._refuse_lost_changelogs()
        await super().on_first_start()
        self.add_future(self._watch_sources())
        await warm_up()
        if self.connect is not None:
            await self.connect()
        self.warm = True

    def _ill(self) -> str:
        return self.unhealthy() if self.warm else ""

    async def _reason_to_refuse(self) -> str | None:
        """One line when the topics are not fit, or None; a broker that does not answer is waited for. Raises
        RefusedError."""
        wait_s = self.settings.broker_wait_s
        deadline = time.monotonic() + wait_s
        while True:
            try:
                return await reason_to_refuse(self.settings, self.specs)
            except BrokerAwayError as error:
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    raise
                log.warning("%s. It is waited for, %.0f s more", error, left_s)
                await asyncio.sleep(min(EVERY_S, left_s))

    def _refuse_lost_changelogs(self) -> None:
        """Rows on disk that reach past the end of their changelog: Faust ends with a stack trace, an operator
        needs a line."""
        recovery = self.tables.recovery
        crash = recovery.crash

        async def refuse(reason: BaseException) -> None:
            if isinstance(reason, ConsistencyError):
                end_now(
                    f"the rows in {self.conf.datadir} are ahead of their changelog, which was created anew "
                    f"or truncated: restore the topic, or {begin_anew(self.conf.datadir)}"
                )
            await crash(reason)

        recovery.crash = refuse

    async def on_stop(self) -> None:
        await super().on_stop()
        if self.disconnect is not None:
            await self.disconnect()


def end_on_hangup() -> None:
    """SIGHUP stops a worker as SIGTERM does, for which Faust has a handler: what was applied is flushed."""
    if signal.SIGHUP in stop_signals():
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, signal.raise_signal, signal.SIGTERM)


def build_app(
    settings: Settings,
    name: str,
    topics: Sequence[TopicSpec],
    *,
    table: bool = True,
    unfenced: Sequence[TopicSpec] = (),
) -> BatchApp:
    """An app over `topics`, in the order of its fence slots, and over `unfenced`, whose records may be
    applied again, in their order, at any time. With `table`, hand a workload to streams.worker.engine.attach;

    without, write an agent over `app.source_topic()` with `batches`. Hooks to set: `connect` and `disconnect`
    (awaited at start and stop), `begin(generation)` before the first batch of an assignment, `drain` (awaited
    before partitions are given up; what is not acknowledged when it returns is delivered again to the next
    owner).
    """
    return BatchApp(settings, name, topics, table, unfenced)


async def batches(stream: Any) -> AsyncIterator[tuple[RecordBatch, Acknowledge]]:
    """Batches of an agent's stream, each with the function that acknowledges it; order of acknowledgement is
    free."""
    manual = stream.noack()
    async for event in manual.events():
        yield event.value, _acknowledging(manual, event)


def _acknowledging(stream: Any, event: Any) -> Acknowledge:
    async def acknowledge() -> None:
        await stream.ack(event)

    return acknowledge


def changelog_of(settings: Settings, name: str) -> TopicSpec:
    """The changelog of the app's table under the name that Faust derives."""
    spec = changelog(settings.app_prefix)
    return TopicSpec(
        **{
            **{f: getattr(spec, f) for f in spec.__dataclass_fields__},
            "name": f"{settings.app_id(name)}-rows-changelog",
        }
    )
