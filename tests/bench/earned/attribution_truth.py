"""What row x must arrive at, computed in one go over a user's whole log, from the rules in words and by
nothing of the product:

- An impression is of the campaign it names, or of that of its creative once that is published; else nobody's.
- A click is of its impression's campaign if the two are at most a day apart, else of its creative's.
- A click counts if there is an exposure for it, the impression it names or the last of its creative before
  it, at most a day apart, and if it is the first on that exposure. Else it is invalid.
- A conversion goes to the impression or click it names and to nothing else; else to the latest click before
  it that counts, within the click window of that click's campaign; else to the latest view within its view
  window. A click that repeats another earns what names it.
- A return goes where the sale of its order went; without such an order it is nobody's.
- A cap of n per time counts the impressions of its campaign, or creative, in that time before now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.earned.attribution_log import CAMPAIGNS, DAY_S, CapRule, Happened

CLICK_S: Final = 7 * DAY_S
VIEW_S: Final = DAY_S
NOBODY: Final = -1


@dataclass
class Truth:
    """By campaign (NOBODY = none): clicks that count, those that do not, conversions, money."""

    clicks: Counter[int]
    invalid: Counter[int]
    conversions: Counter[int]
    money: Counter[int]


def truth_of(log: Sequence[Happened]) -> Truth:
    """Of one user, whose records may stand in any order."""
    campaign_of = {each.creative: each.campaign for each in log if each.kind == "publish"}
    shown = {each.id: each for each in log if each.kind == "impression"}
    viewed = {each.id: campaign_of.get(each.creative, each.campaign) for each in shown.values()}
    clicked: dict[int, tuple[int, int]] = {}  # id -> ts, campaign
    named: dict[int, int] = {}  # id -> campaign, of those that repeat another too
    first: set[int] = set()  # exposures that were clicked
    truth = Truth(Counter(), Counter(), Counter(), Counter())
    for each in sorted((e for e in log if e.kind == "click"), key=lambda click: click.ts):
        near = each.imp in shown and abs(shown[each.imp].ts - each.ts) <= DAY_S
        campaign = viewed[each.imp] if near else campaign_of.get(each.creative)
        exposure = _exposure(each, shown)
        counts = exposure is not None and exposure not in first
        (truth.clicks if counts else truth.invalid)[NOBODY if campaign is None else campaign] += 1
        if exposure is not None:
            first.add(exposure)
        if campaign is not None and exposure is not None:
            named[each.id] = campaign
            if counts:
                clicked[each.id] = each.ts, campaign
    views = [(shown[id].ts, campaign) for id, campaign in viewed.items() if campaign is not None]
    sold: dict[int, int] = {}
    conversions = [each for each in log if each.kind == "conversion"]
    for each in (e for e in conversions if e.value >= 0):
        if each.imp:
            campaign = viewed.get(each.imp)
        elif each.click:
            campaign = named.get(each.click)
        else:
            campaign = _latest(each.ts, list(clicked.values()), views)
        sold[each.order] = NOBODY if campaign is None else campaign
        truth.conversions[sold[each.order]] += 1
        truth.money[sold[each.order]] += each.value
    for each in (e for e in conversions if e.value < 0):
        campaign = sold.get(each.order, NOBODY)
        truth.conversions[campaign] += 1
        truth.money[campaign] += each.value
    return truth


def _exposure(click: Happened, shown: dict[int, Happened]) -> int | None:
    """The impression of ours that a click belongs to."""
    if click.imp:
        near = click.imp in shown and abs(shown[click.imp].ts - click.ts) <= DAY_S
        ours = near and (shown[click.imp].creative or shown[click.imp].campaign is not None)
        return click.imp if ours else None
    same = [each for each in shown.values() if click.creative and each.creative == click.creative]
    before = [each for each in same if 0 <= click.ts - each.ts <= DAY_S]
    return max(before, key=lambda each: each.ts).id if before else None


def _latest(ts: int, clicks: Sequence[tuple[int, int]], views: Sequence[tuple[int, int]]) -> int | None:
    """Campaign of the latest click that still earns, else of the latest such view."""
    for touches, usual_s, own in (
        (clicks, CLICK_S, [each.click_s for each in CAMPAIGNS]),
        (views, VIEW_S, [each.view_s for each in CAMPAIGNS]),
    ):
        earning = []
        for at, campaign in touches:
            window_s = usual_s if own[campaign] is None else own[campaign]
            if window_s and 0 <= ts - at <= window_s:
                earning.append((at, campaign))
        if earning:
            return max(earning)[1]
    return None


def counted(log: Sequence[Happened], now: int, campaign: int, creative: int, cap: CapRule) -> int:
    """Impressions that count towards a cap of a campaign at `now`, as if all creatives had been known."""
    campaign_of = {each.creative: each.campaign for each in log if each.kind == "publish"}
    times = [
        each.ts
        for each in log
        if each.kind == "impression"
        and campaign_of.get(each.creative, each.campaign) == campaign
        and (not cap.creative or each.creative == creative)
    ]
    return sum(cap.per_s is None or at > now - cap.per_s for at in times)
