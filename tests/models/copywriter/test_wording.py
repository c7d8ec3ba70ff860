"""How a model that this project teaches is asked, and what of its drafts is taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.brief.brief import Brief
from models.copywriter.calls import calls_of
from models.copywriter.sampling import Writing
from models.copywriter.text_format import TextFormat
from models.copywriter.wording import ADS, moment_of
from tests.models.copywriter.injections import INJECTIONS
from tests.models.copywriter.random_model import byte_level, text_format, written

BASE = Brief(
    "rq", "c", "native", "Northfold", "Enamel Mug", "mug", "kitchen", price_minor=1250,
    interest=("outdoors.tents",), daypart="morning", weekday="saturday", tone="calm",
    goal="conversions", claims=("Oven safe",), facts=("Oven safe",),
    text="Chip-proof rim in navy. Holds half a litre.",
)  # fmt: skip


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> TextFormat:
    return text_format(tmp_path_factory.mktemp("form"), byte_level(), 0, ADS)


def asked(brief: Brief) -> str:
    return ADS.shared(brief) + ADS.own(brief)


def test_a_model_is_asked_in_the_lines_it_was_taught() -> None:
    assert asked(BASE) == (
        'Brand: "Northfold"\nItem: "Enamel Mug"\nKind: "mug"\nPrice: "$12.50"\n'
        'About: "Chip-proof rim in navy; Holds half a litre"\nOffer: "Oven safe"\n'
        'Reader: "tents"\nWhen: saturday morning\nAd: native, long, calm, direct, conversions\nHeadline:'
    )
    assert moment_of(replace(BASE, weekday="")) == "morning"


def test_ads_of_an_item_share_their_beginning(form: TextFormat) -> None:
    other = replace(BASE, style="offer", slot="banner_320x50", interest=("music",), weekday="monday")
    assert form.prompt(BASE)[0] == form.prompt(other)[0]
    assert form.prompt(BASE)[1] != form.prompt(other)[1]


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_row_that_steers_adds_no_line_and_leaves_no_quote(text: str) -> None:
    brief = replace(
        BASE, title=text, brand=text, noun=text, facts=(text,), claims=(), interest=(text,), text=text
    )
    for line in asked(brief).split("\n")[:-1]:
        name, _, value = line.partition(": ")
        assert name in ("Brand", "Item", "Kind", "Price", "About", "Offer", "Reader", "When", "Ad")
        assert name in ("When", "Ad") or (value[0], value[-1], value.count('"')) == ('"', '"', 2)


def test_what_had_to_be_cut_is_no_draft(form: TextFormat) -> None:
    briefs = [replace(BASE, request_id=f"rq{number}") for number in range(80)]
    made = written(form, briefs, seed=3)
    cut = [text for _, row, text in made if row.cut]
    assert cut
    assert set(cut) == {"no_token_fits"}


def test_the_brief_and_not_the_model_chooses_among_calls_to_action(form: TextFormat) -> None:
    briefs = [replace(BASE, request_id=f"rq{number}") for number in range(40)]
    chosen = [len(form.layout(brief).ctas) for brief in briefs]
    assert set(chosen) == {1}
    said = {tuple(form.layout(brief).ctas[0]) for brief in briefs}
    assert len(said) == len(calls_of(BASE)) > 1


def test_a_draft_is_as_likely_as_the_model_found_its_tokens(form: TextFormat) -> None:
    chooser = Writing(form.table, [form.layout(BASE)], 1, 1.0, 1e-6)
    ids = np.array([form.encode(" a b c")], np.int64)
    ids = np.unique(ids)[None, :]
    logits = np.zeros(ids.shape, np.float32)
    logits[0, 0] = 2.0
    (token,) = chooser.choose(np.array([0]), logits, ids, 0, np.array([0.0]))
    assert token == ids[0, 0]
    chances = np.exp(logits[0].astype(float))
    assert chooser.rows[0].likelihood == pytest.approx(np.log(chances[0] / chances.sum()))
