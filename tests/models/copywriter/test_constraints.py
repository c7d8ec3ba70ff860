"""What holds while decoding, whatever a model proposes: checked by eye of the result, not by the code that
constrains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tokenizers import Tokenizer

from models.brief.brief import LIMITS, SCENES, Brief, Copy, limits_of, scene_limit
from models.copywriter.calls import calls_of
from models.copywriter.generate import CopyFormat
from models.review.judging import load_rules, review
from models.text.graphemes import shown_width
from tests.models.copywriter.random_model import byte_fallback, byte_level, text_format, written

BASE = Brief(
    "rq",
    "c",
    "native",
    "Northfold",
    "Enamel Mug 350 ml",
    "mug",
    "kitchen",
    price_minor=1250,
    avoid=("morning", "cheap"),
    facts=("Holds 350 ml",),
)
GERMAN = replace(
    BASE, locale="de-DE", title="Emaille Tasse", noun="Tasse", currency="EUR", place="DE", facts=()
)
CHINESE = replace(
    BASE, locale="zh-CN", title="搪瓷杯", noun="杯子", currency="CNY", place="CN", facts=(), avoid=("便宜",)
)


BANNED = {
    "en": r"\b(best|free|hurry|cure|morning|cheap)\b",
    "de": r"\b(best|free|hurry|cure|morning|cheap)\b",
    "zh": "最好|免费|便宜",
}


def briefs(count: int) -> list[Brief]:
    slots = tuple(LIMITS)
    return [
        replace((BASE, GERMAN, CHINESE)[index % 3], request_id=f"rq_{index}", slot=slots[index % len(slots)])
        for index in range(count)
    ]


TOKENIZERS = {"byte-level": (byte_level, "<|end|>"), "byte fallback": (byte_fallback, "</s>")}


@pytest.fixture(scope="module", params=list(TOKENIZERS))
def form(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CopyFormat:
    make, end = TOKENIZERS[request.param]
    tokenizer: Tokenizer = make()
    eos = tokenizer.token_to_id(end)
    assert eos is not None
    return text_format(tmp_path_factory.mktemp("model"), tokenizer, eos)


@pytest.fixture(scope="module")
def copies(form: CopyFormat) -> list[tuple[Brief, Copy]]:
    made = written(form, briefs(60), seed=1)
    assert not [text for _, _, text in made if text == "limit"]
    return [(brief, text) for brief, _, text in made if isinstance(text, Copy)]


def fields(copy: Copy) -> Iterator[str]:
    yield from (copy.headline, *(copy.scenes or (copy.description,)), copy.cta)


def test_a_random_model_writes_copy_for_most_briefs(copies: list[tuple[Brief, Copy]]) -> None:
    assert len(copies) >= 25
    assert len({copy.description for _, copy in copies}) > 0.9 * len(copies)


def test_budgets_hold_in_columns(copies: list[tuple[Brief, Copy]]) -> None:
    for brief, copy in copies:
        limits = limits_of(brief.slot)
        assert shown_width(copy.headline) <= limits.headline
        assert shown_width(copy.description) <= limits.description
        assert shown_width(copy.cta) <= limits.cta
        assert all(shown_width(scene) <= scene_limit(brief.slot) for scene in copy.scenes)


def test_videos_have_scenes_and_nothing_else_has(copies: list[tuple[Brief, Copy]]) -> None:
    assert {len(copy.scenes) for brief, copy in copies if brief.slot.startswith("video")} == {SCENES}
    assert not any(copy.scenes for brief, copy in copies if not brief.slot.startswith("video"))


def test_figures_are_those_of_the_facts(copies: list[tuple[Brief, Copy]]) -> None:
    allowed = {"en": {"$12.50", "350"}, "de": {"12,50 €"}, "zh": {"¥12.50"}}
    for brief, copy in copies:
        found = re.findall(r"[$€£¥]?\s?\d+(?:[.,]\d+)*(?:\s?[€%])?", " ".join(fields(copy)))
        assert {each.strip() for each in found} <= allowed[brief.locale[:2]], copy
        assert not re.search(r"%|£|[^\d ]\s?€", " ".join(fields(copy)))


def test_no_markup_no_links_no_broken_characters(copies: list[tuple[Brief, Copy]]) -> None:
    for _, copy in copies:
        whole = " ".join(fields(copy))
        assert not re.search(r"[<>{}\[\]|\\`*_~^#@=/\n\ufffd]|\w\.[a-z]|★|www\.", whole), whole
        assert whole.isprintable()


def test_terms_of_the_brief_and_of_the_rules_are_never_completed(copies: list[tuple[Brief, Copy]]) -> None:
    for brief, copy in copies:
        whole = " ".join(fields(copy)).lower()
        assert not re.search(BANNED[brief.locale[:2]], whole), whole


def test_names_are_those_of_the_row(copies: list[tuple[Brief, Copy]]) -> None:
    for brief, copy in copies:
        found = {finding.code for finding in review(copy, brief, load_rules(brief.markets))}
        assert not found & {
            "UNSUPPORTED_NAME",
            "UNSUPPORTED_PRICE",
            "UNSUPPORTED_NUMBER",
            "AVOIDED_TERM",
            "MARKUP",
            "LENGTH",
        }, (
            copy,
            found,
        )


def test_calls_to_action_come_from_the_closed_list(
    form: CopyFormat, copies: list[tuple[Brief, Copy]]
) -> None:
    assert all(copy.cta in calls_of(brief) for brief, copy in copies)
    own = [replace(brief, ctas=("Visit us", "Visit", "Come in")) for brief in briefs(30)]
    chosen = [text.cta for _, _, text in written(form, own, seed=2) if isinstance(text, Copy)]
    assert set(chosen) == {"Visit us", "Visit", "Come in"}


def test_what_a_campaign_requires_is_said_once_or_there_is_no_copy(form: CopyFormat) -> None:
    must = [replace(brief, must_use=("Mit Deckel",), slot="native") for brief in briefs(24)]
    said = [
        text.description.count("Mit Deckel")
        for _, _, text in written(form, must, seed=3)
        if isinstance(text, Copy)
    ]
    assert len(said) >= 15
    assert set(said) == {1}
    assert (
        form.impossible(
            replace(
                BASE,
                must_use=("A sentence that is longer than the room a phone banner has",),
                slot="banner_320x50",
            )
        )
        == "no_room"
    )


def test_a_row_is_the_same_alone_and_among_others(form: CopyFormat) -> None:
    many = briefs(12)
    together = written(form, many, seed=4, candidates=2)
    for row in (0, 5, 17, 23):
        assert written(form, many, seed=4, candidates=2, only=[row])[0][2] == together[row][2]
    assert together[0][2] != together[1][2]


def test_without_constraints_the_same_model_breaks_them(form: CopyFormat) -> None:
    """The checks above can fail: the bytes of random tokens, unconstrained, hold all that they look for."""
    noise = b"".join(token.data for token in form.table.tokens).decode("utf-8", "replace")
    assert re.search(r"[<>{}|#@\n\ufffd]", noise)
    assert re.search(r"\d", noise)
    assert "%" in noise
    assert "Nike" in noise or "N" in noise
