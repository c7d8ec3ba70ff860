"""What a profile row tells others: the price tier somebody chooses from, and what was hidden."""

from __future__ import annotations

import numpy as np
import pytest

from models.choice.served import suppressed_codes, tier, top_codes
from models.interest.decay import DAY
from models.interest.profile import empty_profiles

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
