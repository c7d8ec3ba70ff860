"""What is said in one word where English says several."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import regex


@cache
def _told() -> dict[str, dict[str, list[str]]]:
    table = tomllib.loads((files("models.scene.drawn") / "compounds.toml").read_text("utf-8"))
    return {part: {name: words.split() for name, words in told.items()} for part, told in table.items()}


@cache
def _before() -> regex.Pattern[str]:
    chinese, german = ("|".join(_told()["before"][each]) for each in ("zh", "de"))
    return regex.compile(rf"(?:{chinese})*的?|(?:(?:{german})-?)?")


def stays_the_same(before: str) -> bool:
    """Whether what stands before a thing in one word leaves it the thing it is."""
    return _before().fullmatch(before) is not None


def names_another(folded: str) -> bool:
    """Whether a text says of any thing that it is another one."""
    return any(word in folded for words in _told()["another"].values() for word in words)


def in_english(folded: str, language: str) -> set[str]:
    """The English words for what a text says in Chinese, in an ad in German also in German."""
    told = _told()
    said = {name for name, words in told["zh"].items() if any(word in folded for word in words)}
    if language == "de":
        begun = folded.split()
        said |= {
            name for name, words in told["de"].items() if any(word.startswith(tuple(words)) for word in begun)
        }
    return said
