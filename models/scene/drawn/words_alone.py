"""What may be advertised by words alone."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import regex

from models.text.normalise import fold_text

_WORD = regex.compile(r"\p{Han}+|[\p{L}\p{M}]+")


@cache
def _words() -> frozenset[str]:
    table = tomllib.loads((files("models.scene.drawn") / "words_alone.toml").read_text("utf-8"))
    return frozenset(word for words in table.values() for word in words.split())


def needs_no_picture(names: tuple[str, ...]) -> bool:
    """Whether a thing, by its noun and category, is none that is bought for its looks. Where nothing is said
    of it, nobody can tell, and words may stand alone."""
    said = [word for name in names for word in _WORD.findall(fold_text(name))]
    return not said or any(
        form in _words() or (regex.match(r"\p{Han}", form) and any(form.endswith(each) for each in _words()))
        for word in said
        for form in (word, word.removesuffix("s"), word.removesuffix("es"))
    )
