"""A title all in capitals as an ad may say it: ordinary words in small letters, every other as the row writes
it. Nobody can tell a brand by its letters, so only a word that is surely none is changed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

import regex

_WORD: Final = regex.compile("[\\p{L}\\p{M}\u200c\u200d'’]+")
_LETTER_RUN: Final = regex.compile(r"[\p{L}\p{N}'’-]+")
_SENTENCE: Final = regex.compile(r"[.!?]+\s+|\n")
_SHORTEST_SHOUT: Final = 2
_ACRONYM_WORDS: Final = (
    "LED OLED USB ABS EVA UV DIY GPS USA UK EU UN AI XL XXL LP EP CD DVD TV PC PVC TPE NATO RGB AAA IPA ISO"
    " DIN ASA VR AC DC HIFI WIFI EAN ISBN OEM SKU"
)
_ACRONYMS: Final = frozenset(_ACRONYM_WORDS.split())
"""What stands in capitals and is no name: a look may stand before it."""
_NOUNS_WITH_CAPITALS: Final = frozenset({"de", "lb"})
_DOTLESS: Final = frozenset({"tr", "az"})
"""Languages where the small letter of I may have no dot: nobody can tell which."""


class Ordinary(NamedTuple):
    """The words of a language that are surely no name, in small letters: `small` words and `things`, and
    `looks`, which begin names too ("RED BULL") and are ordinary only before what is."""

    small: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()

    def has(self, word: str, following: str) -> bool:
        """Whether a word is ordinary before the one `following`, "" where none does; of any case."""
        low, after = word.lower(), following.lower()
        if low in self.small or low in self.things:
            return True
        plain = any(after in words for words in self) or following in _ACRONYMS or _holds_figure(following)
        return low in self.looks and (plain or not following)


@lru_cache(maxsize=64)
def ordinary_words(language: str) -> Ordinary:
    """Those of ordinary_words.toml; none of a language it does not hold."""
    lists = tomllib.loads(files(__package__).joinpath("ordinary_words.toml").read_text(encoding="utf-8"))
    words = {kind: frozenset(said.split()) for kind, said in lists.get(language, {}).items()}
    return Ordinary(**words)


@lru_cache(maxsize=4096)
def calm_title(title: str, brand: str, language: str, elsewhere: str = "") -> str:
    """`title` in sentence case where all its words are in capitals, in German each word with one, as there a
    noun has. Changed are ordinary words, and words that the brand or `elsewhere` (other text of the row)
    write otherwise; all others stay as they are."""
    if language in _DOTLESS or not _shouts(_WORD.findall(title)):
        return title
    brands, ordinary = _WORD.findall(brand), ordinary_words(language)
    written = _as_written([*brands, *_inside(elsewhere)])
    runs = [*map(_text, _LETTER_RUN.finditer(title))]
    calm = [
        run if _holds_figure(run) else _said(run, following, written, ordinary)
        for run, following in zip(runs, [*runs[1:], ""], strict=True)
    ]
    nouns = language in _NOUNS_WITH_CAPITALS
    said = (
        run[:1].upper() + run[1:]
        if run.islower() and run not in brands and (not at or (nouns and run not in ordinary.small))
        else run
        for at, run in enumerate(calm)
    )
    return str(_LETTER_RUN.sub(lambda _: next(said), title))


def _text(match: regex.Match[str]) -> str:
    return str(match.group())


def _shouts(words: Iterable[str]) -> bool:
    """Whether words are in capitals, units aside, and one of them is long enough to shout. One word alone, be
    it among words of a script without capitals, is a name."""
    cased = [word for word in words if word.lower() != word.upper()]
    long = [word for word in cased if len(word) > 2]
    return len(cased) >= _SHORTEST_SHOUT and bool(long) and all(word.isupper() for word in long)


def _holds_figure(run: str) -> bool:
    return any(char.isnumeric() for char in run)


def _said(run: str, following: str, written: dict[str, str], ordinary: Ordinary) -> str:
    """A run of letters, perhaps words joined by hyphens, as it is said before the run `following`."""
    parts = run.split("-")
    pairs = zip(parts, [*parts[1:], following], strict=True)
    return "-".join(
        written.get(part) or (part.lower() if ordinary.has(part, after) else part) for part, after in pairs
    )


def _inside(text: str) -> Iterable[str]:
    """Words of a text but the first of each sentence, whose capital says nothing of the word; those that have
    none, or another one inside, all the same."""
    for sentence in _SENTENCE.split(text):
        first, *others = _WORD.findall(sentence) or [""]
        yield from others
        if first.islower() or first[1:] != first[1:].lower():
            yield first


def _as_written(words: Iterable[str]) -> dict[str, str]:
    """Words by their capitals, as they are written first."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word.upper(), word)
    return found
