"""The words of a language for attributes: LANGUAGE.toml beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from models.text.normalise import fold_text

LANGUAGES: Final = ("en", "de", "zh")
_SHORTEST_STEM: Final = 4


class Attribute(NamedTuple):
    """A word of a text that says something of a thing: of which kind, and how it stands there."""

    kind: str
    word: str
    said: str


@dataclass(frozen=True, eq=False)
class AttributeLexicon:
    """`support`: for each word the expressions that allow it: itself, others for the same, and its kinds."""

    language: str
    kinds: dict[str, str]
    support: dict[str, re.Pattern[str]]
    pattern: re.Pattern[str]
    idioms: re.Pattern[str]

    def attributes(self, folded: str) -> Iterator[Attribute]:
        """What a folded text says of things."""
        spared = [match.span() for match in self.idioms.finditer(folded)]
        for match in self.pattern.finditer(folded):
            word = _SEPARATOR.sub("-", match["word"])
            owned = _OWNED.get(self.kinds[word])
            if owned is not None and owned.search(folded[: match.start()]) is None:
                continue
            if not any(start <= match.start() and match.end() <= end for start, end in spared):
                yield Attribute(self.kinds[word], word, match.group())

    def supports(self, word: str, folded: str) -> bool:
        """Whether a folded text says a word that stands for `word`, or a kind of it."""
        return self.support[word].search(folded) is not None


_SEPARATOR: Final = re.compile(r"[\s-]+")
_OWNED: Final = {
    "part": re.compile(
        r"(?:(?<!\w)(?:with|has|have|having|plus|includes?|including|its|features?|brings|carries|wears|gets|add"
        r"|mit|hat|haben|samt|inklusive|inkl|gehört|kommt)(?!\w)|[配附带有含送用])[^.,;:!?。，；：！？]{0,32}$"
        r"|(?<!\w)(?:two|three|four|five|six|zwei|drei|vier|\d+) (?:[^\W\d_]+ )?$"
    ),
    "taste": re.compile(
        r"(?:(?<!\w)(?:notes?|tastes?|tasting|hints?|flavou?rs?|aroma|scent|scented|smells?|duft|duftet|schmeckt"
        r"|noten?|geschmack)(?!\w)|[香味带])[^.;:!?。；：！？]{0,32}$"
    ),
    "use": re.compile(
        r"(?:(?<!\w)(?:for|on|in|into|safe|works?|runs?|taught|covers?|protects?|für|im|in|ins|auf)(?!\w)|[用在可])"
        r"[^.,;:!?。，；：！？]{0,24}$"
    ),
}
"""What stands before a part that the thing has, or before what it is fit for: your own drawer is no part of
it."""


@lru_cache(maxsize=len(LANGUAGES))
def attribute_lexicon_of(language: str) -> AttributeLexicon | None:
    """The lexicon of a language; None where there is none."""
    if language not in LANGUAGES:
        return None
    raw = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    unless = raw.pop("unless")["phrases"].replace("\n", "")
    kinds: dict[str, str] = {}
    allowing: dict[str, set[str]] = {}
    for kind, entries in raw.items():
        for general, specific in entries.items():
            same, kinds_of_it = fold_text(general).split(), fold_text(specific).split()
            every = {*same, *(word.removeprefix("~") for word in kinds_of_it)}
            for word in (*same, *(each for each in kinds_of_it if not each.startswith("~"))):
                kinds.setdefault(word, kind)
                allowing.setdefault(word, set()).update(every if word in same else (word,))
    words = sorted(kinds, key=len, reverse=True)
    said = "|".join(_spelt(word) for word in words)
    return AttributeLexicon(
        language,
        kinds,
        {word: re.compile(_standing(sorted(allowed), language)) for word, allowed in allowing.items()},
        re.compile(_found(said, language)),
        re.compile(_found("|".join(re.escape(fold_text(each)) for each in unless.split("|")), language)),
    )


def _spelt(word: str) -> str:
    return r"[\s-]".join(map(re.escape, word.split("-")))


def _found(words: str, language: str) -> str:
    """Any of these words as a text says them: in German also with an ending or as the beginning of a
    compound."""
    if language == "zh":
        return f"(?P<word>{words})"
    return rf"(?<!\w)(?P<word>{words})" + (r"(?!\w)" if language == "en" else r"\w*")


def _standing(words: list[str], language: str) -> str:
    """Any of these words in a source, where compounds hold them too."""
    spelt = "|".join(map(_spelt, words))
    return spelt if language != "en" else rf"(?<!\w)(?:{spelt})(?:s|es|ed|en)?(?!\w)"
