"""One mistake: where it stands, what is allowed there, and what was probably meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

_ALIKE: Final = 0.6
_QUOTED: Final = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """`where`: the field's path, "templates[2].slot". `error`: something will not be shown, or not as it was
    meant; `warning`: look at it. `allowed`, `meant`: "" when there is nothing to say."""

    where: str
    severity: Literal["error", "warning"]
    what: str
    allowed: str = ""
    meant: str = ""

    def __str__(self) -> str:
        said = f"{self.where or 'the campaign'} {self.what}"
        said += f"; allowed: {self.allowed}" if self.allowed else ""
        return said + (f"; probably meant: {self.meant}" if self.meant else "")


def cited(value: object) -> str:
    """A value as it stands in the file, shortened."""
    text = str(value)
    return f'"{text if len(text) <= _QUOTED else text[:_QUOTED] + "..."}"'


def nearest_word(word: str, known: Collection[str], alike: float = _ALIKE) -> str:
    """What a misspelt word probably is; "" when it is like none."""
    folded = {each.casefold(): each for each in sorted(known)}
    found = get_close_matches(word.strip().casefold(), folded, n=1, cutoff=alike)
    return cited(folded[found[0]]) if found else ""


def listed(known: Iterable[str], most: int = 12) -> str:
    """What is allowed, in words."""
    words = list(known)
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def one_of(
    where: str,
    value: str,
    known: Collection[str],
    severity: Literal["error", "warning"] = "error",
    like: Callable[[str, Collection[str]], str] = nearest_word,
) -> list[Mistake]:
    """The mistake of a value that is none of `known`."""
    if value in known:
        return []
    return [Mistake(where, severity, f"is {cited(value)}", listed(known), like(value, known))]


def twice(where: Callable[[int], str], values: Iterable[str], what: str) -> list[Mistake]:
    """The mistakes of values that stand there again; `where` by place."""
    seen: set[str] = set()
    found = []
    for at, value in enumerate(values):
        if value in seen:
            found.append(Mistake(where(at), "error", f"is {cited(value)} again: {what}"))
        seen.add(value)
    return found
