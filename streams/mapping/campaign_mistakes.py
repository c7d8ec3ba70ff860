"""All mistakes of a campaign as it was written, those that make it no record and those that make it another
campaign than was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from models.mistakes.campaign import campaign_mistakes
from models.mistakes.known import KnownItems
from models.mistakes.mistake import Mistake
from streams.mapping.campaigns import campaign_of
from streams.mapping.experiments import KEPT_DAYS, outlives_exposures
from streams.records import Campaign
from streams.topics import CAMPAIGN
from streams.wire.codecs import Reason, Rejected, WireLimits, decode, encode
from streams.wire.record_shape import shape_mistakes

_INDEX: Final = re.compile(r"\[\d*\]")
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


def mistakes_of(
    value: Any, known: KnownItems | None, now_ms: int, http_assets: bool = False
) -> list[Mistake]:
    """Of one campaign in JSON; `known` None = items, categories and segments stay unchecked. `http_assets`:
    pictures may be plain http, as SHIFTCAST_HTTP_ASSETS allows."""
    found = list(shape_mistakes(value, Campaign))
    if not isinstance(value, dict):
        return found
    broken = {_top(each.where) for each in found if each.severity == "error"}
    readable = {**_REQUIRED, **{name: each for name, each in value.items() if name not in broken}}
    record = msgspec.convert(readable, Campaign)
    silent = broken | {other for name in broken for other in _TOGETHER.get(name, ())}
    campaign = replace(campaign_of(record), http_assets=http_assets)
    meant = [*campaign_mistakes(campaign, known, now_ms), *_outliving(record), *_unread(record)]
    told = [*found, *(each for each in meant if _top(each.where) not in silent)]
    refusal = _refusal(value, record, WireLimits(http_assets=http_assets))
    known_already = refusal is None or any(
        each.severity == "error" and _plain(each.where).startswith(_plain(refusal.where)) for each in told
    )
    return told if refusal is None or known_already else [*told, refusal]


def _outliving(record: Campaign) -> Iterator[Mistake]:
    if record.experiment is not None and (what := outlives_exposures(record.experiment)):
        yield Mistake("experiment", "error", what, f"{KEPT_DAYS:g} days or fewer, then another with a new id")


def _unread(record: Campaign) -> Iterator[Mistake]:
    """Fields of the record that promise what nobody does."""
    if record.blocked.attr:
        what = "is not obeyed: every creative has 12 (text only) or 21 (static visual), a clip besides"
        yield Mistake("blocked.attr", "warning", what, "blocked.cat; an exchange blocks attributes by battr")
    if record.budget is not None and record.budget > 0:
        what = "is only told: no creative stops or slows down when it is spent"
        yield Mistake("budget", "warning", what, "flight.end, cap or a budget of the ad server")
    if record.labels:
        yield Mistake("labels", "warning", "is not read: no creative, metric or report says it")


def _refusal(value: Mapping[str, Any], record: Campaign, limits: WireLimits) -> Mistake | None:
    """What whoever reads the topic would make it a dead letter for, as far as its readable fields tell."""
    try:
        data = encode(record)
        decode(CAMPAIGN, data, record.campaign_id.encode(), (), 0, limits)
        written = len(msgspec.json.encode(value))
    except Rejected as refused:
        if refused.reason is Reason.BAD_KEY:
            return Mistake("campaign_id", "error", f"cannot be a key: {refused.message}")
        path, _, what = refused.message.partition(" ")
        return (
            Mistake(path[1:], "error", what)
            if path.startswith(".")
            else Mistake("", "error", f"has {refused}")
        )
    if written > CAMPAIGN.value_bytes:
        return Mistake("", "error", f"has {written:,} bytes", f"at most {CAMPAIGN.value_bytes:,}")
    return None


def _plain(path: str) -> str:
    return _INDEX.sub("", path)


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
