"""A look-up server from start to stop: metrics first, then the topics read to their ends, then requests."""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from agents.serving.admission import Admission
from agents.serving.campaigns import KnownCampaigns
from agents.serving.lookup import CreativeLookup
from agents.serving.server import STALE_S, Serving, lookup_application
from streams.broker.clients import BrokerAwayError
from streams.broker.follow import RawFollower
from streams.http_server import BoundedServer
from streams.loud_end import RefusedError, line_of, stop_signals
from streams.metrics.lanes import RESTORE_SECONDS
from streams.metrics.lookup import LOOKUP_AGE_S, LOOKUP_BYTES, LOOKUP_CREATIVES, LOOKUP_EVICTED
from streams.metrics_server import serve_metrics
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import AUDIENCE, CAMPAIGN, CREATIVE, REVOCATION

APP: Final = "serving"
FOLLOWED: Final = (REVOCATION, CAMPAIGN, AUDIENCE, CREATIVE)
AT_ONCE: Final = 500
"""Records of the tail between two requests: under a millisecond of work."""
MOST_CONNECTIONS: Final = 1_024
IDLE_S: Final = 60.0
_LOOK_S: Final = 0.5
_AGAIN_S: Final = 2.0
_TELL_S: Final = 10.0

log = logging.getLogger(__name__)


class ServingService:
    """Follows, serves, and says how it is."""

    def __init__(self, settings: Settings, tokens: Sequence[str]) -> None:
        self._settings = settings
        self._follower = RawFollower(settings, FOLLOWED, self._take, AT_ONCE)
        self.serving = Serving(
            Admission(tokens, settings.serve_per_s),
            self._follower.silent_s,
            CreativeLookup(settings.serve_bytes),
            KnownCampaigns(),
            settings.tcf_vendor,
            settings.seal,
        )
        self._loaded = False

    def complaint(self) -> str:
        """What /health says: what is served may be withdrawn by now."""
        if self._follower.failed is not None:
            return line_of(self._follower.failed)
        age_s = self._follower.silent_s()
        stale = self._loaded and age_s > STALE_S
        return f"the broker has not answered for {age_s:.0f} s: what is served may be stale" if stale else ""

    def unready(self) -> str:
        """What /ready says. A stale look-up goes on serving what has not expired."""
        return "" if self._loaded else "reading the topics"

    async def load(self) -> None:
        """Reads the topics to their ends; a broker that is away is waited for. Raises RefusedError."""
        began = time.monotonic()
        deadline, told = began + self._settings.broker_wait_s, -_TELL_S
        while True:
            try:
                await self._follower.start()
                break
            except BrokerAwayError as error:
                now = time.monotonic()
                if now > deadline:
                    raise
                if now - told >= _TELL_S:
                    told = now
                    log.warning("%s. It is waited for, %.0f s more", error, deadline - now)
                await asyncio.sleep(_AGAIN_S)
        gc.collect()
        gc.freeze()  # what is loaded stays: looking through it again would hold up answers
        self._loaded = True
        RESTORE_SECONDS.set(time.monotonic() - began)

    async def watch(self) -> None:
        """Gauges, until following ends. Raises RefusedError then: a look-up that hears nothing new must not
        go on for ever."""
        lookup = self.serving.lookup
        while self._follower.failed is None:
            LOOKUP_CREATIVES.set(len(lookup))
            LOOKUP_BYTES.set(lookup.bytes)
            LOOKUP_EVICTED.set(lookup.evicted)
            LOOKUP_AGE_S.set(self._follower.silent_s())
            await asyncio.sleep(_LOOK_S)
        raise RefusedError(f"no longer following the topics: {line_of(self._follower.failed)}")

    async def stop(self) -> None:
        """Stops following."""
        await self._follower.stop()

    def _take(self, records: Sequence[Any]) -> None:
        lookup, campaigns = self.serving.lookup, self.serving.campaigns
        topic = records[0].topic
        if topic == CAMPAIGN.name:
            for record in records:
                campaigns.take(record.key or b"", record.value)
        else:
            for record in records:
                lookup.take(topic, record.key or b"", record.value)
                self._note_caps(record)

    def _note_caps(self, record: Any) -> None:
        key, gone, reached = record.key or b"", record.value is None, self.serving.reached
        if record.topic == CREATIVE.name:
            reached.creative(key, gone, record.headers, record.timestamp)
        elif record.topic == AUDIENCE.name and gone:
            reached.left(key.decode(errors="replace"))


async def serve_creatives(settings: Settings, say: Callable[[str, str], None]) -> None:
    """Serves until a signal stops it; says the address, and the token if it was made here, once requests are
    answered. Raises OSError, RefusedError."""
    ended = asyncio.Event()
    for number in stop_signals():
        # Set, not inherited: a shell starts background jobs with SIGINT ignored.
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    tokens = (settings.serve_tokens or "").split()
    made = "" if tokens else secrets.token_urlsafe(24)
    service = ServingService(settings, tokens or [made])
    server = BoundedServer(
        lookup_application(service.serving), most=MOST_CONNECTIONS, connection_s=IDLE_S, keep=True
    )
    await server.reserve(settings.serve_bind, settings.serve_port)
    serve_metrics(settings, APP, service.complaint, service.unready)
    loading = asyncio.create_task(service.load())
    stopped = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({loading, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if ended.is_set():
            return
        loading.result()
        await server.listen()
        say(f"http://{settings.serve_bind}:{server.port}", made)
        watching = asyncio.create_task(service.watch())
        await asyncio.wait({watching, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
        await cancelled(watching)
    finally:
        await server.stop()
        await cancelled(loading, stopped)
        await service.stop()
