"""How well words speak of what they are about, by a kept lexicon of three languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import regex

from models.text.normalise import fold_text

_REACH: Final = 2
"""Words by which a negation may stand before what it turns round."""
_WORD: Final = regex.compile(r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
_HAN: Final = regex.compile(r"\p{Han}")


class Spoken(NamedTuple):
    """Words that speak well, and ill."""

    well: int
    ill: int

    @property
    def sentiment(self) -> float:
        """-1 to 1; one word alone says .5, since a caption may mean it otherwise."""
        return round((self.well - self.ill) / (self.well + self.ill + 1), 4)


class _Lexicon(NamedTuple):
    spelt: regex.Pattern[str]
    han: regex.Pattern[str]


def sentiment_of(text: str) -> float:
    """-1 (speaks ill) to 1 (speaks well), 0 where no word of the lexicon stands."""
    return sentiment_words(text).sentiment


def sentiment_words(text: str) -> Spoken:
    """The words of the lexicon that stand in a text, each as what it says where it stands."""
    folded = fold_text(text)
    good, bad, turns = _lexicon("good"), _lexicon("bad"), _lexicon("not")
    words = [match[0] for match in _WORD.finditer(folded) if not _HAN.search(match[0])]
    counts = [0, 0]
    for at, word in enumerate(words):
        turned = any(turns.spelt.fullmatch(each) for each in words[max(0, at - _REACH) : at])
        for side, lexicon in enumerate((good, bad)):
            if lexicon.spelt.fullmatch(word):
                counts[side ^ turned] += 1
    for side, lexicon in enumerate((good, bad)):
        for match in lexicon.han.finditer(folded):
            counts[side ^ bool(turns.han.search(folded[max(0, match.start() - 1) : match.start()]))] += 1
    return Spoken(*counts)


@cache
def _lexicon(kind: str) -> _Lexicon:
    table = tomllib.loads((files("models.material") / "sentiment.toml").read_text("utf-8"))
    words = [fold_text(word) for language in table.values() for word in language[kind].split()]
    spelt = [regex.escape(word).replace(r"\*", r"\p{L}*") for word in words if not _HAN.search(word)]
    han = sorted((word for word in words if _HAN.search(word)), key=len, reverse=True)
    return _Lexicon(regex.compile("|".join(spelt)), regex.compile("|".join(han)))
