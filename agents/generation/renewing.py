"""Loading the copywriter anew after one that hung: for as long as it takes, and again when it cannot be
loaded."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from streams.loud_end import line_of

LOAD_PATIENCE_S: Final = 600.0
"""A load has a clock of its own: it may take longer than any call and is no reason to begin it again."""
RELOAD_S: Final = 60.0
"""A copywriter that could not be loaded again is tried so long after: its files may have come back."""

log = logging.getLogger(__name__)


async def loaded_anew(replace: Callable[[], asyncio.Future[None]]) -> None:
    """Returns once a load that `replace` begins has succeeded."""
    log.error("the copywriter did not come back: a fresh one is loaded, templates answer until it is there")
    while True:
        begun_s = time.monotonic()
        try:
            await _loaded(replace())
            break
        except Exception as error:
            log.error("it cannot be loaded: %s; tried again in %.0f s", line_of(error), RELOAD_S)
            await asyncio.sleep(RELOAD_S)
    log.info("the fresh copywriter writes, loaded in %.1f s", time.monotonic() - begun_s)


async def _loaded(load: asyncio.Future[None]) -> None:
    """Waits for a load as long as it takes: a second one beside it would hold the model twice."""
    while not load.done():
        await asyncio.wait([load], timeout=LOAD_PATIENCE_S)
        if not load.done():
            log.error("loading it takes longer than %.0f s; templates answer", LOAD_PATIENCE_S)
    load.result()
