"""What a text says that a thing has, whatever it is: "with a rain cover", "mit einem Brustgurt".
No list holds every part, so the word itself must stand in a source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_ENDS: Final = (
    r"(?=[.,;:!?)]|$|\s(?:and|or|for|in|on|of|to|that|from|at|inside|outside|by|which|you|under|over|behind|between"
    r"|as|underneath|below|above|built|you|und|oder|für|aus|im|am|an|zum|zur|von|der|die|das|vorne?|hinten|innen|außen)(?!\w))"
)
_FORMS: Final = {
    "en": re.compile(
        rf"(?<!\w)(?:with|has|plus|features|includes|including) (?:an?|its(?: own)?|an extra|a built-in) "
        rf"(?P<words>(?:[a-z-]+ ){{0,2}}?)(?P<head>[a-z-]+){_ENDS}"
    ),
    "de": re.compile(
        rf"(?<!\w)(?:mit|hat|samt|inklusive|inkl\.) (?:eine[mrn]?|eigene[mrn]?) "
        rf"(?P<words>(?:[a-zäöüß-]+e[nmrs]? ){{0,2}}?)(?P<head>[a-zäöüß-]+){_ENDS}"
    ),
    "zh": re.compile(
        r"(?:配有?|附有?|带有?|含)一?[个只条把张块盏根枚](?P<words>)(?P<head>[\u4e00-\u9fff]{2,4})"
    ),
}
_NO_PART_WORDS: Final = (
    "smile view friend twist difference story purpose past memory cup glass cloud breeze laugh click look"
    " grin bang bit lot few little hint touch nod wink start finish plan reason chance person name note"
    " neither show edge meeting grudge tells take each end full up hand time while when"
    " capacity height width length depth diameter weight volume total choice range design fit glow"
    " promise warranty"
    " clicks hundred thousand dozen"
    " lächeln freund freundin blick lachen klick tasse glas griff handgriff wort ende mal hauch rest"
)
_NO_PARTS: Final = frozenset(_NO_PART_WORDS.split())
"""What is had without being a part of anything."""
_STEM: Final = 4


class Had(NamedTuple):
    """The thing's last word, and how it stands in the text."""

    head: str
    said: str


def had(folded: str, language: str) -> Iterator[Had]:
    """What a folded text says that a thing has."""
    form = _FORMS.get(language)
    for match in form.finditer(folded) if form else ():
        if match["head"] not in _NO_PARTS:
            yield Had(match["head"], match.group())


def is_told(head: str, words: frozenset[str], everything: str, language: str) -> bool:
    """Whether a source says the word, one that begins alike, or one that holds it."""
    if language == "zh":
        return any(head[at : at + 2] in everything for at in range(len(head) - 1))
    word = head.rpartition("-")[2]
    stem = word.removesuffix("s") if language == "en" else word[: max(_STEM, len(word) - 2)]
    if len(stem) >= _STEM:
        return stem in everything or any(len(each) >= _STEM and word.endswith(each) for each in words)
    return word in words or f"{word}s" in words or word.removesuffix("s") in words
