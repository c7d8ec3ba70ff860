"""Ratios over strata against a case worked by hand, and against being fooled by where a value was shown."""

from __future__ import annotations

import numpy as np
import pytest

from models.advice.cells import CampaignCell
from models.advice.compared import compared_rates, holm, needed_impressions
from models.measured.rates import wilson


def cell(style: str, slot: str, impressions: int, clicks: int) -> CampaignCell:
    return CampaignCell("t1", f"{style}.t1", slot, "k01", impressions, clicks)


def by_style(each: CampaignCell) -> str:
    return each.style


def by_slot(each: CampaignCell) -> str:
    return each.slot


def test_a_ratio_of_one_stratum_is_the_plain_one() -> None:
    found = compared_rates([cell("a", "s", 1_000, 20), cell("b", "s", 2_000, 80)], "a", by_style, by_slot)
    assert found is not None and found.ratio == pytest.approx(0.5)
    sd = np.sqrt(1 / 20 - 1 / 1_000 + 1 / 80 - 1 / 2_000)  # of the logarithm of a risk ratio
    assert (found.low, found.high) == pytest.approx(
        (0.5 * np.exp(-1.959964 * sd), 0.5 * np.exp(1.959964 * sd))
    )
    assert found.p < 0.01


def test_a_value_is_not_blamed_for_the_slot_it_was_shown_in() -> None:
    """Style a was mostly shown where everything earns little."""
    cells = [cell("a", "poor", 9_000, 90), cell("b", "poor", 1_000, 10), cell("a", "rich", 1_000, 100),
             cell("b", "rich", 9_000, 900)]  # fmt: skip
    found = compared_rates(cells, "a", by_style, by_slot)
    assert found is not None and found.ratio == pytest.approx(1) and found.p == pytest.approx(0.5)


@pytest.mark.parametrize(
    "cells",
    [
        [cell("a", "s", 100, 0), cell("b", "s", 100, 5)],
        [cell("a", "s", 100, 5)],
        [cell("a", "one", 100, 5), cell("b", "other", 100, 5)],
        [cell("a", "s", 5, 5), cell("b", "s", 5, 5)],
    ],
    ids=["no click", "nothing else", "nothing in the same slot", "nothing but clicks"],
)
def test_where_nothing_can_be_said_nothing_is(cells: list[CampaignCell]) -> None:
    assert compared_rates(cells, "a", by_style, by_slot) is None


def test_intervals_cover_what_they_should() -> None:
    rng = np.random.default_rng(4)
    hit = 0
    for _ in range(400):
        cells = [cell(style, slot, n, int(rng.binomial(n, rate * factor)))
                 for slot, n, rate in (("x", 3_000, 0.02), ("y", 1_500, 0.05))
                 for style, factor in (("a", 0.8), ("b", 1.0))]  # fmt: skip
        found = compared_rates(cells, "a", by_style, by_slot)
        assert found is not None
        hit += found.low <= 0.8 <= found.high
    assert 0.92 <= hit / 400 <= 0.98


def test_holm_shares_the_chance_to_err() -> None:
    assert holm([0.01, 0.04, 0.03], 0.05) == [True, False, False]
    assert holm([0.01, 0.02, 0.04], 0.05) == [True, True, True]
    assert holm([], 0.05) == []


def test_so_many_impressions_find_such_a_drop() -> None:
    n, rng = needed_impressions(0.05, 0.75, 0.05), np.random.default_rng(7)
    one, other = rng.binomial(n, 0.05 * 0.75, 2_000), rng.binomial(n, 0.05, 2_000)
    pooled = (one + other) / (2 * n)
    z = (other - one) / n / np.sqrt(2 * pooled * (1 - pooled) / n)
    assert np.mean(z > 1.645) == pytest.approx(0.8, abs=0.03)


def test_wilson_is_the_known_interval() -> None:
    assert wilson(15, 50) == pytest.approx((0.1910, 0.4375), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
