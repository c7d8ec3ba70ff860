"""Copy in another language than the one that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.brief.facts import UNSPACED_LANGUAGES
from models.judge.finding import Finding
from models.judge.lexicon import moment_lexicon_of
from models.judge.said import CopyBesideBrief, copy_words_of, letters
from models.text.scripts import is_unspaced

_KNOWN: Final = ("en", "de")
_LEAST: Final = 0.5
"""Share of a text's own letters that belong to its script."""
_SURE: Final = 2
"""Common words of another language that outnumber the own ones by so many tell it."""


def tongue(draft: CopyBesideBrief) -> Iterator[Finding]:
    """WRONG_LANGUAGE by script, and between English and German by the words that every text has."""
    text = f"{draft.headline} \n {draft.description}"
    found = [is_unspaced(letter) for letter in letters(text)]
    if not found:
        return
    share = sum(found) / len(found)
    if draft.language in UNSPACED_LANGUAGES:
        latin_given = sum(letter.isascii() for letter in letters(draft.row.title)) > len(draft.row.title) / 2
        if share < _LEAST and not latin_given:
            yield Finding("WRONG_LANGUAGE", "description", draft.copy.description)
        return
    if share > 1 - _LEAST:
        yield Finding("WRONG_LANGUAGE", "description", draft.copy.description)
        return
    if draft.language in _KNOWN:
        counts = {each: _common(text, each) for each in _KNOWN}
        own = counts.pop(draft.language)
        if max(counts.values()) >= own + _SURE:
            yield Finding("WRONG_LANGUAGE", "description", draft.copy.description)


def _common(text: str, language: str) -> int:
    lexicon = moment_lexicon_of(language)
    assert lexicon is not None
    return sum(word in lexicon.common for word in copy_words_of(text))
