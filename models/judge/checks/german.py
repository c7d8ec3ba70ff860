"""German articles and verbs beside the thing's name, where the gender of that is known. Sure errors alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.judge.finding import Finding
from models.judge.said import CopyBesideBrief

_OPENS: Final = r"(?:^|[.!?:]\s+)"
_RIGHT: Final = {
    "m": "der dieser ein kein dein",
    "f": "die diese eine keine deine",
    "n": "das dieses ein kein dein",
}
"""What stands before a subject of each gender."""
_ARTICLES: Final = "der|die|das|dieser|diese|dieses|ein|eine|kein|keine|dein|deine"
_ONE: Final = "ist|hat|wird|kommt|steht|liegt|passt|hält|wiegt|kostet|wartet|macht|bringt|gehört|bleibt"
_SEVERAL: Final = (
    "sind|haben|werden|kommen|stehen|liegen|passen|halten|wiegen|kosten|warten|machen|bringen|gehören"
)
_NEVER: Final = {"f": "ein|kein|dein|dieses|das", "m": "das|dieses", "n": ""}
"""What stands before no case of a singular of a gender."""
_ALIKE: Final = ("er", "el", "en", "chen", "lein")
"""Masculine and neuter names that end so are the same in the plural."""


def german(draft: CopyBesideBrief) -> Iterator[Finding]:
    """ARTICLE: one of another gender before the thing's name; AGREEMENT: a verb for several behind one."""
    gender = gender_of(draft.row.noun) if draft.language == "de" else ""
    if not gender:
        return
    for field, _, folded in draft.fields:
        for match in _opening(draft.row.noun).finditer(folded):
            article, many = match["article"], match["many"]
            if many and _may_be_several(draft.row.noun, gender):
                continue
            if many:
                yield Finding("AGREEMENT", field, match.group().strip(" .!?:"))
            elif article not in _RIGHT[gender].split():
                yield Finding("ARTICLE", field, match.group().strip(" .!?:"))
        for match in _never(draft.row.noun, gender).finditer(folded) if _NEVER[gender] else ():
            yield Finding("ARTICLE", field, match.group())


def _may_be_several(noun: str, gender: str) -> bool:
    return gender != "f" and noun.endswith(_ALIKE)


@lru_cache(maxsize=1024)
def _opening(noun: str) -> re.Pattern[str]:
    """A sentence that begins with an article, the thing and its verb."""
    return re.compile(
        rf"{_OPENS}(?P<article>{_ARTICLES}) {re.escape(noun)} (?:(?:{_ONE})|(?P<many>{_SEVERAL}))(?!\w)"
    )


@lru_cache(maxsize=1024)
def _never(noun: str, gender: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_NEVER[gender]}) {re.escape(noun)}(?![\w-])")


@lru_cache(maxsize=1024)
def gender_of(noun: str) -> str:
    """m, f or n of a folded German name of one thing; "" where it is not known."""
    last = noun.rpartition(" ")[2].rpartition("-")[2]
    heads, endings = _genders()
    found = next(({heads[last[at:]]} for at in range(len(last)) if last[at:] in heads), set[str]())
    if not found:
        found = {gender for ending, gender in endings.items() if last.endswith(ending) and last != ending}
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=1)
def _genders() -> tuple[dict[str, str], dict[str, str]]:
    """Gender by how names end: whole heads, then endings."""
    raw = tomllib.loads(files("models.judge").joinpath("german.toml").read_text(encoding="utf-8"))
    heads = {word: gender for gender, table in raw.items() for word in _folded(table["heads"])}
    endings = {word: gender for gender, table in raw.items() for word in _folded(table["endings"])}
    return heads, endings


def _folded(listed: str) -> list[str]:
    return listed.casefold().split()
