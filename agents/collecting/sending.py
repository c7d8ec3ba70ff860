"""From the disk to the topics: in order, each event at least once; a broker that is away is waited for."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from aiokafka.errors import KafkaError

from agents.collecting.buffer import Event, EventBuffer, OtherClusterError
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError, line_of
from streams.metrics.lanes import OUTPUTS
from streams.settings import Settings
from streams.topics import BY_NAME
from streams.wire.codecs import COLLECTOR, headers
from streams.wire.output import Output
from streams.wire.partition import partition

AT_ONCE: Final = 128
"""Two milliseconds of work at most between two answers, and enough for record batches made here."""
AWAY_S: Final = 10.0
"""The broker takes a batch in milliseconds; after so long without it /health says that events wait."""
_AGAIN_S: Final = 1.0

log = logging.getLogger(__name__)


class Sender:
    """`woken` says that there is something; `run` goes on until it is cancelled."""

    def __init__(self, settings: Settings, buffer: EventBuffer) -> None:
        self._settings, self._buffer = settings, buffer
        self.woken = asyncio.Event()
        self._since_s: float | None = None  # the batch at hand is being sent
        self._said = ""  # why nothing is taken: once, not each second

    def waits_s(self) -> float:
        """How long the broker has taken nothing though there is something."""
        return 0.0 if self._since_s is None else time.monotonic() - self._since_s

    def complaint(self) -> str:
        """'' while the broker takes what comes."""
        if (waits_s := self.waits_s()) < AWAY_S:
            return ""
        return f"the broker has taken nothing for {waits_s:.0f} s: {len(self._buffer)} events wait on disk"

    async def run(self) -> None:
        """Also a disk that fails is tried again: what is on it is owed. Raises OtherClusterError."""
        while True:
            producer = OutputProducer(self._settings)
            try:
                await producer.start()
                self._buffer.claim(await producer.cluster_id(), self._settings.data_dir)
                await self._send_all(producer)
            except OtherClusterError:
                raise
            except (KafkaError, RefusedError, OSError) as error:
                if self._said != (said := line_of(error)):
                    log.warning("%s. What comes in waits on disk", said)
                self._said = said
                if len(self._buffer) and self._since_s is None:
                    self._since_s = time.monotonic()
                await asyncio.sleep(_AGAIN_S)
            finally:
                await asyncio.shield(_ended(producer))

    async def _send_all(self, producer: OutputProducer) -> None:
        while True:
            events = self._buffer.waiting(AT_ONCE)
            if not events:
                self._since_s = None
                self.woken.clear()
                await self.woken.wait()
                continue
            self._since_s = self._since_s or time.monotonic()
            await producer.send([output_of(each, self._settings.partitions) for each in events])
            self._buffer.sent(len(events))
            self._since_s, self._said = None, ""
            for each in events:
                OUTPUTS.labels(each.topic).inc()


def output_of(event: Event, partitions: int) -> Output:
    """The record as it goes to its topic."""
    key = event.user.encode()
    stamped = headers(BY_NAME[event.topic].ce_type, event.id, event.at_ms, COLLECTOR)
    return Output(event.topic, key, event.value, partition(key, partitions), stamped)


async def _ended(producer: OutputProducer) -> None:
    """What is still in its queue stands on disk as well."""
    try:
        await asyncio.wait_for(producer.stop(), _AGAIN_S)
    except (KafkaError, TimeoutError):
        log.debug("the producer was left behind")
