"""A collector from start to stop. It needs no broker to start, and none to answer: what comes in stands on
disk first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from agents.collecting.buffer import EventBuffer
from agents.collecting.sending import Sender
from agents.collecting.server import Collecting, collector_application
from agents.collecting.syncing import Syncer
from streams.http_server import BoundedServer
from streams.loud_end import RefusedError, line_of, stop_signals
from streams.metrics.collector import COLLECT_BYTES, COLLECT_WAITING, COLLECT_WAITS_S
from streams.metrics_server import serve_metrics
from streams.rates import Rates
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.worker.warming_up import warm_up

APP: Final = "collector"
FOLDER: Final = "collected"
MOST_CONNECTIONS: Final = 4_096
IDLE_S: Final = 60.0
LAST_S: Final = 5.0
"""So long a stopping collector lets the broker take what waits; the rest stands on disk for the next."""
TIDY_S: Final = 3_600.0
_LOOK_S: Final = 0.05


class CollectorService:
    """Raises RefusedError without a key or a folder that can be used."""

    def __init__(self, settings: Settings) -> None:
        seal = settings.seal
        if seal is None:
            raise RefusedError(
                "set SHIFTCAST_COLLECT_KEYS (`openssl rand -hex 32`), the same for generators and look-ups: "
                "without a key no tracker is ours"
            )
        self.buffer = EventBuffer(settings.data_dir / FOLDER, settings.collect_bytes)
        self.sender = Sender(settings, self.buffer)
        self.syncer = Syncer(self.buffer, settings.collect_synced)
        self.collecting = Collecting(
            seal,
            self.buffer,
            self.syncer,
            Rates(settings.collect_per_s),
            self.sender.woken.set,
            settings.collect_proxies,
        )
        COLLECT_WAITING.set_function(lambda: len(self.buffer))
        COLLECT_BYTES.set_function(lambda: self.buffer.bytes)
        COLLECT_WAITS_S.set_function(self.sender.waits_s)

    def runs(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """What goes on while it collects, the sender first; each until it is cancelled."""
        return self.sender.run(), self.syncer.run(), self.tidy()

    async def tidy(self) -> None:
        """Each hour what was sent leaves the files."""
        while True:
            await asyncio.sleep(TIDY_S)
            await asyncio.to_thread(self.buffer.tidy)

    async def emptied(self) -> None:
        """Returns when the broker has everything."""
        while len(self.buffer):
            await asyncio.sleep(_LOOK_S)


async def collect_events(settings: Settings, say: Callable[[str], None]) -> None:
    """Collects until a signal stops it; says the address once requests are answered. Raises OSError,
    RefusedError."""
    ended = asyncio.Event()
    for number in stop_signals():
        # Set, not inherited: a shell starts background jobs with SIGINT ignored.
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    service = CollectorService(settings)
    server = BoundedServer(
        collector_application(service.collecting), most=MOST_CONNECTIONS, connection_s=IDLE_S, keep=True
    )
    warm = False
    stopped = asyncio.create_task(ended.wait())
    works: list[asyncio.Task[None]] = []
    try:
        serve_metrics(settings, APP, service.sender.complaint, lambda: "" if warm else "warming up")
        await warm_up()
        warm = True
        works = [asyncio.create_task(each) for each in service.runs()]
        await server.start(settings.collect_bind, settings.collect_port)
        say(f"http://{settings.collect_bind}:{server.port}")
        await asyncio.wait({*works, stopped}, return_when=asyncio.FIRST_COMPLETED)
        await server.stop()
        for work in works:
            if work.done():
                raise RefusedError(f"no longer collecting: {line_of(work.exception() or RuntimeError())}")
        await asyncio.wait({asyncio.create_task(service.emptied()), works[0]}, timeout=LAST_S)
    finally:
        await cancelled(*works, stopped)
        service.buffer.close()
