"""Whether a reader can tell what is advertised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.brief.facts import UNSPACED_LANGUAGES
from models.judge.finding import Finding
from models.judge.lexicon import moment_lexicon_of
from models.judge.said import CopyBesideBrief, copy_words_of

_STEM: Final = 4
"""Letters that tell a word whatever its ending."""
_ENOUGH: Final = 2


def named(draft: CopyBesideBrief) -> Iterator[Finding]:
    """NOT_RECOGNISABLE when neither the thing's name nor much of its title is said."""
    if not draft.row.noun and not draft.row.title:
        return
    if not is_named(draft):
        yield Finding("NOT_RECOGNISABLE", "description", draft.row.noun or draft.row.title)


def is_named(draft: CopyBesideBrief) -> bool:
    """Whether headline and description say a word of the thing's name, or enough words of its title: one
    that has several endings counts as the same."""
    text = f"{draft.headline} \n {draft.description}"
    noun, title, language = draft.row.noun, draft.row.title, draft.language
    if language in UNSPACED_LANGUAGES:
        return _shared_pairs(noun or title, text)
    said = _stems(text, language)
    if _stems(noun, language) & said or (language == "de" and _is_part(noun, draft)):
        return True
    told = _stems(title, language)
    shared = len(told & said)
    return shared >= _ENOUGH or (shared > 0 and shared >= len(told) / 2)


def _stems(text: str, language: str) -> set[str]:
    """The beginnings of the words that tell something."""
    lexicon = moment_lexicon_of(language)
    common = lexicon.common if lexicon else frozenset()
    parts = (part for word in copy_words_of(text) for part in word.split("-"))
    return {part[:_STEM] for part in parts if len(part) > 1 and part not in common and not part.isdigit()}


def _is_part(noun: str, draft: CopyBesideBrief) -> bool:
    """Whether a word of the copy holds the end of a German compound, or is it: "Uhr" or "Automatikuhr" for
    "Armbanduhr"."""
    if len(noun) < _STEM:
        return False
    said = copy_words_of(f"{draft.headline} {draft.description}")
    return any(noun[-_STEM:] in word or (len(word) > 2 and noun.endswith(word)) for word in said)


def _shared_pairs(noun: str, text: str) -> bool:
    """Whether two neighbouring characters of a Chinese name stand in the text: "台灯" of "阅读台灯"."""
    return any(noun[at : at + 2] in text for at in range(max(1, len(noun) - 1)))
