"""Latencies in bins and sets that join."""

from __future__ import annotations

import random

import pytest

from models.measured.latency import BINS, BOUNDS_MS, latency_bin, latency_quantile
from models.measured.making import Making
from models.measured.sketch import seen_about, sketch_of


def test_quantiles_lie_in_the_bin_of_the_sorted_values() -> None:
    rng = random.Random(5)
    values = sorted(rng.lognormvariate(5, 1.2) for _ in range(2_000))
    counts = [0] * BINS
    for value in values:
        counts[latency_bin(value)] += 1
    for share in (0.05, 0.5, 0.95):
        true, found = values[int(share * len(values)) - 1], latency_quantile(counts, share)
        assert found is not None
        at = latency_bin(true)
        assert (BOUNDS_MS[at - 1] if at else 0) <= found <= BOUNDS_MS[at]
    assert latency_quantile([0] * BINS, 0.5) is None


def test_the_open_bin_says_what_is_sure() -> None:
    counts = [0] * BINS
    counts[latency_bin(1e9)] = 4
    assert latency_quantile(counts, 0.95) == BOUNDS_MS[-1]


@pytest.mark.parametrize(("n", "error"), [(50, 0.05), (1_000, 0.08), (3_000, 0.12)])
def test_a_set_knows_about_how_many_it_saw_however_often(n: int, error: float) -> None:
    bits = sketch_of(f"w{k % n}" for k in range(3 * n))
    assert seen_about(bits) == pytest.approx(n, rel=error)


def test_makings_add_up_in_any_order_and_are_taken_back() -> None:
    parts = []
    for k in range(6):
        part = Making()
        part.count_ending("model" if k % 2 else "template", ["LONG"] * (k % 3), k, 10.0 * k, 0.1 * k)
        part.count_novelty(k / 7)
        part.count_creative([f"a {k % 3}", "b c"])
        parts.append(part)
    one, other = Making(), Making()
    for part in parts:
        one.add(part)
    for part in reversed(parts):
        other.add(part)
    assert one == other and one.by_status == {"model": 3, "template": 3} and one.creatives == 6
    assert seen_about(int(one.sketch, 16)) == pytest.approx(4, abs=0.1)
    other.add(parts[2], -1)
    again = Making.of_bytes(other.to_bytes())
    assert again.by_status == {"model": 3, "template": 2} and again.cpu_us == 100 * (0 + 1 + 3 + 4 + 5)
