"""A rule that is not searched for would have found nothing: on every sentence there is, on terms of each
form."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.meaning.examples import meaning_examples
from models.review.readings import text_readings
from models.rules import load_rules, parse_packs
from models.rules.telling_words import text_keys_of

SENTENCES = Path(__file__).parents[1] / "review"


def texts() -> list[str]:
    files = (
        *sorted((SENTENCES / "fresh").glob("*_tuning.tsv")),
        *sorted((SENTENCES / "sentences").glob("*.txt")),
    )
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [*lines, *(each.text for each in list(meaning_examples())[::5])]


def test_every_match_of_every_rule_is_foretold_by_the_words_of_the_text() -> None:
    found = 0
    for text in {each for line in texts() for each in text_readings(line)}:
        keys = text_keys_of(text)
        for rule in load_rules().rules:
            if any(True for _ in rule.matches(text)):
                found += 1
                assert rule.may_match(text, keys), (rule.code, text)
    assert found > 500


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("no 1", "it is no  1 here"),
        ("*-free", "a bpa-free cup"),
        ("driver's licen*", "a driver's licence"),
        ("ag*", "an agent"),
        ("#1", "our #1"),
        ("100%", "a 100% fit"),
        ("wi-fi", "your wi-fi"),
    ],
)
def test_terms_of_each_form_are_found(term: str, text: str) -> None:
    pack = (
        'pack = "p"\nversion = 1\nmarkets = ["*"]\n'
        f'[[rule]]\ncode = "X"\nseverity = "block"\nsupported = []\nterms = ["{term}"]\n'
    )
    rule = parse_packs([pack], ()).rules[0]
    assert list(rule.matches(text))
    assert rule.may_match(text, text_keys_of(text))
    assert not rule.may_match("quite another text", text_keys_of("quite another text")) or term == "ag*"
