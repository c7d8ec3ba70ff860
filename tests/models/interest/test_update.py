"""One pass over a batch: the same bytes however the events are cut, and each rule by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.arrays import Rows
from models.choice.served import (
    is_bot,
    served_vector,
    staleness,
    suppressed_codes,
    tier,
    top_codes,
    top_items,
)
from models.event.layout import CONSENT_KNOWN, FROM_BOT, EventKind, EventSource, Purpose, Status, empty_events
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import (
    FIRST_TRIGGER,
    HAS_CREATIVE,
    NO_CODE,
    PROFILE,
    SHIFT_TRIGGER,
    CatalogArrays,
    empty_profiles,
)
from models.interest.update import update_profiles
from models.row import PROFILE_VERSION
from tests.models.streams_of_events import BEGIN_MS, DAY_MS, random_events, small_catalog

EAGER = DetectorSettings(threshold=4.0)
BOTH = int(Purpose.PROFILE | Purpose.PERSONALISE)
MINUTE_MS = 60_000


def digest() -> str:
    """What the kernels make of 600 random events; the same with and without compilation."""
    rows = empty_profiles(5)
    updates = update_profiles(rows, random_events(600, 5), small_catalog(), EAGER)
    assert len(updates.fires) >= 8
    return sha256(rows.tobytes() + updates.fires.tobytes() + updates.snapshots.tobytes()).hexdigest()


def clicks(items: list[int], gap_ms: int = 3_600_000, kind: EventKind = EventKind.CLICK) -> Rows:
    """Events of user 0, one after the other."""
    events = empty_events(len(items))
    events["kind"], events["item"], events["purposes"], events["source"] = (
        kind,
        items,
        BOTH,
        EventSource.CLICK,
    )
    events["ts"] = BEGIN_MS + gap_ms * np.arange(len(items))
    events["offset"] = np.arange(len(items))
    return events


def after(events: Rows, catalog: CatalogArrays | None = None, knobs: DetectorSettings = EAGER) -> Rows:
    rows = empty_profiles(1)
    update_profiles(rows, events, catalog or small_catalog(), knobs)
    return rows


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 399), max_size=12), st.integers(0, 3))
def test_any_split_into_batches_gives_the_same_bytes(cuts: list[int], seed: int) -> None:
    events, catalog = random_events(400, seed=seed), small_catalog()
    whole = empty_profiles(8)
    expected = update_profiles(whole, events, catalog, EAGER)
    parts = empty_profiles(8)
    fires, snapshots = [], []
    edges = sorted({0, 400, *cuts})
    for a, b in pairwise(edges):
        updates = update_profiles(parts, events[a:b].copy(), catalog, EAGER)
        updates.fires["event"] += a
        fires.append(updates.fires)
        snapshots.append(updates.snapshots)
        parts = np.frombuffer(bytearray(parts.tobytes()), PROFILE)
    assert parts.tobytes() == whole.tobytes()
    assert np.concatenate(fires).tobytes() == expected.fires.tobytes()
    assert np.concatenate(snapshots).tobytes() == expected.snapshots.tobytes()


def test_compiled_equals_plain_python() -> None:
    program = "from tests.models.interest.test_update import digest; print(digest())"
    root = Path(__file__).parents[3]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(root)}
    plain = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    assert plain.stdout.strip() == digest()


def test_learning_events_in_any_order_give_the_same_vectors_and_counters() -> None:
    catalog = small_catalog()
    rng = np.random.default_rng(2)
    events = clicks(rng.integers(0, 200, 60).tolist(), gap_ms=20 * MINUTE_MS)
    calm = DetectorSettings(threshold=1e9)
    row = after(events, catalog, calm)[0]
    for seed in range(5):
        other = after(events[np.random.default_rng(seed).permutation(60)], catalog, calm)[0]
        for name in ("long", "short"):
            a, b = (r[name].view(np.float16).astype(float) for r in (row, other))
            np.testing.assert_allclose(a, b, atol=2e-3)
            assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) > 0.9999
        np.testing.assert_allclose(other["freq"], row["freq"], rtol=1e-5)
        np.testing.assert_allclose(
            [other["m_long"], other["m_short"]], [row["m_long"], row["m_short"]], rtol=1e-5
        )
        assert other["n_pos"] == row["n_pos"] == 60


def test_a_row_knows_the_items_of_its_newest_positives_and_a_shift_starts_both_vectors_anew() -> None:
    catalog = small_catalog()
    row = after(clicks(list(range(10))), catalog, DetectorSettings(threshold=1e9))[0]
    assert row["newest"].tolist() == [*catalog.item_keys[9::-1].tolist(), *[0] * 14]
    old, new = np.flatnonzero(catalog.codes == 0)[0], np.flatnonzero(catalog.codes == 1)[0]
    shifted = after(clicks([old] * 12 + [new] * 12), catalog)[0]
    assert shifted["n_trig"] == 2
    for name in ("long", "short"):
        vector = shifted[name].view(np.float16).astype(float)
        assert vector @ catalog.vectors[new] > 2 * vector @ catalog.vectors[old], name
    assert shifted["m_long"] < 13


def test_forward_decay_by_hand() -> None:
    catalog = small_catalog()
    events = clicks([3, 4], gap_ms=2 * DAY_MS)  # one half-life of the short vector
    row = after(events, catalog)[0]
    assert row["m_short"] == pytest.approx(1.5)
    assert row["m_long"] == pytest.approx(1 + 2 ** (-2 / 30))
    expected = (0.5 * catalog.vectors[3] + catalog.vectors[4]) / 1.5
    np.testing.assert_allclose(row["short"].view(np.float16), expected, atol=1e-3)


def test_weights_of_the_kinds() -> None:
    masses = {}
    for kind in (
        EventKind.IMPRESSION,
        EventKind.CLICK,
        EventKind.CART,
        EventKind.CONVERSION,
        EventKind.LIKE,
        EventKind.DWELL,
        EventKind.PAGE,
        EventKind.PRODUCT,
        EventKind.SEARCH,
        EventKind.VIDEO,
        EventKind.COMMENT,
    ):
        events = clicks([3], kind=kind)
        events["dwell_ms"] = 30_000 if kind in (EventKind.DWELL, EventKind.VIDEO) else 0
        masses[kind] = float(after(events)[0]["m_long"])
    assert masses == pytest.approx({
        EventKind.IMPRESSION: 0, EventKind.CLICK: 1, EventKind.CART: 3, EventKind.CONVERSION: 5,
        EventKind.LIKE: 1, EventKind.DWELL: 0.5,
        EventKind.PAGE: 0.1, EventKind.PRODUCT: 0.25, EventKind.SEARCH: 2, EventKind.VIDEO: 0.5,
        EventKind.COMMENT: 0.5,
    })  # fmt: skip
    for kind in (EventKind.DWELL, EventKind.VIDEO):
        short = clicks([3], kind=kind)
        short["dwell_ms"] = 29_999
        assert after(short)[0]["m_long"] == 0, "looked away before half a minute"


@pytest.mark.parametrize(
    ("kind", "short", "unknown", "long"), [(EventKind.PAGE, 0, 0.1, 0.25), (EventKind.PRODUCT, 0, 0.25, 0.5)]
)
def test_who_stays_tells_more_and_who_leaves_at_once_nothing(
    kind: EventKind, short: float, unknown: float, long: float
) -> None:
    told = {0: unknown, 1_999: short, 2_000: unknown, 29_999: unknown, 30_000: long}
    for dwell_ms, mass in told.items():
        seen = clicks([3], kind=kind)
        seen["dwell_ms"] = dwell_ms
        assert after(seen)[0]["m_long"] == pytest.approx(mass), dwell_ms


def test_a_click_on_a_category_teaches_it_though_no_item_is_known() -> None:
    catalog = small_catalog()
    said = clicks([-1])
    said["code"] = 2
    row = after(said)[0]
    assert row["n_pos"] == 1 and row["m_long"] == 1 and row["hist_mass"] == pytest.approx(1, abs=0.01)
    assert row["long"].view(np.float16) @ catalog.centroids[2] > 0.9


@pytest.mark.parametrize(("kind", "mass"), [(EventKind.COMPLETED, 0.5), (EventKind.THIRD_QUARTILE, 0)])
def test_a_clip_seen_to_the_end_is_watched_whatever_its_seconds(kind: EventKind, mass: float) -> None:
    assert after(clicks([3], kind=kind))[0]["m_long"] == mass
    long = clicks([3], kind=kind)
    long["dwell_ms"] = 30_000
    assert after(long)[0]["m_long"] == 0.5


def test_views_alone_bring_the_first_creative_and_never_another() -> None:
    catalog = small_catalog()
    old, new = (int(np.flatnonzero(catalog.codes == code)[0]) for code in (0, 1))
    seen = clicks([old] * 31 + [new] * 60, kind=EventKind.PRODUCT, gap_ms=MINUTE_MS)
    fires = update_profiles(empty_profiles(1), seen, catalog, EAGER).fires
    assert fires["kind"].tolist() == [FIRST_TRIGGER] and EAGER.warm_up * 4 - 2 <= fires["event"][0] + 1
    assert fires["gained"][0, 0] == 0


def test_hide_takes_the_code_out_and_hides_it_for_thirty_days() -> None:
    events = clicks([3, 3, 3, 3, 4], gap_ms=MINUTE_MS)
    events["kind"][4] = EventKind.HIDE
    events["item"][4] = 3
    row = after(events)[0]
    assert row["hist"][3] == 0 and row["hist_mass"] == 0 and not row["ring_weight"].any()
    assert row["m_long"] == pytest.approx(2, rel=1e-3)
    now = int(events["ts"][4])
    assert suppressed_codes(row, now) == {3} and suppressed_codes(row, now + 31 * DAY_MS) == set()
    assert row["n_hide"] == 1 and row["n_pos"] == 4
    once = clicks([3, 3])
    once["kind"][1] = EventKind.HIDE
    assert after(once)[0]["m_long"] == 0  # floored


def test_late_events_change_counters_only() -> None:
    events = clicks([3, 4])
    events["ts"][1] = events["ts"][0] - DAY_MS - 1
    row, alone = after(events)[0], after(events[:1])[0]
    assert row["n_pos"] == 2 and row["n_click"] == 2
    for name in ("long", "short", "hist", "ring", "m_long", "freq", "top_item", "t_ref"):
        assert np.array_equal(row[name], alone[name]), name


def test_a_positive_of_an_earlier_session_enters_history_but_not_ring() -> None:
    events = clicks([3, 4])
    events["ts"][1] = events["ts"][0] - 3_600_000
    row = after(events)[0]
    assert row["hist_mass"] == pytest.approx(2, rel=1e-2)
    assert row["n_seen"] == 1 and row["ring"][-1] == 3


def test_buying_what_was_clicked_is_no_second_vote_for_the_detector() -> None:
    bought = clicks([3, 3], gap_ms=MINUTE_MS)
    bought["kind"][1] = EventKind.CONVERSION
    assert after(bought)[0]["n_seen"] == 1
    later = clicks([3, 3], gap_ms=2 * 3_600_000)
    later["kind"][1] = EventKind.CONVERSION
    assert after(later)[0]["n_seen"] == 2


def test_first_creative_then_a_shift_then_the_way_back() -> None:
    catalog = small_catalog()
    events = clicks([0] * 40 + [7] * 25 + [0] * 25)
    rows = empty_profiles(1)
    updates = update_profiles(rows, events, catalog, DetectorSettings())
    assert updates.fires["kind"].tolist() == [FIRST_TRIGGER, SHIFT_TRIGGER, SHIFT_TRIGGER]
    first, shift, back = updates.fires
    assert first["event"] == 7 and first["gained"][0] == 0 and first["regime"] == 1
    assert 40 < shift["event"] < 60 and shift["gained"][0] == 7 and shift["lost"][0] == 0
    assert shift["returning"] == -1 and (shift["left"], shift["regime"]) == (1, 2)
    assert back["returning"] == shift["filed"] == back["filed"]
    assert (back["left"], back["regime"]) == (2, 1) == (back["left"], rows[0]["regime"])
    moved = updates.snapshots[1]
    served = served_vector(moved, np.zeros(64, np.float32), int(events["ts"][shift["event"]]))
    assert served @ catalog.centroids[7] > 0.85 > 0.6 > served @ catalog.centroids[0]
    assert staleness(moved, served) < 0.15
    assert top_codes(moved, int(moved["t_seen"]))[0][0] == 7
    assert updates.changed.tolist() == [True] and not updates.cleared.any()


def test_no_trigger_without_personalise_and_no_row_without_profile() -> None:
    events = clicks([0] * 20)
    events["purposes"] = Purpose.PROFILE
    rows = empty_profiles(1)
    assert len(update_profiles(rows, events, small_catalog(), EAGER).fires) == 0
    assert rows[0]["n_seen"] == 20 and not rows[0]["head"]["flags"] & HAS_CREATIVE
    events["purposes"] = Purpose.MEASURE
    rows = empty_profiles(1)
    updates = update_profiles(rows, events, small_catalog(), EAGER)
    assert not updates.changed.any() and rows.tobytes() == bytes(PROFILE.itemsize)


@pytest.mark.parametrize("kind", [EventKind.CONSENT, EventKind.ERASE, EventKind.RESTRICT, EventKind.CLICK])
def test_withdrawal_clears_the_row(kind: EventKind) -> None:
    events = clicks([0] * 5)
    events["kind"][4], events["purposes"][4] = kind, Purpose.MEASURE
    events["consent"][4] = CONSENT_KNOWN if kind == EventKind.CLICK else 0
    rows = empty_profiles(1)
    updates = update_profiles(rows, events, small_catalog(), EAGER)
    assert rows.tobytes() == bytes(PROFILE.itemsize)
    assert updates.cleared.all() and updates.changed.all()


def test_only_applied_events_count_and_advance_the_fence() -> None:
    events = clicks([0] * 5)
    events["status"] = [Status.APPLIED, Status.REPLAYED, Status.DUPLICATE, Status.DENIED, Status.LATE]
    row = after(events)[0]
    assert row["n_pos"] == 1
    assert row["head"]["version"] == PROFILE_VERSION and row["head"]["fence"].tolist() == [
        -1,
        0,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
    ]


def test_bot_rests_detector_but_not_counters_and_recovers_after_an_hour() -> None:
    events = clicks([i % 7 for i in range(200)], gap_ms=200)  # 300 a minute
    row = after(events)[0]
    now = int(events["ts"][-1])
    assert is_bot(row, now) and not is_bot(row, now + 61 * MINUTE_MS)
    assert row["n_pos"] == row["n_click"] == 200 and row["m_long"] == pytest.approx(200, rel=1e-3)
    assert row["n_seen"] < 70
    calm = clicks([i % 7 for i in range(201)], gap_ms=200)
    calm["ts"][200] += 2 * 3_600_000
    assert after(calm)[0]["n_seen"] == row["n_seen"] + 1


def test_sixty_clicks_in_a_minute_are_a_bot_and_an_order_of_many_lines_is_none() -> None:
    lines = clicks([i % 7 for i in range(70)], gap_ms=0)
    now = int(lines["ts"][-1])
    assert is_bot(after(lines[:60])[0], now) and not is_bot(after(lines[:59])[0], now)
    lines["kind"], lines["source"] = EventKind.CONVERSION, EventSource.CONVERSION
    assert is_bot(after(lines)[0], now), "sales that name no order are counted"
    lines["order"] = 7
    row = after(lines)[0]
    assert not is_bot(row, now) and row["n_seen"] == 70
    clicked = clicks([0] * 59, gap_ms=0)
    assert not is_bot(after(np.concatenate([clicked, lines[:1]]))[0], now)


def test_more_impressions_in_a_minute_than_anybody_sees_are_a_bots_without_a_click() -> None:
    seen = clicks([0] * 300, gap_ms=199, kind=EventKind.IMPRESSION)
    seen["ts"] += -seen["ts"][0] % MINUTE_MS
    now = int(seen["ts"][-1])
    assert not is_bot(after(seen[:299])[0], now) and is_bot(after(seen)[0], now)
    rows = empty_profiles(1)
    events = np.concatenate([seen, clicks([0])])
    events["ts"][300] = now + 1
    update_profiles(rows, events, small_catalog(), EAGER)
    assert np.flatnonzero(events["purposes"] & FROM_BOT).tolist() == [299, 300]
    calm = clicks([0] * 600, gap_ms=400, kind=EventKind.IMPRESSION)  # 150 a minute
    assert not is_bot(after(calm)[0], int(calm["ts"][-1]))


def test_a_hot_user_among_others_leaves_them_as_they_were() -> None:
    rng = np.random.default_rng(4)
    hot, other = clicks([1] * 300, gap_ms=5_000), clicks([2, 3, 4, 5])
    other["user"] = 1
    mixed = np.concatenate([hot, other])
    order = np.sort(rng.permutation(304)[:4])
    place = np.delete(np.arange(304), order)
    events = np.empty_like(mixed)
    events[place], events[order] = hot, other
    rows = empty_profiles(2)
    update_profiles(rows, events, small_catalog(), EAGER)
    other["user"] = 0
    assert rows[1].tobytes() == after(other)[0].tobytes()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, 100.0])
def test_unusable_vectors_never_reach_a_profile(bad: float) -> None:
    catalog = small_catalog()
    catalog.vectors[3] = bad
    row = after(clicks([3, 4]), catalog)[0]
    assert np.isfinite(row["long"].view(np.float16)).all()
    assert row["m_long"] == 1 and row["n_pos"] == 2 and row["n_seen"] == 2


def test_a_return_after_months_is_no_shift_by_itself() -> None:
    events = clicks([0] * 30)
    events["ts"][20:] += 200 * DAY_MS
    updates = update_profiles(empty_profiles(1), events, small_catalog(), DetectorSettings())
    assert updates.fires["kind"].tolist() == [FIRST_TRIGGER]


def test_top_items_price_tier_and_context() -> None:
    events = clicks([3, 4, 4])
    events["hour"], events["weekday"], events["device"], events["geo"] = 23, 6, 4, 9
    events["price_z"] = 1.5
    row = after(events)[0]
    now = int(events["ts"][-1])
    assert [key for key, _ in top_items(row, now)] == [5, 4]  # item keys count from 1
    assert top_items(row, now)[0][1] == pytest.approx(2, rel=0.01)
    assert tier(row) == 5
    assert row["hours"][23] == row["weekdays"][6] == row["devices"][3] == 3 and row["place"] == 9
    assert row["prev"] != NO_CODE


def test_a_user_may_trigger_by_a_threshold_of_another() -> None:
    events = random_events(2_000, 5)
    eager = update_profiles(empty_profiles(5), events.copy(), small_catalog(), EAGER).fires
    calm = EAGER._replace(threshold=1e9)
    thresholds = np.where(events["user"] < 2, EAGER.threshold, calm.threshold)
    mixed = update_profiles(empty_profiles(5), events.copy(), small_catalog(), calm, thresholds).fires
    shifts = [set(fires["user"][fires["kind"] == SHIFT_TRIGGER].tolist()) for fires in (eager, mixed)]
    assert shifts[0] == {0, 1, 2, 3, 4}
    assert shifts[1] == {0, 1}
