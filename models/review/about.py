"""Whether copy is about its item: a reader can tell from it what is advertised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from models.brief.brief import Brief
from models.text.normalise import fold_text
from models.text.scripts import LETTERS, is_unspaced

_STEM: Final = 5
_SHORTEST: Final = 3
_SMALL_WORDS: Final = (
    "the and for with your you our from that this they them are was has have had but not its all one out into"
    " over when then than what who how why where can will just here there their more most less some any every"
    " each only also too very get gets got make makes made take takes new like until while about after before"
    " der die das den dem des ein eine einen einem einer und oder mit für von zum zur bei aus auf ist sind"
    " war wird hat dein deine deinen dir dich ihr wir uns sie nicht auch noch schon nur aber wenn was wie wer"
    " als bis nach vor mehr alle jede jeder jedes kein keine ohne"
)
_SMALL: Final = frozenset(_SMALL_WORDS.split())


@dataclass(frozen=True)
class Topic:
    """What an item is called, the stems of that, and those of what else its row says."""

    called: tuple[str, ...]
    name: frozenset[str]
    rest: frozenset[str]

    def is_met_by(self, text: str) -> bool:
        """Whether a folded text says a word of the name, or two of the rest; a topic without words is met by
        any."""
        said = set(_stems(text))
        return (
            any(name in text for name in self.called)
            or not self.name
            or not self.name.isdisjoint(said)
            or len(self.rest & said) > 1
        )


@lru_cache(maxsize=1024)
def topic_of(brief: Brief) -> Topic:
    names = fold_text(f"{brief.title} \n {brief.noun} \n {brief.category}")
    rest = fold_text(" \n ".join((brief.text, brief.brand, *brief.facts, *brief.claims, *brief.must_use)))
    called = tuple(filter(None, (fold_text(brief.noun), fold_text(brief.title))))
    return Topic(called, frozenset(_stems(names)), frozenset(_stems(rest)))


def _stems(folded: str) -> Iterator[str]:
    """Beginnings of the words that tell something; neighbouring characters of scripts without spaces."""
    for word in LETTERS.findall(folded):
        if is_unspaced(word[0]):
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= _SHORTEST and word not in _SMALL:
            yield word[:_STEM]
