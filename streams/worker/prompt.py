"""Faust's worker and table manager without the second that each waits: for tasks that have ended, for tables
that may yet be declared; and without the interpreter's long end. Under their own names, which stand in the
log."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import faust
import faust.tables


class TableManager(faust.tables.TableManager):
    """All tables are declared before the app starts."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class PromptWorker(faust.Worker):
    """Ends with its last task. All is flushed and closed by then; threads may still be inside a call of the
    model, and an interpreter that takes itself apart around them is aborted."""

    def _shutdown_loop(self) -> None:
        super()._shutdown_loop()
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(os.EX_OK)

    async def _sentinel_task(self) -> None:
        await asyncio.sleep(0)  # what was closed last leaves the loop
