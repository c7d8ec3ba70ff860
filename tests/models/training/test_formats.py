"""Copy as data: pointing out what stands in the row, more examples from those there are, and how often each
is drawn."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from models.brief.brief import Brief, Copy
from models.corpus.examples import CorpusExample, as_shown, corpus_examples
from models.preference.log import LogError, read_log
from models.training.examples.augment import augmented, fits, with_item_of, with_other_closing
from models.training.examples.balance import balance_weights
from models.training.examples.pointing import point_out
from models.training.supervised import DataError, read_examples, split_held_out

BRIEF = Brief(
    "rq",
    "c",
    "native",
    "Northfold",
    "Oak Desk Lamp",
    "lamp",
    "lighting",
    price_minor=4900,
    ctas=("Shop now",),
)


def test_what_stands_in_the_row_is_pointed_at() -> None:
    example = point_out(
        BRIEF, Copy("Meet the lamp", "The Oak Desk Lamp by Northfold. Yours for $49.", "Shop now")
    )
    assert example is not None
    assert example.fields == ("Meet the <noun>", "The <title> by <brand>. Yours for <price>.", "<cta_0>")


@pytest.mark.parametrize(
    "copy",
    [
        Copy("Lamp, 30% off", "The lamp.", "Shop now"),
        Copy("Meet the lamp", "Only 3 left.", "Shop now"),
        Copy("Meet it", "Lamp.", "Buy"),
    ],
)
def test_copy_with_a_number_or_call_that_no_pointer_stands_for_teaches_nothing(copy: Copy) -> None:
    assert point_out(BRIEF, copy) is None


def test_pointing_out_reads_back_as_the_same_copy_in_every_language() -> None:
    found = 0
    made = list(corpus_examples(300, 9))
    for example in made:
        brief, copy = as_shown(example, "rq")
        pointed = point_out(brief, copy)
        if pointed is not None:
            found += 1
            assert as_shown(pointed, "rq")[1] == copy
    assert found >= 0.85 * len(made)


def test_augmented_examples_differ_fit_and_are_the_same_for_a_seed() -> None:
    data = list(corpus_examples(120, 4))
    more = list(augmented(data, 2, 1))
    assert more == list(augmented(data, 2, 1))
    assert len(more) > 1.4 * len(data)
    assert all(fits(example) for example in more)
    assert [example for example in more if example in data] == data


def test_another_item_takes_the_place_only_where_the_grammar_agrees() -> None:
    example = CorpusExample(BRIEF, ("Meet the <noun>", "The <title> is ready.", "Shop now"))
    other = replace(BRIEF, title="Red Mug", noun="mug", price_minor=900)
    assert with_item_of(example, other).brief.title == "Red Mug"
    assert with_item_of(example, replace(other, noun="jeans")) is example
    assert with_item_of(example, replace(other, locale="de")) is example


def test_a_closing_of_another_template_suits_the_brief() -> None:
    import random

    example = CorpusExample(
        replace(BRIEF, goal="conversions"), ("Meet the <noun>", "The <title>. Easy to love.", "Shop now")
    )
    closings = {
        with_other_closing(example, random.Random(seed)).middle[0].removeprefix("The <title>. ")
        for seed in range(40)
    }
    assert len(closings) > 5
    assert "Order online." in closings
    assert "Find out more." not in closings  # that is for who should get to know it
    assert not any("~" in closing for closing in closings), "one spelling or the other"


def test_rare_categories_and_tones_are_drawn_as_often_as_common_ones() -> None:
    data = [
        CorpusExample(replace(BRIEF, category=category), ("a", "b", "c")) for category in ["x"] * 9 + ["y"]
    ]
    weights = balance_weights(data)
    assert weights.mean() == pytest.approx(1)
    assert weights[:9].sum() == pytest.approx(weights[9])
    assert balance_weights(data, 0.0).tolist() == [1.0] * 10


def test_lines_are_read_back_and_a_broken_one_is_named() -> None:
    pairs = [as_shown(example, f"rq_{number}") for number, example in enumerate(corpus_examples(5, 2))]
    lines = [msgspec.json.encode({"brief": brief, "copy": copy}) for brief, copy in pairs]
    assert read_examples(lines, "copy.jsonl") == pairs
    with pytest.raises(DataError, match=r"copy.jsonl, line 2"):
        read_examples([lines[0], b'{"brief": {}}'], "copy.jsonl")


def test_the_held_out_part_is_never_in_the_other() -> None:
    data = list(corpus_examples(40, 2))
    train, held_out = split_held_out(data, 0.1)
    assert len(held_out) == 4
    assert len(train) == 36
    assert not [example for example in held_out if example in train]


def log_line(creative: str, **more: object) -> bytes:
    row = {
        "creative_id": creative,
        "brief": BRIEF,
        "copy": Copy("Meet the lamp", "The lamp.", "Shop now"),
        "arm": "direct",
        "propensity": 0.5,
    }
    return msgspec.json.encode(row | more)


def test_outcomes_are_joined_with_what_was_published() -> None:
    lines = [
        log_line("a"),
        log_line("b", shown=True),
        log_line("c"),
        b'{"creative_id": "a", "shown": true, "clicked": true}',
        b"",
    ]
    rows = read_log(lines, "log")
    assert [(row.creative_id, row.shown, row.clicked) for row in rows] == [
        ("a", True, True),
        ("b", True, False),
    ]


@pytest.mark.parametrize(
    "line", [log_line("a", propensity=0.0), b'{"creative_id": "z", "clicked": true}', b"{"]
)
def test_a_row_that_makes_no_sense_is_named(line: bytes) -> None:
    with pytest.raises(LogError, match="log, line 1"):
        read_log([line], "log")
