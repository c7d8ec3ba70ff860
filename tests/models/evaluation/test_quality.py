"""The five figures on copywriters whose faults are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.brief.brief import Brief, Copy
from models.evaluation.quality import figures_of, names_item, quality, too_long
from models.evaluation.writing import WrittenSample
from models.text.variety import Pairs, said_pairs
from tests.models.evaluation.writers import Says, plain

pytestmark = pytest.mark.usefixtures("no_bar")

MUG = Brief(
    "rq_1", "c", "native", "Northfold", "Plain Mug", "mug", locale="en-US", price_minor=1_250, place="US"
)
LAMP = replace(MUG, request_id="rq_2", title="Brass Lamp", noun="lamp", brand="Tern Lane")
TASSE = replace(MUG, request_id="rq_3", title="Emaille Becher", noun="Becher", locale="de-DE", place="DE")


def test_each_fault_is_counted_where_it_is() -> None:
    def say(brief: Brief) -> Copy | None:
        return None if brief.noun == "lamp" else plain(brief)

    figures = quality(Says(say), [MUG, LAMP, TASSE], 4)
    assert (figures["briefs"], figures["copies"], figures["template_share"]) == (
        3,
        8,
        pytest.approx(1 / 3, abs=1e-4),
    )
    assert (figures["unsupported"], figures["length_violations"], figures["noun_share"]) == (0, 0, 1.0)
    assert figures["distinct_2"] == pytest.approx(0.25), (
        "four times the same: each pair of words once in four"
    )
    assert figures["languages"]["de"]["template_share"] == 0
    assert figures["languages"]["en"]["template_share"] == 0.5


def test_requests_differ_and_variety_counts() -> None:
    seen: set[str] = set()
    openers: Iterator[str] = iter(["Morning light", "Slow days", "Rain outside", "Evening calm"])

    def say(brief: Brief) -> Copy:
        seen.add(brief.request_id)
        return replace(plain(brief), headline=next(openers), description=f"A {brief.noun}.")

    figures = quality(Says(say), [MUG], 4)
    assert len(seen) == 4
    assert figures["distinct_2"] > 0.7


def test_a_request_knows_what_the_earlier_ones_for_its_item_say() -> None:
    class Listens(Says):
        def write(self, briefs, remaining_ms, accept, candidates, said):  # type: ignore[no-untyped-def]
            heard.extend(said)
            return super().write(briefs, remaining_ms, accept, candidates, said)

    heard: list[Pairs] = []
    quality(Listens(plain), [MUG, LAMP], 2)
    mug, lamp = (said_pairs(plain(each).headline, plain(each).description) for each in (MUG, LAMP))
    assert heard == [frozenset(), frozenset(), mug, lamp]


def test_without_any_copy_there_is_no_figure_of_copy() -> None:
    figures = quality(Says(lambda brief: None), [MUG], 2)
    assert (figures["template_share"], figures["distinct_2"], figures["noun_share"]) == (1.0, None, None)
    assert quality(Says(plain), [MUG], 1)["distinct_2"] is None, "one request has no variety"


def sample(copy: Copy, brief: Brief = MUG) -> WrittenSample:
    return WrittenSample(brief, copy, "", 0, ())


def test_what_slipped_past_the_review_is_still_counted() -> None:
    wrong = sample(Copy("Mug for 3", "A mug by Tern Lane for $9.", "Shop now"))
    figures = figures_of([wrong], 1, {"Northfold", "Tern Lane"})
    assert figures["unsupported"] >= 3
    assert too_long(Copy("m" * 26, "d" * 91, "c" * 16, "b" * 26), MUG) == 4
    assert too_long(Copy("杯" * 13, "A mug.", "Go"), MUG) == 1, "double width counts two"
    script = Copy("A mug", "x", "Go", scenes=("s" * 60, "short"))
    assert too_long(script, replace(MUG, slot="video_16x9")) == 1


def test_what_the_judge_finds_is_counted() -> None:
    def say(brief: Brief) -> Copy:
        wrong = {"lamp": "A lamp for tonight", "mug": "An mug for you"}.get(brief.noun, brief.noun)
        return replace(plain(brief), headline=wrong)

    figures = quality(Says(say), [MUG, LAMP], 1)
    assert (figures["wrong_moment"], figures["agreement_errors"], figures["publishable"]) == (0.5, 0.5, 0)
    assert 0 < quality(Says(plain), [MUG], 1)["publishable"] < 1
    none = quality(Says(lambda brief: None), [MUG], 1)
    assert none["publishable"] is none["wrong_moment"] is none["agreement_errors"] is None


def test_the_item_is_named_in_either_number() -> None:
    knife = replace(MUG, noun="knife")
    assert names_item(sample(Copy("Sharp knives", "At last.", "Go"), knife))
    assert names_item(sample(Copy("At last", "A Knife.", "Go"), knife))
    assert not names_item(sample(Copy("A mug", "At last.", "Knife"), knife)), (
        "a button does not say what is sold"
    )
