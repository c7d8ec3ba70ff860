"""What a profile row tells others: the price tier somebody chooses from, and what was hidden."""

from __future__ import annotations

import numpy as np
import pytest

from models.choice.served import (
    PRIOR_MASS,
    describe,
    is_bot,
    nearest_segment,
    served_vector,
    staleness,
    suppressed_codes,
    tier,
    top_codes,
    top_items,
)
from models.interest.decay import DAY, LONG, SHORT_HALF_LIFE
from models.interest.profile import empty_profiles
from models.interest.taste import TOP_HALF_LIFE
from tests.models.small_catalogue import catalogue, items

NOW_MS = 20_000 * DAY


@pytest.mark.parametrize(
    ("price_z", "expected"), [(-2.0, 1), (-0.5, 2), (0.0, 3), (0.5, 4), (2.0, 5), (-1.0, 2), (1.0, 5)]
)
def test_a_tier_follows_the_prices_somebody_chooses(price_z: float, expected: int) -> None:
    row = empty_profiles(1)[0]
    assert tier(row) == 0, "nothing chosen yet"
    row["n_price"], row["price_mean"] = 3, np.float16(price_z).view(np.uint16)
    assert tier(row) == expected


def test_a_hidden_code_is_left_out_for_thirty_days() -> None:
    row = empty_profiles(1)[0]
    row["hist"] = np.array([4, 2, 1] + [0] * 61, np.float16).view(np.uint16)
    row["suppressed"][0], row["suppressed_until"][0] = 0, NOW_MS // DAY + 30
    assert suppressed_codes(row, NOW_MS) == {0}
    codes, shares = zip(*top_codes(row, NOW_MS), strict=True)
    assert codes == (1, 2) and shares == pytest.approx((2 / 3, 1 / 3))
    later = NOW_MS + 30 * DAY
    assert suppressed_codes(row, later) == set()
    assert [code for code, _ in top_codes(row, later)] == [0, 1, 2]


def halves(*numbers: float) -> np.ndarray:
    """A vector (64,) that begins with these numbers, as rows hold it."""
    return np.array([*numbers, *[0.0] * (64 - len(numbers))], np.float16).view(np.uint16)


def test_the_served_vector_slides_from_short_to_long_to_segment() -> None:
    """By the masses that are left: 4 short, 6 long, the segment's own weight."""
    row = empty_profiles(1)[0]
    row["t_ref"] = NOW_MS
    row["short"], row["m_short"] = halves(1.0), 4.0
    row["long"], row["m_long"] = halves(0.0, 1.0), 6.0
    segment = np.array([0.0, 0.0, 1.0, *[0.0] * 61], np.float32)
    base = (6.0 * np.eye(64)[1] + PRIOR_MASS * segment) / (6.0 + PRIOR_MASS)
    mixed = (4.0 * np.eye(64)[0] + PRIOR_MASS * base) / (4.0 + PRIOR_MASS)
    served = served_vector(row, segment, NOW_MS)
    assert served == pytest.approx(mixed / np.linalg.norm(mixed), abs=1e-6)
    faded = served_vector(row, segment, NOW_MS + SHORT_HALF_LIFE)
    long_left = 6.0 * 0.5 ** (SHORT_HALF_LIFE / LONG)
    base = (long_left * np.eye(64)[1] + PRIOR_MASS * segment) / (long_left + PRIOR_MASS)
    mixed = (2.0 * np.eye(64)[0] + PRIOR_MASS * base) / (2.0 + PRIOR_MASS)
    assert faded == pytest.approx(mixed / np.linalg.norm(mixed), abs=1e-6)
    assert served_vector(empty_profiles(1)[0], np.zeros(64, np.float32), NOW_MS).tolist() == [0.0] * 64


def test_a_user_belongs_to_the_segment_nearest_to_the_long_vector() -> None:
    row = empty_profiles(1)[0]
    segments = np.eye(64, dtype=np.float32)[:3]
    assert nearest_segment(row, segments) == -1, "nothing is known"
    row["long"], row["m_long"] = halves(0.1, 0.2, 0.9), 1.0
    assert nearest_segment(row, segments) == 2
    assert nearest_segment(row, segments[:0]) == -1


def test_items_count_by_what_is_left_of_their_weight() -> None:
    row = empty_profiles(1)[0]
    row["top_item"][:3] = 7, 8, 9
    row["top_score"][:3] = NOW_MS / TOP_HALF_LIFE + np.array([0.0, 1.0, -1.0])
    keys, weights = zip(*top_items(row, NOW_MS), strict=True)
    assert keys == (8, 7, 9) and weights == pytest.approx((2.0, 1.0, 0.5), rel=1e-3)
    _, later = zip(*top_items(row, NOW_MS + int(TOP_HALF_LIFE)), strict=True)
    assert later == pytest.approx((1.0, 0.5, 0.25), rel=1e-3)


def test_what_is_served_grows_stale_against_what_the_creative_was_made_for() -> None:
    row, now = empty_profiles(1)[0], np.eye(64, dtype=np.float32)
    assert staleness(row, now[0]) == 0.0, "before the first creative"
    row["ref"] = now[0]
    assert staleness(row, now[0]) == pytest.approx(0.0)
    assert staleness(row, now[1]) == pytest.approx(1.0)


def test_a_bot_is_one_until_its_minute_is_over() -> None:
    row = empty_profiles(1)[0]
    assert not is_bot(row, NOW_MS)
    row["bot_until"] = NOW_MS // 60_000 + 5
    assert is_bot(row, NOW_MS) and not is_bot(row, NOW_MS + 5 * 60_000)


def test_a_description_names_what_is_hidden_and_liked() -> None:
    row, catalog = empty_profiles(1)[0], catalogue(items(480, 24), categories=True)
    row["hist"] = halves(4.0, 2.0)
    row["suppressed"][:2], row["suppressed_until"][:2] = (1, 63), NOW_MS // DAY + 1
    said = describe(row, catalog, NOW_MS)
    assert said["hidden"] == [catalog.code_names[1]], "63 is no code of this catalogue"
    assert said["interests"] == [{"name": catalog.code_names[0], "share": 1.0}]
    assert said["bot"] is False
