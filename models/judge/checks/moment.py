"""A time of day, a day or a season that is not the reader's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.brief.facts import UNSPACED_LANGUAGES
from models.judge.finding import Finding
from models.judge.lexicon import moment_lexicon_of
from models.judge.said import CopyBesideBrief


def moment(draft: CopyBesideBrief) -> Iterator[Finding]:
    """Words for a moment that the brief contradicts, words for today where it says no moment, and a feast or
    season that nobody speaks of. What the
    row itself names ("breakfast for two, Monday to Friday") is no moment, and habits ("on Sundays") are
    none."""
    lexicon, brief = moment_lexicon_of(draft.language), draft.brief
    if lexicon is None:
        return
    unspaced = draft.language in UNSPACED_LANGUAGES
    for field, _, folded in draft.fields:
        for phrase, parts in lexicon.now.items():
            if _stands(phrase, folded, unspaced) and brief.daypart not in parts:
                yield Finding("WRONG_MOMENT", field, phrase)
        for phrase, names in lexicon.dates.items():
            if _stands(phrase, folded, unspaced) and not any(name in draft.row.everything for name in names):
                yield Finding("WRONG_MOMENT", field, phrase)
        for word, parts in lexicon.moments.items() if brief.daypart else ():
            if (
                brief.daypart not in parts
                and _stands(word, folded, unspaced)
                and not _stands(word, draft.row.everything, unspaced)
            ):
                yield Finding("WRONG_MOMENT", field, word)
        for word, days in lexicon.weekdays.items():
            if (
                brief.weekday.casefold() not in days
                and _stands(word, folded, unspaced)
                and not _stands(word, draft.row.everything, unspaced)
            ):
                yield Finding("WRONG_MOMENT", field, word)


def _stands(word: str, folded: str, unspaced: bool) -> bool:
    if word not in folded:
        return False
    return unspaced or re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded) is not None
