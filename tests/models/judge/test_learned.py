from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.brief.brief import Brief, Copy
from models.corpus.shipped import shipped_ads
from models.judge import judge
from models.judge.features import judge_features
from models.judge.fitting import MarkedCopy, bar_for, learnt, platt, prepared, spoilt, unseen_sums, validated
from models.judge.learned import Learned, buckets, load_learned, save_learned
from models.judge.marks import Marked, mark_line, marks
from models.judge.said import draft_of

MUG = Brief(
    "r", "c", "text", "Marrow", "Stoneware Mug, Moss", "mug", category="kitchen", text="Holds 350 ml."
)
GOOD = Copy("A mug in moss", "Stoneware that holds 350 ml of tea.", "Shop now")


def ads(count: int) -> list[MarkedCopy]:
    """Ads of items that were not fitted to."""
    held = [MarkedCopy(ad.brief, ad.copy, True, "ad") for ad in shipped_ads() if ad.held_out]
    assert len(held) > count
    return held[:: len(held) // count]


def test_ads_that_were_not_fitted_to_are_told_from_spoilt_ones() -> None:
    good = ads(200)
    examples = [*good, *spoilt(good)]
    scores = np.array([judge(each.brief, each.copy).score for each in examples])
    found = validated(scores, np.array([each.publishable for each in examples], np.int64))
    assert found.ranked > 0.8, found
    assert ((scores >= 0) & (scores <= 1)).all()


def test_words_of_the_row_are_read_as_what_they_are() -> None:
    told = judge_features(draft_of(MUG, GOOD), ())
    other = replace(MUG, title="Oak Desk, Ash", noun="desk", text="Seats four people.")
    desk = replace(GOOD, headline="A desk in ash", description="Oak that seats four people of tea.")
    assert "headline a <noun>" in told and "headline in <title>" in told and "headline a mug" not in told
    assert "headline a <noun>" in judge_features(draft_of(other, desk), ())
    strange = replace(GOOD, description="Burgundy velvet for long burgundy nights.")
    assert "description strange 5" in judge_features(draft_of(MUG, strange), ())
    assert "description strange 0" in judge_features(
        draft_of(MUG, replace(GOOD, description="Moss stoneware.")), ()
    )


def test_a_fit_learns_and_the_same_marks_give_the_same_weights() -> None:
    good = ads(60)
    bad = [
        each._replace(copy=replace(each.copy, description="Lure and groove!"), publishable=False)
        for each in good
    ]
    data = prepared([*good, *bad], [])
    unseen = unseen_sums(data)
    telling = np.arange(len(good) + len(bad))
    learned = learnt(data, unseen, telling)
    assert validated(unseen[telling], data.good[telling]).ranked > 0.95
    assert learned.slope > 0 and learned.bar < 1
    again = learnt(data, unseen_sums(data), telling)
    assert (again.weights == learned.weights).all() and again.bar == learned.bar
    assert all(data.fold[at] == data.fold[at + len(good)] for at in range(len(good))), (
        "an item is in one fold"
    )


def test_weights_are_small_and_come_back_as_they_were(tmp_path: Path) -> None:

    path = tmp_path / "weights.npz"
    learned = load_learned()
    save_learned(path, learned)
    assert path.stat().st_size < 200_000
    held = buckets(judge_features(draft_of(MUG, GOOD), ()))
    with np.load(path) as stored:
        scale, *about = stored["about"].tolist()
        back = Learned((stored["packed"] * scale).astype(np.float32), *about)
    assert back.score(held) == pytest.approx(learned.score(held), abs=1e-6)


def test_sureness_is_that_of_the_marks_and_the_bar_keeps_its_share() -> None:
    rng = np.random.default_rng(1)
    sums = rng.normal(0, 2, 4000).astype(np.float32)
    good = (rng.random(4000) < 1 / (1 + np.exp(-(1.5 * sums - 1)))).astype(np.int64)
    assert platt(sums, good) == pytest.approx((1.5, -1), abs=0.15)
    bar, above = bar_for(0.92, sums, good)
    assert good[sums >= bar].mean() == above >= 0.92 > good[sums >= bar - 0.5].mean()
    coin = rng.integers(0, 2, 4000)
    bar, above = bar_for(0.92, sums, coin)
    assert 0.5 < above < 0.92 and (sums >= bar).sum() >= 20, "the best there is, of enough to say so"


def test_marks_are_read_and_written_as_they_stand() -> None:
    every = list(marks())
    assert len(every) > 600 and 0.1 < sum(each.publishable for each in every) / len(every) < 0.6
    mark = Marked("model", MUG, GOOD, False, "nonsense")

    assert msgspec.json.decode(mark_line(mark), type=Marked) == mark
    assert b"daypart" not in mark_line(mark)
