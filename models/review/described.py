"""Objections to what copy says a thing looks like, is made of, has or is fit for, where nothing says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.attributes.lexicon import attribute_lexicon_of
from models.attributes.open_forms import had, is_told
from models.brief.brief import Copy
from models.review.finding import ReviewFinding
from models.review.support import Support
from models.text.normalise import fold_text

_FIELDS: Final = ("headline", "description")
_CITATION: Final = "every colour, material, part and use must stand in the brief or row"


def described_findings(copy: Copy, support: Support) -> Iterator[ReviewFinding]:
    """One per word that no source supports, in the order of the text."""
    lexicon = attribute_lexicon_of(support.language)
    if lexicon is None:
        return
    for field in _FIELDS:
        for each in lexicon.attributes(fold_text(getattr(copy, field))):
            if not support.describes(each.word, lexicon):
                yield ReviewFinding("UNSUPPORTED_ATTRIBUTE", "block", field, each.said, _CITATION)


def had_findings(copy: Copy, support: Support) -> Iterator[ReviewFinding]:
    """One for each thing that the copy says comes with the item and no source names."""
    for field in _FIELDS:
        for each in had(fold_text(getattr(copy, field)), support.language):
            if not is_told(each.head, support.words, support.everything, support.language):
                yield ReviewFinding("UNSUPPORTED_ATTRIBUTE", "block", field, each.said, _CITATION)
