"""What speaks against a copy."""

from __future__ import annotations

from typing import Final, NamedTuple

CODES: Final = (
    "ARTICLE", "AGREEMENT", "REPEATED_WORDS", "EMPTY", "CUT_OFF", "UNBALANCED", "WRONG_MOMENT",
    "NOT_RECOGNISABLE", "WRONG_LANGUAGE",
)  # fmt: skip
"""What the checks find, none of which an advertiser would run."""
GRAMMAR: Final = frozenset({"ARTICLE", "AGREEMENT"})
"""Errors of agreement: articles, number of nouns and verbs."""


class Finding(NamedTuple):
    """One objection: its code of CODES, the field it is in, and the words."""

    code: str
    field: str
    text: str
