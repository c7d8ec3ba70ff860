"""The collector, as whoever sees a creative reaches it: it is asked for what ended long ago, which counts
nothing and which only a collector with our key knows to have ended."""

from __future__ import annotations

from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from agents.checks.finding import CheckFinding
from models.beacon.beacon import Beacon
from streams.settings import Settings

OVER: Final = Beacon(2, "", "", "", "", until_s=0)
_GONE: Final = 410
_FORBIDDEN: Final = 403
_PATIENCE_S: Final = 5.0


async def collector_findings(settings: Settings) -> list[CheckFinding]:
    """Nothing where creatives carry no trackers of ours."""
    collector = settings.collector
    if collector is None:
        return []
    try:
        async with (
            ClientSession(timeout=ClientTimeout(_PATIENCE_S)) as session,
            session.get(collector.address(OVER), allow_redirects=False) as answer,
        ):
            return [_finding(collector.base, answer.status)]
    except (ClientError, TimeoutError, OSError) as error:
        text = f"{collector.base} does not answer: {error or type(error).__name__}"
        return [CheckFinding("error", "collector", text, "shiftcast collect, behind what serves TLS there")]


def _finding(base: str, status: int) -> CheckFinding:
    if status == _GONE:
        return CheckFinding("ok", "collector", f"{base} answers and knows our key")
    if status == _FORBIDDEN:
        text = f"{base} does not know the key that creatives are sealed with: it refuses their trackers"
        return CheckFinding("error", "collector", text, "the same SHIFTCAST_COLLECT_KEYS here and there")
    text = f"{base} answers {status}: that is no collector"
    return CheckFinding("error", "collector", text, "SHIFTCAST_COLLECT_URL leads to `shiftcast collect`")
