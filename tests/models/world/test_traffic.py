"""Simulated users: the truth is known, the process is the world's, and showing creatives never changes what
users want."""

from __future__ import annotations

import numpy as np

from models.item import Item
from models.world.ad_server import ShownCreative
from models.world.traffic import SLOT_SHARES, WORLD_DAY_MS, Act, Traffic, TrafficPlan

NOW_MS = 1_800_000_000_000
ITEMS = [
    Item(f"i{c}-{n}", f"Thing {n}", "https://shop.example", "thing", (f"leaf{c:02d}", "all"))
    for c in range(20)
    for n in range(5)
]
PLAN = TrafficPlan(users=30, history=30, live_positives=30)


def lived(seed: int, show: bool = False, visits: int = 900) -> list[Act]:
    traffic = Traffic(ITEMS, PLAN, np.random.default_rng(seed))
    acts = traffic.history(NOW_MS)
    if show:
        for user in traffic.visitors:
            traffic.ads.show(
                user, "c-1", "native", ShownCreative("cr_1", "c-1", "t-1", "i3-1", "leaf03", "native")
            )
    for number in range(visits):
        acts += traffic.visit(NOW_MS + number)
    return acts


def test_the_same_seed_gives_the_same_life() -> None:
    assert lived(7) == lived(7)
    assert lived(7) != lived(8)


def test_each_shifter_shifts_once_while_live_and_nobody_else_does() -> None:
    shifts = [act for act in lived(1) if act.shift]
    assert len(shifts) == len({act.user for act in shifts}) == round(PLAN.users * PLAN.shifters)
    assert all(act.ts_ms >= NOW_MS and act.positive >= 12 for act in shifts)


def test_the_past_is_in_order_within_its_days_and_in_sessions() -> None:
    past = Traffic(ITEMS, PLAN, np.random.default_rng(2)).history(NOW_MS)
    times = [act.ts_ms for act in past]
    assert times == sorted(times)
    assert NOW_MS - PLAN.days * WORLD_DAY_MS <= times[0] and times[-1] < NOW_MS
    one = [act.ts_ms for act in past if act.user == past[0].user]
    assert max(np.diff(one)) > 45 * 60_000 > min(np.diff(one))


def test_positives_of_a_user_are_numbered_without_gaps() -> None:
    numbers: dict[str, list[int]] = {}
    for act in lived(3):
        if act.positive >= 0:
            assert act.kind in {"click", "cart"}
            numbers.setdefault(act.user, []).append(act.positive)
    assert all(found == list(range(len(found))) for found in numbers.values())


def test_ids_are_unique() -> None:
    ids = [act.id for act in lived(4)]
    assert len(ids) == len(set(ids))


def test_a_shift_changes_what_the_user_wants() -> None:
    """Total variation between before and after is large for shifters, small for halves of a life without a
    shift."""
    before_after: dict[bool, list[float]] = {True: [], False: []}
    acts = [act for act in lived(5, visits=6_000) if act.positive >= 0]
    for user in {act.user for act in acts}:
        own = [act for act in acts if act.user == user]
        at = next((n for n, act in enumerate(own) if act.shift), None)
        split = at if at is not None else len(own) // 2
        shares = [
            np.bincount([int(act.item.category[4:]) for act in half], minlength=20) / len(half)
            for half in (own[:split], own[split:])
        ]
        before_after[at is not None].append(float(np.abs(shares[0] - shares[1]).sum() / 2))
    assert np.median(before_after[True]) > 0.5 > 0.35 > np.median(before_after[False])


def test_a_click_on_a_creative_names_its_impression_and_shows_the_wanted_category() -> None:
    clicks = [
        act for act in lived(6, show=True, visits=3_000) if act.kind == "click" and act.shown is not None
    ]
    assert len(clicks) > 10
    assert all(act.imp_id and act.shown and act.item.item_id == "i3-1" == act.shown.item_id for act in clicks)


def test_what_is_shown_does_not_change_how_often_a_category_is_wanted() -> None:
    def share(show: bool) -> float:
        wanted = [
            act.item.category == "leaf03"
            for seed in range(6)
            for act in lived(seed, show, 2_000)
            if act.positive >= 0
        ]
        return float(np.mean(wanted))

    assert abs(share(True) - share(False)) < 0.03


