"""A copywriter and, for the languages it does not know, the one that comes with the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from models.brief.brief import Brief, Copy, language_of
from models.copywriter.generate import CANDIDATES, Copywriter, WrittenCopy
from models.text.variety import Pairs


class ByLanguage:
    """`first` writes in its languages, `other` in its own of the rest; what neither knows is `first`'s to
    refuse."""

    def __init__(self, first: Copywriter, other: Copywriter) -> None:
        self.first, self._other = first, other
        self.locales = (*first.locales, *(each for each in other.locales if each not in first.locales))

    @property
    def model_hash(self) -> str:
        """Of the first: drafts of the other carry its own."""
        return self.first.model_hash

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = CANDIDATES,
        said: Sequence[Pairs] = (),
    ) -> list[WrittenCopy]:
        """One draft per brief, in order. The other, which is small, writes first."""
        drafts: dict[int, WrittenCopy] = {}
        for writer, mine in ((self._other, False), (self.first, True)):
            part = [at for at, brief in enumerate(briefs) if self._is_firsts(brief) == mine]
            if not part:
                continue
            others = [said[at] for at in part] if said else ()
            made = writer.write([briefs[at] for at in part], remaining_ms, accept, candidates, others)
            drafts |= {
                at: replace(draft, model_hash=writer.model_hash) for at, draft in zip(part, made, strict=True)
            }
        return [drafts[at] for at in range(len(briefs))]

    def _is_firsts(self, brief: Brief) -> bool:
        language = language_of(brief.locale)
        return language in self.first.locales or language not in self.locales
