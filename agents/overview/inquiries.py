"""What operators ask the page for: why a creative was made, what holds a campaign back, what a user would be
shown. Read on demand from the topics, one question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from agents.explaining.advising import read_metrics, told_advice
from agents.explaining.explanation import explain_creative
from agents.explaining.found import find
from agents.overview.ladder import read_ladder
from streams.settings import Settings
from streams.unix_time import unix_ms

PATIENCE_S: Final = 60.0
"""A question that takes longer is given up: the command of the same name has all the time."""


class Inquiries:
    """`pseudonym` names users as the rest of the page does."""

    def __init__(self, settings: Settings, pseudonym: Callable[[str], str]) -> None:
        self._settings, self._pseudonym = settings, pseudonym
        self._turn = asyncio.Lock()

    async def why(self, creative_id: str) -> Any:
        """The explanation of a creative; None when no topic knows it. Raises TimeoutError."""
        async with self._turn, asyncio.timeout(PATIENCE_S):
            found = await find(self._settings, creative_id)
        if found.creative is None and found.result is None:
            return None
        return explain_creative(creative_id, found, self._pseudonym, unix_ms())

    async def advice(self, campaign_id: str) -> dict[str, Any] | None:
        """Advice for a campaign; None when nothing was measured of it. Raises TimeoutError."""
        async with self._turn, asyncio.timeout(PATIENCE_S):
            found = await read_metrics(self._settings, campaign_id)
        return told_advice(campaign_id, found) if found.metrics else None

    async def ladder(self, user: str) -> dict[str, Any]:
        """What a user would be shown now, in every place. Raises TimeoutError."""
        async with self._turn, asyncio.timeout(PATIENCE_S):
            return await read_ladder(self._settings, user, unix_ms())
