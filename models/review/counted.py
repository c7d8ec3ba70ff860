"""Objections to numbers that the sources tell of another thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.brief.brief import Copy
from models.review.finding import ReviewFinding
from models.review.support import Support
from models.text.normalise import fold_text
from models.text.said.counted import counted, counts_another

_FIELDS: Final = ("headline", "description")
_CITATION: Final = "a number must be said of what brief or row say it of"


def counted_findings(copy: Copy, support: Support) -> Iterator[ReviewFinding]:
    """One per number, in the order of the text."""
    for field in _FIELDS:
        for each in counted(fold_text(getattr(copy, field)), support.language):
            if counts_another(each, support.counted.get(support.number(each.value), ())):
                said = " ".join((each.said, *each.after))
                yield ReviewFinding("NUMBER_OF_ANOTHER", "block", field, said, _CITATION)