def test_withdrawn_creatives_are_not_shown() -> None:
    traffic = Traffic(ITEMS, PLAN, np.random.default_rng(1))
    traffic.history(NOW_MS)
    shown = ShownCreative("cr_1", "c-1", "t-1", "i3-1", "leaf03", "native")
    for user in traffic.visitors:
        traffic.ads.show(user, "c-1", "native", shown)
        traffic.ads.show(user, "c-1", "native", None)
    traffic.ads.show("a stranger", "c-1", "native", shown)
    assert all(act.shown is None for n in range(200) for act in traffic.visit(NOW_MS + n))


def with_default(seed: int, visits: int) -> Traffic:
    traffic = Traffic(ITEMS, PLAN, np.random.default_rng(seed))
    traffic.history(NOW_MS)
    for slot in SLOT_SHARES:
        shown = ShownCreative(f"cr_{slot}", "c-1", "t-1", "i3-1", "leaf03", slot, "template.t-1")
        traffic.ads.show_all("c-1", slot, shown)
    for number in range(visits):
        traffic.visit(NOW_MS + number)
    return traffic


def test_users_see_their_own_creative_of_a_campaign_in_its_turn_and_else_what_everyone_sees() -> None:
    traffic = with_default(3, 10)
    user, visitor = next(iter(traffic.visitors.items()))
    own = ShownCreative("cr_own", "c-1", "t-2", "i3-1", "leaf03", visitor.slot)
    traffic.ads.show(user, "c-1", visitor.slot, own)

    def seen() -> set[tuple[bool, str | None]]:
        acts = [act for number in range(200) for act in traffic.visit(NOW_MS + number)]
        shown = [(act.user == user, act.shown) for act in acts if act.kind == "impression"]
        return {(mine, each.creative_id if each else None) for mine, each in shown}

    before = seen()
    assert {creative for mine, creative in before if mine} == {"cr_own"}
    assert {creative for mine, creative in before if not mine} <= {f"cr_{slot}" for slot in SLOT_SHARES}
    for slot in SLOT_SHARES:
        traffic.ads.show_all("c-1", slot, None)
    assert seen() == {(True, "cr_own"), (False, None)}


def test_the_truth_of_an_arm_is_what_its_impressions_were_worth() -> None:
    worth = with_default(4, 20_000).attraction["c-1", "template.t-1"]
    assert worth.impressions == 20_000
    spread = np.sqrt(worth.expected_clicks)
    assert abs(worth.clicks - worth.expected_clicks) < 4 * spread
    assert worth.expected_clicks > 30


def test_users_click_unequally_and_take_their_time() -> None:
    traffic = Traffic(ITEMS, TrafficPlan(users=400), np.random.default_rng(5))
    eager = np.array([visitor.eagerness for visitor in traffic.visitors.values()])
    assert abs(eager.mean() - 1) < 0.1
    assert np.quantile(eager, 0.9) > 3 * np.quantile(eager, 0.1)
    acts = lived(6, show=True, visits=3_000)
    shown_ms = {act.id: act.ts_ms for act in acts if act.kind == "impression"}
    waits = [act.ts_ms - shown_ms[act.imp_id] for act in acts if act.kind == "click" and act.imp_id]
    assert np.median(waits) > 100
    assert min(waits) >= 1


def test_users_of_a_market_want_what_is_sold_in_their_language() -> None:
    sold = {"de": {each.item_id for each in ITEMS[:25]}, "en": {each.item_id for each in ITEMS[25:]}}
    traffic = Traffic(ITEMS, TrafficPlan(users=80), np.random.default_rng(4), sold)
    acts = traffic.history(NOW_MS) + [each for n in range(900) for each in traffic.visit(NOW_MS + n)]
    assert all(act.item.item_id in sold[act.language] for act in acts)
    german = sum(each.market.language == "de" for each in traffic.visitors.values())
    assert 10 <= german <= 32  # a quarter of what is sold


def test_with_one_language_users_live_as_without_any() -> None:
    def life(sold: dict[str, set[str]] | None) -> list[str]:
        traffic = Traffic(ITEMS, PLAN, np.random.default_rng(6), sold)
        return [act.item.item_id for act in traffic.history(NOW_MS)]

    assert life({"de": {each.item_id for each in ITEMS}}) == life(None)
