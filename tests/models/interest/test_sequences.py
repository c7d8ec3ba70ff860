"""Sequences of others in the detector's bench: read, cut so that nothing scored was fitted on, spliced."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from models.world.interests import Shift, draw_population, zipf
from tests.bench.detector.prices import repriced
from tests.bench.detector.real import Figures, measure_sequences
from tests.bench.detector.sequences import (
    NEW,
    OLD,
    Sequences,
    folds,
    lives,
    read_sequences,
    spliced,
    stream_of,
)
from tests.bench.detector.streams import WITHIN

WORDS = (
    *("lamp", "vase", "rug", "clock", "mug", "plate", "candle", "basket", "ribbon", "garland"),
    *("notebook", "pencil", "kettle", "apron", "teapot", "cushion", "frame", "hook", "drawer", "lantern"),
)


def written(folder: Path, users: int = 240) -> Path:
    """A file of the shape, of users of the simulated world who do not change: 20 categories with a word each,
    8 items to a category, one dearer than the other, some categories ten times as dear."""
    rng = np.random.default_rng(4)
    people = draw_population(rng, users, Shift.NONE, zipf(len(WORDS), 0.7))
    path = folder / "sequences.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("user", "item", "ts", "text", "price"))
        for user, category, ts in zip(people.user, people.category, people.ts, strict=True):
            number = int(rng.integers(8))
            word, price = WORDS[category], (200 + 50 * number) * 10 ** (category % 2)
            writer.writerow((f"u{user}", f"{word}-{number}", ts, f"{word} no {number}", price))
    return path


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Sequences:
    return read_sequences(written(tmp_path_factory.mktemp("sequences")))


def test_sequences_are_read_by_user_and_time(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text(
        'text,user,ts,item\nblue vase,a,20,v\nred lamp,b,5,l\n"rug, soft",a,10,r\nblue vase,b,9,v\n'
    )
    read = read_sequences(path)
    assert read.user.tolist() == [0, 0, 1, 1] and read.ts.tolist() == [10, 20, 5, 9]
    assert [read.items[item].title for item in read.item] == [
        "rug, soft",
        "blue vase",
        "red lamp",
        "blue vase",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user,item,when\n", "must name the columns user, item, ts, text"),
        ("user,item,ts,text\na,i,2011-01-01,vase\n", "line 2: ts must be milliseconds"),
        ("user,item,ts,text\n", "no line follows"),
    ],
)
def test_another_file_is_refused_with_its_name(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    with pytest.raises(SystemExit, match=says) as refused:
        read_sequences(path)
    assert "wrong.csv" in str(refused.value)


def test_nothing_scored_was_fitted_on_or_calibrated_with(known: Sequences) -> None:
    scored = 0
    for fold in folds(known, np.random.default_rng(1)):
        of_fitted = set(known.user[fold.fitted].tolist())
        others = np.isin(known.user, list(of_fitted), invert=True)
        later = known.ts > known.ts[fold.fitted].max()
        assert sum(map(len, fold.scored)) <= np.count_nonzero(others & later)
        assert all(len(life) >= OLD[0] for life in fold.calibration)
        scored += sum(map(len, fold.scored))
    assert scored == np.count_nonzero(known.ts > np.quantile(known.ts, 0.55))  # each user in one fold


def test_a_splice_follows_the_same_old_interest_as_its_twin(known: Sequences) -> None:
    of = lives(known, known.ts > 0, 1)
    changed, same, cuts = spliced(of, np.random.default_rng(1))
    assert len(changed) == sum(len(life) >= OLD[0] + WITHIN for life in of)
    for new, old, cut in zip(changed, same, cuts, strict=True):
        assert OLD[0] <= cut <= OLD[1]
        assert (new[:cut] == old[:cut]).all() and WITHIN <= len(old) - cut <= NEW
        assert 1 <= len(new) - cut <= NEW
    stream = stream_of(changed, np.zeros(len(known.items), np.int16), cuts)
    assert (stream.events["item"][stream.start[3] : stream.start[4]] == changed[3]).all()


@pytest.fixture(scope="module")
def measured(known: Sequences) -> dict[str, Figures]:
    return measure_sequences(known, 1)


def test_a_change_of_price_leaves_the_codes_of_a_life_as_they_are(known: Sequences) -> None:
    word, number = np.array([item.item_id.split("-") for item in known.items]).T
    codes, price = np.unique(word, return_inverse=True)[1], number.astype(float)
    of = lives(known, known.ts > 0, 1)
    changed, cuts = repriced(of, codes, price, 3, np.random.default_rng(1))
    rose = np.array(
        [price[new[cut:]].mean() > price[new[:cut]].mean() for new, cut in zip(changed, cuts, strict=True)]
    )
    assert 0.4 < rose.mean() < 0.6, "dearer for one half, cheaper for the other"
    long = [life for life in of if len(life) >= OLD[0] + WITHIN]
    for new, old in zip(changed, long, strict=True):
        left = np.bincount(codes[old], minlength=20) - np.bincount(codes[new], minlength=20)
        assert (left >= 0).all() and left.sum() == len(old) - len(new)


def test_changes_of_price_alone_are_found_at_that_rate(measured: dict[str, Figures]) -> None:
    text = measured["text"]
    assert text.price_20 >= 0.5 and text.near_price_20 < text.price_20


def test_lives_that_are_short_fire_as_often_for_nothing(measured: dict[str, Figures]) -> None:
    text = measured["text"]
    assert 3 <= text.young_per_1000 <= 8 and text.young_20 > 0.3


def test_splices_are_found_beyond_chance_at_the_rate_asked_for(measured: dict[str, Figures]) -> None:
    text = measured["text"]
    assert 3 <= text.false_per_1000 <= 8
    assert text.recall_20 > 0.5 and 0.3 < text.net < text.recall_20
