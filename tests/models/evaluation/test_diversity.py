"""Figures of variety against values worked out by hand."""

from __future__ import annotations

import pytest

from models.evaluation.diversity import distinct, self_bleu
from models.text.units import units


def test_units_are_words_or_characters() -> None:
    assert units("Oak Desk, 120 cm: it's well-made!") == ["oak", "desk", "120", "cm", "it's", "well-made"]
    assert units("铜火锅¥459") == ["铜", "火", "锅", "459"]
    assert units("Für $1,299.00 …") == ["für", "1,299.00"]


def test_distinct_counts_each_pair_once() -> None:
    assert distinct(["a b c", "a b d"], 2) == pytest.approx(3 / 4)
    assert distinct(["a b c", "a b c"], 2) == pytest.approx(2 / 4)
    assert distinct(["a b", "a b"], 1) == pytest.approx(2 / 4)
    assert distinct(["a"], 2) == 1.0
    assert distinct([], 2) == 1.0


def test_self_bleu_is_100_for_copies_and_low_for_strangers() -> None:
    same = ["a desk for slow quiet mornings"] * 3
    apart = [
        "a desk for slow quiet mornings",
        "eight brass lamps stood outside yesterday",
        "paint nothing red without asking first",
    ]
    assert self_bleu(same) == pytest.approx(100)
    assert self_bleu(apart) < 20
    assert self_bleu(["alone"]) == 0.0
