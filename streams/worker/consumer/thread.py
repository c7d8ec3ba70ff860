# ruff: noqa: SLF001 - private API on purpose, see streams.worker.consumer.transport
"""The thread that a consumer reads in, with what the group coordinator last said of it."""

from __future__ import annotations

import asyncio

from streams.broker.fetch_pace import paced
from streams.worker.consumer.membership import Membership
from streams.worker.consumer.source_reader import SourceReader


class BatchConsumerThread(SourceReader):
    """Knows what the group coordinator last said of this member."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.membership = Membership(self.consumer.app.settings.session_timeout_s)

    async def on_start(self) -> None:
        await super().on_start()
        fetcher = self._ensure_consumer()._fetcher
        fetcher._proc_fetch_request = paced(fetcher._proc_fetch_request)
        self.membership.watch(self._ensure_consumer()._coordinator)
        self.membership.tick(asyncio.get_running_loop().call_later)
