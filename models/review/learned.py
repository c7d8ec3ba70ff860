"""Objections to what a writer's own words mean, where no rule names them. Titles, statements of the brief and
wording that a person approved are not the writer's: of those the rules judge what is named exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from models.brief.brief import Copy
from models.meaning.weights import blamed, load_meanings
from models.review.finding import ReviewFinding
from models.review.readings import text_readings
from models.review.support import Support, stands
from models.text.scripts import is_unspaced
from models.text.sentences import sentences_of

LIMIT: Final = 0.5
LIMIT_OF_FEW: Final = 0.75
LONG: Final = 7
"""Least share of blame that blocks, in a sentence of so many words and in a shorter one, which says less of
what it means, unless it hides its words; chosen where each writer was left out of the fit
(models/meaning/README.md)."""
FEWEST_WORDS: Final = 3
FEWEST_WORDS_OF_ONE: Final = 7
"""A sentence among others is read alone only where it is long enough to mean something alone."""
_FIELDS: Final = ("headline", "description")
_WORD: Final = re.compile(r"\w+")
_CODES: Final = {
    "people": ("DISCRIMINATION", "42 USC 3604(c), 15 USC 1691, 42 USC 2000e-3(b); Directive 2000/43/EC"),
    "unlawful": ("ILLEGAL", "inappropriate and prohibited content: illegal goods and acts"),
    "profit": ("CERTAIN_PROFIT", "16 CFR 437 (earnings claims); Directive 2014/65/EU Art. 24(3)"),
    "health": ("HEALTH_CLAIM", "FTC Health Products Compliance Guidance 2022; Regulation (EC) 1924/2006"),
    "personal": ("PERSONAL_ATTRIBUTE", "Meta Advertising Standards: personal attributes; GDPR Art. 9"),
    "claims": ("MISLEADING", "FTC Act s. 5; UCPD 2005/29/EC Art. 6 to 8 and Annex I"),
    "topics": ("SENSITIVE_TOPIC", "inappropriate content: violence, sex, politics, tragedy, addiction"),
}


def learned_findings(copy: Copy, support: Support) -> Iterator[ReviewFinding]:
    """At most one per field: the likeliest meaning of its worst sentence."""
    for field in _FIELDS:
        read = _read(getattr(copy, field), support)
        over = [each for each in read if each.blame >= each.limit]
        if over:
            worst = max(over)
            code, citation = _CODES[worst.meaning]
            yield ReviewFinding(
                code, "block", field, worst.said, f"{citation} (read as such, {worst.blame:.2f})"
            )


def blame_of(text: str, support: Support) -> float:
    """How surely what a writer says in a text may not be published, 0 to 1; 1 where there is too little to
    read."""
    return max((each.blame for each in _read(text, support)), default=1.0)


class _Reading(NamedTuple):
    """What a text or a sentence of it is blamed for, and the least blame that blocks one of its length."""

    blame: float
    meaning: str
    said: str
    limit: float


@lru_cache(maxsize=4096)
def _read(text: str, support: Support) -> tuple[_Reading, ...]:
    meanings = load_meanings()
    return tuple(
        _Reading(*blamed(meanings.of(own)), said, LIMIT if hidden or _words(own) >= LONG else LIMIT_OF_FEW)
        for said, own, hidden in _own_words(text, support)
    )


def _words(own: str) -> int:
    """Words of a text; two characters of a script without spaces count as one."""
    unspaced = sum(map(is_unspaced, own))
    return unspaced // 2 if unspaced else len(_WORD.findall(own))


def _own_words(text: str, support: Support) -> Iterator[tuple[str, str, bool]]:
    """The sentences of a text and the text itself, each as it stands and, folded as it is read, without what
    the writer took over; and whether that was hidden in it. What the row's names hide ("P.F. Candle") no
    writer did."""
    sentences = sentences_of(text)
    parts = ((each, FEWEST_WORDS_OF_ONE) for each in sentences if len(sentences) > 1)
    for said, fewest in ((text, FEWEST_WORDS), *parts):
        open_words = text_readings(said)[0]
        hidden_words = text_readings(support.without_names(said))[1:]
        for read, hidden in ((open_words, False), *((each, True) for each in hidden_words)):
            own = _without(read, support)
            if _words(own) >= fewest or any(map(is_unspaced, own)):
                yield said, own, hidden


def _without(read: str, support: Support) -> str:
    if stands(read.strip(" .!?"), support.sources["template"]):
        return ""
    for taken, stands_for in support.taken_over:
        read = read.replace(taken, stands_for)
    return read
