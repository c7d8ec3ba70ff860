"""What must be told of each exposure, computed in one go over a user's whole log, from the rules in words and
by nothing of the product.

- A click or reaction belongs to the impression it names, a day apart at most, else to the last of its
  creative before it.
- Of the clicks on an exposure that do not come too soon, the earliest counts.
- A conversion belongs to the exposure it names or whose click it names; else to that of the latest click
  that counts and still earns; else to the latest exposure whose view still earns. A return follows its
  order's sale.
- All of that counts until the click window of the exposure's campaign closes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

DAY_MS: Final = 86_400_000
BEGIN_MS: Final = 1_790_000_000_000
TOO_FAST_MS: Final = 300
CLICK_MS: Final = {"a": 3_600_000, "b": 6 * 3_600_000}
VIEW_MS: Final = {"a": 600_000, "b": 2 * 3_600_000}
CREATIVES: Final = {11: "a", 12: "b", 13: "a", 14: "b"}
"""Campaigns; the last two are the user's own, whose records may come late."""
OWN: Final = (13, 14)
FOREIGN: Final = 99


@dataclass(frozen=True)
class Happened:
    """One record. Ids are numbers, 0 = none."""

    kind: str  # impression | view | click | like | hide | conversion | publish
    ts: int
    id: int = 0
    imp: int = 0
    click: int = 0
    creative: int = 0
    order: int = 0
    value: int = 0
    currency: int = 0

    @property
    def topic(self) -> str:
        return {"view": "impression", "like": "behavior", "hide": "behavior"}.get(self.kind, self.kind)


@dataclass
class Told:
    """What is known of one exposure in the end."""

    ts: int
    creative: int
    viewed: bool = False
    click_after_s: int = -1
    invalid_clicks: int = 0
    liked: bool = False
    hidden: bool = False
    sales: int = 0
    value: Counter[int] = field(default_factory=Counter)


def life(rng: random.Random, impressions: int, acts: int, sales: int) -> list[Happened]:
    """Records of one user in order of time, no two in one second."""
    times = iter(_times(rng, 3 * impressions + 2 * (acts + sales) + len(OWN) + 10))
    log: list[Happened] = []
    for own in OWN:
        log.append(Happened("publish", next(times), creative=own))
    plan = ["impression"] * impressions + ["act"] * acts + ["sale"] * sales
    rng.shuffle(plan)
    shown: list[Happened] = []
    clicks: list[Happened] = []
    for n, what in enumerate(["impression", *plan], 1):
        ts = next(times)
        near = shown[-4:]
        if what == "impression":
            creative = rng.choice([*CREATIVES, FOREIGN])
            shown.append(Happened("impression", ts, n, n, creative=creative))
            log.append(shown[-1])
            if rng.random() < 0.4:
                log.append(Happened("view", next(times), n, n, creative=creative))
        elif what == "act":
            of = rng.choice(near)
            kind = rng.choice(["click"] * 4 + ["like", "hide"])
            imp = of.id if kind == "click" and rng.random() < 0.7 else 0
            at = of.ts + rng.choice((50, 250, 299)) if rng.random() < 0.15 else ts
            made = Happened(kind, at, 1_000 + n, imp, creative=of.creative)
            log.append(made)
            clicks += [made] if kind == "click" else []
        else:
            log += _sale(rng, ts, n, near, clicks[-2:], next(times))
    return sorted(log, key=lambda each: each.ts)


def _times(rng: random.Random, n: int) -> list[int]:
    seconds, at = [], BEGIN_MS // 1000
    for _ in range(n):
        at += 2 + int(rng.expovariate(1 / 900))
        seconds.append(at)
    return [each * 1000 + rng.randrange(1_000) for each in seconds]


