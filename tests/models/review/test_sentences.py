"""Sentences that review must block and let through, written before its rules: one half was looked at while
the rules were made, the other only counted. A line: locale, sentence and, where it has one, the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from models.brief.brief import Brief, Copy
from models.review.judging import accepted, load_rules, review

HERE = Path(__file__).parent / "sentences"
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
ATTRIBUTE = "UNSUPPORTED_ATTRIBUTE"
BESIDES = {
    "UNSUPPORTED_NUMBER", "UNSUPPORTED_NAME", "UNSUPPORTED_PRICE", "LENGTH", "UNFINISHED", "OFF_ITEM",
    ATTRIBUTE,
}  # fmt: skip
"""Findings that say nothing of what a sentence means: they do not count as blocking it."""
NEVER_SAID = {"people", "illegal goods and acts", "profit", "effects on health"}
"""Classes that no row and no brief can allow."""
WORDS = {
    "en": ("lamp", "A lamp for you", "Shop now"),
    "de": ("Lampe", "Die Lampe", "Mehr sehen"),
    "zh": ("台灯", "台灯", "查看"),
}


class Sentence(NamedTuple):
    kind: str
    locale: str
    text: str
    title: str


def sentences(name: str) -> Iterator[Sentence]:
    kind = ""
    for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            kind = line.removeprefix("# ")
            continue
        locale, text, *title = line.split("\t")
        said = ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        yield Sentence(kind, locale, said, title[0] if title else WORDS[locale][0])


def brief_of(sentence: Sentence) -> Brief:
    return Brief("r", "c", "native", "", sentence.title, WORDS[sentence.locale][0], locale=sentence.locale)


def judged(sentence: Sentence, brief: Brief) -> tuple[bool, set[str]]:
    _, headline, cta = WORDS[sentence.locale]
    findings = review(Copy(headline, sentence.text, cta), brief, load_rules())
    meant = [finding for finding in findings if finding.code != ATTRIBUTE]  # no lamp is said to be black
    return accepted(meant), {finding.code for finding in findings if finding.severity != "warn"} - BESIDES


@pytest.mark.parametrize("half", ["tuning", "held_out"])
def test_what_must_not_be_said_is_blocked_by_what_it_means(half: str) -> None:
    passed = [each for each in sentences(f"block_{half}") if not judged(each, brief_of(each))[1]]
    assert len(passed) <= 0.03 * 50, passed


@pytest.mark.parametrize("half", ["tuning", "held_out"])
def test_no_row_and_no_brief_allows_effects_people_profit_and_crime(half: str) -> None:
    never = [each for each in sentences(f"block_{half}") if each.kind in NEVER_SAID]
    passed = [
        each
        for each in never
        if not judged(
            each,
            replace(brief_of(each), title=each.text, facts=(each.text,), claims=(each.text,)),
        )[1]
    ]
    assert len(passed) <= 0.03 * len(never), passed


@pytest.mark.parametrize("half", ["tuning", "held_out"])
def test_innocent_sentences_and_the_merchants_own_words_pass(half: str) -> None:
    blocked = [
        (each, codes)
        for each in sentences(f"pass_{half}")
        for passes, codes in [judged(each, brief_of(each))]
        if not passes
    ]
    assert len(blocked) <= 0.02 * 50, blocked
