"""Frequency caps of campaigns over two linked users: the impressions of one, as the other may count them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

from models.earned.caps import UNSURE

_CAMPAIGNS: Final = 1 << 28
"""Keys of campaigns are below, those of creatives above: nobody else is shown these."""


class CampaignCount(Protocol):
    """Impressions of one capped campaign; times in s."""

    @property
    def key(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def times(self) -> Sequence[int]: ...
    @property
    def short(self) -> bool: ...


class CountInRow(NamedTuple):
    """A CampaignCount as row x holds it."""

    key: int
    total: int
    times: list[int]
    short: bool


def campaign_counts(x: Any) -> list[CountInRow]:
    """What row x counts of campaigns, by key."""
    at, ts = (x[name][: int(x["n_cap_ts"])] for name in ("cap_at", "cap_ts"))
    return [
        CountInRow(
            int(x["cap_key"][k]), int(x["cap_total"][k]), ts[at == k].tolist(), bool(x["cap_short"][k])
        )
        for k in range(int(x["n_caps"]))
        if x["cap_key"][k] < _CAMPAIGNS
    ]


def shown_to_partner(
    counts: Sequence[CampaignCount], missed: int, missed_s: int, key: int, ts_s: int, per_s: int
) -> int:
    """Impressions of a campaign in the last `per_s` seconds before ts (0 = ever) that the partner says were
    shown there; as models.earned.caps.shown_count says it of the own ones."""
    recent = ts_s - per_s < missed_s
    found = next((each for each in counts if each.key == key), None)
    if found is None:
        return UNSURE if missed >> (key & 63) & 1 and (recent or per_s == 0) else 0
    if per_s == 0:
        return found.total
    if found.short and recent:
        return UNSURE
    return sum(each > ts_s - per_s for each in found.times)
