"""All mistakes of a campaign as it was written, those that make it no record and those that make it another
campaign than was meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from models.mistakes.campaign import campaign_mistakes
from models.mistakes.known import KnownItems
from models.mistakes.mistake import Mistake
from streams.mapping.campaigns import campaign_of
from streams.records import Campaign
from streams.wire.record_shape import shape_mistakes
from streams.wire.refusals import Rejected, check_strings

_REQUIRED: Final[Mapping[str, Any]] = {
    "campaign_id": "campaign",
    "version": 0,
    "status": "active",
    "advertiser": {"name": "Advertiser"},
}
"""What stands in for required fields that are broken, so that the others can be judged."""
_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "templates": ("slots",),
    "slots": ("templates",),
    "locales": ("slots", "templates"),
    "brief": ("templates",),
}
"""Fields that cannot be judged while one they are compared with is broken."""


def mistakes_of(value: Any, known: KnownItems | None, now_ms: int) -> list[Mistake]:
    """Of one campaign in JSON; `known` None = items, categories and segments stay unchecked."""
    found = list(shape_mistakes(value, Campaign))
    if not isinstance(value, dict):
        return found
    broken = {_top(each.where) for each in found if each.severity == "error"}
    readable = {**_REQUIRED, **{name: each for name, each in value.items() if name not in broken}}
    record = msgspec.convert(readable, Campaign)
    silent = broken | {other for name in broken for other in _TOGETHER.get(name, ())}
    meant = campaign_mistakes(campaign_of(record), known, now_ms)
    return [*found, *_strings(record), *(each for each in meant if _top(each.where) not in silent)]


def _strings(record: Campaign) -> list[Mistake]:
    try:
        check_strings(record)
    except Rejected as refused:
        path, _, what = refused.message.partition(" ")
        return [Mistake(path.removeprefix("."), "error", what)]
    return []


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
