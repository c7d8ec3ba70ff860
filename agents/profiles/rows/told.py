"""What is kept of a user beside the profile, in words: for an access request and for `show-user`. Names
instead of numbers, times in Unix ms, no ids of third parties; None = not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from agents.profiles.rows.link import LinkRow
from agents.profiles.rows.made import MadeRow
from agents.profiles.rows.portfolio import Portfolio
from models.earned.counters import CellNames, Field
from models.earned.exposures import CAMPAIGN_SHIFT, VIEWED, WHAT
from models.event.layout import Purpose
from models.money import CURRENCIES
from streams import records as r
from streams.columns.names import NONE

NameOf = Callable[[int], CellNames]
"""Names of a cell (models.earned.counters.cell_of)."""
_REACTIONS: Final = {Field.LIKES: "like", Field.HIDES: "hide", Field.REPORTS: "report"}


def tell_consent(row: Any) -> dict[str, Any]:
    """Row c."""
    granted = [purpose.name.lower() for purpose in Purpose if purpose.name and int(row["granted"]) & purpose]
    return {
        "stated": bool(row["known"]),
        "stated_ts": int(row["stated_ts"]),
        "granted": granted if row["known"] else [],
        "erased_ts": int(row["erased_ts"]),
    }


def tell_exposures(x: Any, name_of: NameOf) -> dict[str, Any]:
    """Row x: what was shown and what the user did about it."""
    acts = [
        (_ms(ts), _campaign(cell, name_of), Field(int(field) & WHAT))
        for ts, cell, field in _listed(x, "n_acts", "act_ts", "act_cell", "act_field")
    ]
    acts += [
        (_ms(ts), _campaign(cell, name_of), Field.CLICKS)
        for ts, cell in _listed(x, "n_clicks", "click_ts", "click_cell")
    ]
    acts.sort(key=lambda act: act[0])
    return {
        "impressions": [
            {
                "ts": _ms(ts),
                "campaign_id": _campaign(cell, name_of),
                "slot": _known(name_of(int(cell))[1]) if cell else None,
                "viewable": bool(flags & VIEWED),
            }
            for ts, cell, flags in _listed(x, "n_shown", "shown_ts", "shown_cell", "shown_flags")
        ],
        "clicks": [
            {"ts": ts, "campaign_id": campaign} for ts, campaign, what in acts if what == Field.CLICKS
        ],
        "reactions": [
            {"ts": ts, "campaign_id": campaign, "what": _REACTIONS[what]}
            for ts, campaign, what in acts
            if what in _REACTIONS
        ],
        "conversions": [
            {
                "ts": _ms(ts),
                "value_minor": int(value) if currency else None,
                "cur": CURRENCIES[currency] or None,
                "campaign_id": _campaign(cell, name_of),
            }
            for ts, value, currency, cell in _listed(
                x, "n_sales", "sale_ts", "sale_value", "sale_currency", "sale_cell"
            )
        ],
        "campaigns": _campaigns(x, name_of),
        "slots": [slot for k, slot in enumerate(r.SLOTS) if int(x["slots"]) >> k & 1],
        "newest_ts": _ms(x["newest_s"]),
    }


def tell_portfolio(portfolio: Portfolio) -> dict[str, Any]:
    """Row r: the user's creatives, and the copy kept for interests that come back."""
    return {
        "creatives": [
            {
                "key": each.key,
                "creative_id": each.creative_id,
                "campaign_id": each.campaign_id,
                "slot": each.slot,
                "expires": each.expires,
            }
            for each in portfolio.held
        ],
        "kept_copies": [
            {
                "campaign_id": each.campaign_id,
                "item_id": each.item_id,
                "slot": each.slot,
                "headline": each.copy[0],
                "description": each.copy[1],
                "cta": each.copy[2],
                "brand": each.copy[3] or None,
            }
            for each in portfolio.past
        ],
        "copy_fingerprints": len(portfolio.recent),
        "picture_fingerprints": len(portfolio.pictures),
        "open_requests": len(portfolio.asked),
    }


def tell_link(row: LinkRow | None) -> dict[str, Any]:
    """Row i: whom the user named. What the partner said is the partner's."""
    if row is None:
        return {}
    counts = row.heard is not None
    return {"link": {"partner": row.partner, "stated_ts": row.stated, "counts": counts}}


def tell_made(row: MadeRow) -> dict[str, Any]:
    """Row m: what the creatives were made of."""
    return {
        "made": [
            {
                "creative_id": each.creative_id,
                "campaign_id": each.campaign_id,
                "slot": each.slot,
                "item_id": each.item_id or None,
                "headline": each.copy[0] or None,
                "copy_id": each.copy_id or None,
                "interests": list(each.interests),
                "segment": each.segment or None,
                "country": each.country or None,
            }
            for each in row.made
        ]
    }


def _campaigns(x: Any, name_of: NameOf) -> list[dict[str, Any]]:
    """Campaigns that the user is known to have been shown, the latest first: impressions kept, and for those
    with a cap, how many there were in all."""
    kept: dict[str, dict[str, Any]] = {}
    names: dict[int, str] = {}
    for ts, cell in _listed(x, "n_shown", "shown_ts", "shown_cell"):
        if (name := _campaign(cell, name_of)) is not None:
            names[int(cell) >> CAMPAIGN_SHIFT] = name
            each = kept.setdefault(name, {"campaign_id": name, "impressions": 0, "newest_ts": 0})
            each["impressions"] += 1
            each["newest_ts"] = max(each["newest_ts"], _ms(ts))
    for key, total, newest in _listed(x, "n_caps", "cap_key", "cap_total", "cap_newest"):
        if int(key) in names:
            kept[names[int(key)]] |= {"impressions": int(total), "newest_ts": _ms(newest)}
    return sorted(kept.values(), key=lambda each: -each["newest_ts"])


def _listed(x: Any, n: str, *columns: str) -> Iterable[Any]:
    return zip(*(x[column][: int(x[n])] for column in columns), strict=True)


def _campaign(cell: Any, name_of: NameOf) -> str | None:
    return _known(name_of(int(cell))[0]) if cell else None


def _known(name: str) -> str | None:
    return None if name == NONE else name


def _ms(ts_s: Any) -> int:
    return int(ts_s) * 1000
