"""A short form of tests/bench/items/bench_items.py on made-up sequences: what it fits on is not what it
scores, and the choice that serves beats both its past and one item for everybody."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from models.world.interests import Shift, draw_population, zipf
from tests.bench.detector.sequences import Sequences, read_sequences
from tests.bench.items.bench_items import (
    BEFORE,
    MOST_VIEWED,
    OURS,
    TAUGHT,
    UNFITTED,
    figures,
    item_hit_ratio,
    measure,
    parts,
    pooled,
)

WORDS = (
    "lamp", "vase", "rug", "clock", "mug", "plate", "candle", "basket", "ribbon", "garland", "apron", "hook",
)  # fmt: skip
KINDS = 12


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Sequences:
    """Users of the simulated world; in each category half of the items are taken four times as often."""
    path = tmp_path_factory.mktemp("items") / "sequences.csv"
    rng = np.random.default_rng(3)
    people = draw_population(rng, 400, Shift.NONE, zipf(len(WORDS), 0.7))
    law = np.repeat((0.8, 0.2), KINDS // 2) / (KINDS // 2)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("user", "item", "ts", "text"))
        for user, category, ts in zip(people.user, people.category, people.ts, strict=True):
            number = int(rng.choice(KINDS, p=law))
            writer.writerow((f"u{user}", f"{WORDS[category]}-{number}", ts, f"{WORDS[category]} no {number}"))
    return read_sequences(path)


def test_the_choice_beats_its_past_and_what_everybody_takes(known: Sequences) -> None:
    found = measure(known, tuning=False, seed=1, coclicks=True)
    shares, first = found.shares, pooled(found.first_items)
    assert found.shifts > 100
    assert shares[OURS].shift > 1.1 * shares[MOST_VIEWED].shift
    assert shares[OURS].shift > 1.1 * shares[BEFORE].shift
    assert shares[f"{TAUGHT}, log loss"].shift > 1.05 * shares[UNFITTED].shift
    for half in found.unexposed:
        quality = half["log loss"]
        assert quality.log_loss is not None and quality.base_log_loss is not None
        assert quality.log_loss < 0.98 * quality.base_log_loss
    said = figures(shares, first)
    assert said["item_hit_ratio"] > 1.1
    assert item_hit_ratio(known, 1) == pytest.approx(said["item_hit_ratio"], abs=1e-4)
    assert said["first_item"]["portrait"] > said["first_item"]["empty"] > 0


def test_constants_are_chosen_on_other_users_than_those_measured(known: Sequences) -> None:
    for tuned, measured in zip(parts(known, True, 1), parts(known, False, 1), strict=True):
        assert (tuned.fitted == measured.fitted).all()
        count = sum(map(len, tuned.scored)) + sum(map(len, measured.scored))
        others = np.isin(known.user, np.unique(known.user[tuned.fitted]), invert=True)
        later = known.ts > known.ts[tuned.fitted].max()
        assert count <= np.count_nonzero(others & later)
        assert tuned.scored and measured.scored