def _sale(
    rng: random.Random, ts: int, n: int, near: Sequence[Happened], clicks: Sequence[Happened], later: int
) -> list[Happened]:
    named = {}
    if rng.random() < 0.2:
        named = {"imp": rng.choice(near).id}
    elif clicks and rng.random() < 0.3:
        named = {"click": rng.choice(clicks).id}
    made = Happened(
        "conversion",
        ts,
        2_000 + n,
        order=n,
        value=rng.randrange(1, 900),
        currency=rng.choice((1, 2)),
        **named,
    )
    if rng.random() < 0.2:
        return [made, Happened("conversion", later, 3_000 + n, order=n, value=-1, currency=made.currency)]
    return [made]


def truth_of(log: Sequence[Happened]) -> dict[int, Told]:
    """By impression id, of creatives that are ours."""
    shown = {each.id: each for each in log if each.kind == "impression"}
    told = {id: Told(each.ts, each.creative) for id, each in shown.items() if each.creative in CREATIVES}
    for each in (e for e in log if e.kind == "view" and e.id in told):
        told[each.id].viewed = True
    counted = _count_acts(log, shown, told)
    place_of_order: dict[int, int] = {}
    for each in (e for e in log if e.kind == "conversion"):
        place = _credited(each, shown, log, counted, place_of_order)
        if each.value > 0 and place is not None:
            place_of_order[each.order] = place
        if place in told and _within(each, shown[place]):
            told[place].sales += 1
            told[place].value[each.currency] += each.value
    return told


def place_of(act: Happened, shown: dict[int, Happened]) -> int | None:
    """The exposure of a click or reaction."""
    if act.imp:
        named = shown.get(act.imp)
        return act.imp if named and abs(named.ts // 1000 - act.ts // 1000) * 1000 <= DAY_MS else None
    before = [e for e in shown.values() if e.creative == act.creative and 0 <= act.ts - e.ts <= DAY_MS]
    return max(before, key=lambda e: e.ts).id if before else None


def _within(each: Happened, exposure: Happened) -> bool:
    window_s = CLICK_MS[CREATIVES[exposure.creative]] // 1000
    return each.ts // 1000 <= exposure.ts // 1000 + window_s


def _count_acts(
    log: Sequence[Happened], shown: dict[int, Happened], told: dict[int, Told]
) -> dict[int, Happened]:
    """Tells acts; returns the click that counts by exposure."""
    counted: dict[int, Happened] = {}
    for act in (e for e in log if e.kind in ("click", "like", "hide")):
        place = place_of(act, shown)
        if place is None:
            continue
        counts = not 0 <= act.ts - shown[place].ts < TOO_FAST_MS and place not in counted
        if act.kind == "click" and counts:
            counted[place] = act
        if place not in told or not _within(act, shown[place]):
            continue
        if act.kind == "like":
            told[place].liked = True
        elif act.kind == "hide":
            told[place].hidden = True
        elif counts:
            told[place].click_after_s = act.ts // 1000 - shown[place].ts // 1000
        else:
            told[place].invalid_clicks += 1
    return counted


def _credited(
    sale: Happened,
    shown: dict[int, Happened],
    log: Sequence[Happened],
    counted: dict[int, Happened],
    place_of_order: dict[int, int],
) -> int | None:
    if sale.value < 0:
        return place_of_order.get(sale.order)
    ours = {id: each for id, each in shown.items() if each.creative in CREATIVES}
    if sale.imp:
        return sale.imp if sale.imp in ours else None
    if sale.click:
        click = next(e for e in log if e.id == sale.click)
        place = place_of(click, shown)
        fit = place is not None and not 0 <= click.ts - shown[place].ts < TOO_FAST_MS
        return place if fit and place in ours else None
    for touches, window_ms in (
        ([(click.ts, place) for place, click in counted.items() if place in ours], CLICK_MS),
        ([(each.ts, id) for id, each in ours.items()], VIEW_MS),
    ):
        earning = [
            (ts, place)
            for ts, place in touches
            if 0 <= sale.ts // 1000 - ts // 1000 <= window_ms[CREATIVES[ours[place].creative]] // 1000
        ]
        if earning:
            return max(earning)[1]
    return None
