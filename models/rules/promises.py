"""Whether words promise something that conditions may belong to: an offer, a guarantee, a number."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from models.rules import Rule, load_rules
from models.text.normalise import fold_text

_CODES: Final = frozenset({"GUARANTEE", "NUMBER_WORD", "OFFER", "REGULATED_OFFER", "US_CREDIT"})


def may_promise(text: str, language: str) -> bool:
    """True also in languages whose numbers no rule reads: there nobody can tell."""
    known, rules = _read()
    folded = fold_text(text)
    return (
        language not in known
        or any(map(str.isdigit, folded))
        or any(rule.reads(language) and any(rule.matches(folded)) for rule in rules)
    )


@lru_cache(maxsize=1)
def _read() -> tuple[frozenset[str], tuple[Rule, ...]]:
    """The languages that rules read whole, down to numbers in words, and the rules about promises."""
    rules = load_rules().rules
    known = frozenset(each for rule in rules if rule.code == "NUMBER_WORD" for each in rule.languages)
    return known, tuple(rule for rule in rules if rule.code in _CODES)
