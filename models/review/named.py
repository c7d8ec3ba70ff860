"""Objections of the rule packs: what they name exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from models.brief.brief import Copy
from models.review.finding import ReviewFinding
from models.review.learned import blame_of
from models.review.readings import text_readings
from models.review.support import Support
from models.rules import COPY_FIELDS, Rule, Rules
from models.rules.telling_words import text_keys_of
from models.text.normalise import fold_text


def named_findings(copy: Copy, rules: Rules, support: Support) -> Iterator[ReviewFinding]:
    """Objections of the rule packs, unless the same words stand where the rule allows them from. What a text
    hides is read after what it says, and told once."""
    said = {field: getattr(copy, field) for field in COPY_FIELDS}
    whole = fold_text(" \n ".join(said.values()))
    matched = {field: _matched(rules, support.language, field, text) for field, text in said.items()}
    for rule in rules.rules:
        for field in rule.fields:
            found = matched[field].get(rule)
            if found is None or (rule.blame and blame_of(said[field], support) < rule.blame):
                continue
            told = (
                match.group().strip() for text, match in found if not support.allows(rule, text, match, whole)
            )
            for words in dict.fromkeys(told):
                yield ReviewFinding(rule.code, rule.severity, field, words, rule.citation)


@lru_cache(maxsize=4096)  # drafts of one brief share fields: a call to action, an opening
def _matched(
    rules: Rules, language: str, field: str, text: str
) -> dict[Rule, list[tuple[str, re.Match[str]]]]:
    """What each rule finds in a field, in the order it is read, before any source is asked."""
    found: dict[Rule, list[tuple[str, re.Match[str]]]] = {}
    for each in text_readings(text):
        keys = text_keys_of(each)
        for rule in _reading(rules, language, field):
            if rule.may_match(each, keys):
                for match in rule.matches(each):
                    found.setdefault(rule, []).append((each, match))
    return found


@lru_cache(maxsize=1024)
def _reading(rules: Rules, language: str, field: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules.rules if rule.reads(language) and field in rule.fields)
