"""What a brief and its row say, and a copy's fields, as words: what every check reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from models.brief.brief import Brief, Copy, language_of
from models.text.normalise import fold_text
from models.text.scripts import is_unspaced

_WORD: Final = re.compile(r"[^\W_]+(?:['.,-][^\W_]+)*")
_LETTER: Final = re.compile(r"[^\W\d_]")


@lru_cache(maxsize=4096)  # the checks read the same fields
def copy_words_of(folded: str) -> tuple[str, ...]:
    """Words of a folded text with their apostrophes and hyphens; of a script without spaces, characters."""
    return tuple(
        word for run in _WORD.findall(folded) for word in (run if any(map(is_unspaced, run)) else (run,))
    )


@dataclass(frozen=True, slots=True)
class Row:
    """What is given, folded: the thing's name, its title, and everything said of it."""

    noun: str
    title: str
    everything: str
    words: frozenset[str]


@lru_cache(maxsize=512)  # one brief has many drafts
def row_of(brief: Brief) -> Row:
    stated = (brief.title, brief.noun, brief.category, brief.brand, *brief.facts, *brief.claims,
              *brief.must_use, brief.text)  # fmt: skip
    everything = fold_text(" \n ".join(stated))
    return Row(
        fold_text(brief.noun), fold_text(brief.title), everything, frozenset(copy_words_of(everything))
    )


@dataclass(frozen=True, slots=True)
class CopyBesideBrief:
    """A copy beside its brief: fields as written and folded, `language` of the brief."""

    brief: Brief
    copy: Copy
    row: Row
    headline: str
    description: str
    language: str

    @property
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """What is read as text: name, as written, folded. A call to action is one of a list."""
        return (
            ("headline", self.copy.headline, self.headline),
            ("description", self.copy.description, self.description),
        )


def draft_of(brief: Brief, copy: Copy) -> CopyBesideBrief:
    return CopyBesideBrief(
        brief,
        copy,
        row_of(brief),
        fold_text(copy.headline),
        fold_text(copy.description),
        language_of(brief.locale),
    )


def letters(text: str) -> list[str]:
    """The letters of a text."""
    return _LETTER.findall(text)
