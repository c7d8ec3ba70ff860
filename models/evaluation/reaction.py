"""Whether copy follows the brief: the same request about another item, for another interest, or of a row that
says something else, should read differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.brief.brief import Brief
from models.brief.quotes import quoted_words
from models.evaluation.writing import Writes, samples
from models.text.normalise import fold_text
from models.text.scripts import LETTERS, is_unspaced

_SHORT: Final = 3
_ASKED: Final = 60
"""Briefs that are asked again, spread evenly."""


def reaction_shares(copywriter: Writes, briefs: Sequence[Brief]) -> dict[str, float | None]:
    """Shares of briefs whose headline or description changes with the item (`item_changes`) and the interest
    (`interest_changes`), and of those that with another row's text say a word which only that one has
    (`text_told`; None where rows have no text).

    Item, interest and text come from the next brief in the same locale; the request, and so every draw, stays
    the same. None without copy or without another brief to take them from.
    """
    chosen = (
        [briefs[number * len(briefs) // _ASKED] for number in range(_ASKED)]
        if len(briefs) > _ASKED
        else list(briefs)
    )
    following = {id(brief): _next(brief, place, chosen) for place, brief in enumerate(chosen)}
    pairs = [(brief, other) for brief in chosen if (other := following[id(brief)]) is not None]
    first = [brief for brief, _ in pairs]
    items = [
        replace(brief, title=other.title, noun=other.noun, category=other.category) for brief, other in pairs
    ]
    interests = [replace(brief, interest=other.interest) for brief, other in pairs]
    before = [sample.text for sample in samples(copywriter, first)]
    texts = [replace(brief, text=other.text) for brief, other in pairs if brief.text != other.text]
    return {
        "item_changes": _changed(before, [sample.text for sample in samples(copywriter, items)]),
        "interest_changes": _changed(before, [sample.text for sample in samples(copywriter, interests)]),
        "text_told": text_told(
            copywriter, texts, [brief for brief, other in pairs if brief.text != other.text]
        )
        if texts
        else None,
    }


def text_told(copywriter: Writes, told: Sequence[Brief], before: Sequence[Brief]) -> float | None:
    """Share of the briefs `told`, of those that have copy, in which it says a word that their quoted text has
    and the brief `before` had nowhere."""
    said = [
        (sample.text, _words(" ".join(quoted_words(brief))) - _words(_everything(other)))
        for brief, other, sample in zip(told, before, samples(copywriter, told), strict=True)
        if sample.copy
    ]
    return round(sum(bool(_words(text) & new) for text, new in said) / len(said), 4) if said else None


def _everything(brief: Brief) -> str:
    stated = (*brief.facts, *brief.claims, *brief.must_use, *brief.ctas, *brief.interest)
    return " \n ".join((brief.title, brief.noun, brief.category, brief.brand, brief.text, *stated))


def _words(text: str) -> set[str]:
    """Words that tell something, folded; of scripts without spaces, neighbouring characters."""
    runs = LETTERS.findall(fold_text(text))
    pairs = (run[at : at + 2] for run in runs if is_unspaced(run[0]) for at in range(len(run) - 1))
    return {*pairs, *(run for run in runs if not is_unspaced(run[0]) and len(run) > _SHORT)}


def _next(brief: Brief, place: int, briefs: Sequence[Brief]) -> Brief | None:
    """The next brief of the locale, around the end, with another item and another interest."""
    around = (*briefs[place + 1 :], *briefs[:place])
    return next(
        (
            each
            for each in around
            if each.locale == brief.locale and each.noun != brief.noun and each.interest != brief.interest
        ),
        None,
    )


def _changed(before: Sequence[str], after: Sequence[str]) -> float | None:
    written = [(one, other) for one, other in zip(before, after, strict=True) if one and other]
    return round(sum(one != other for one, other in written) / len(written), 4) if written else None
