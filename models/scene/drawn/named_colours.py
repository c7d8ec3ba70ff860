"""The colour that a text says a thing has, so that no drawing contradicts it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import regex

from models.scene.colours import Rgb, lch_of, oklch, rgb_of
from models.text.normalise import fold_text

_HAN = regex.compile(r"\p{Han}")
_DARK = regex.compile(r"(?:\b(?:dark|deep|dunkles?|dunkler?)[ -]|深)$")
_OF_A_PART = regex.compile(
    r"[ -](?:leather )?(?:legs?|handles?|straps?|soles?|trims?|accents?|details?|frames?|base|buttons?)\b"
)
_LIGHT = regex.compile(r"(?:\b(?:light|pale|soft|helles?|heller?|zart)[ -]|浅|淡)$")


@cache
def _colours() -> dict[str, Rgb]:
    """By folded word, longest first."""
    table = tomllib.loads((files("models.scene.drawn") / "named_colours.toml").read_text("utf-8"))
    known = {fold_text(word): rgb_of(code) for code, words in table.items() for word in words.split()}
    ordered = sorted(known.items(), key=lambda each: -len(each[0]))
    return {word: colour for word, colour in ordered if colour is not None}


@cache
def _pattern() -> regex.Pattern[str]:
    han = "|".join(word for word in _colours() if _HAN.search(word))
    spelt = "|".join(regex.escape(word) for word in _colours() if not _HAN.search(word))
    spaced = spelt.replace(chr(92) + "-", "[- ]")
    return regex.compile(rf"(?P<word>{han})|\b(?P<word>{spaced})(?:e[rsmn]?)?\b")


def colours_in(text: str) -> list[Rgb]:
    """The colours that a text names, each once, in its order; of words side by side, such as emerald green,
    the first. Dark and light ones are shades; what only a part of the thing has does not count."""
    folded, found, end = fold_text(text), [], -1
    for match in _pattern().finditer(folded):
        if _OF_A_PART.match(folded, match.end()):
            continue
        if end < 0 or folded[end : match.start()].strip(" -"):
            named = _colours()[match["word"].replace(" ", "-")]
            found.append(_shaded(named, folded[: match.start()]))
        end = match.end()
    return list(dict.fromkeys(found))


def without_colours(text: str) -> str:
    """A text, folded, without the colours that it names."""
    return " ".join(_pattern().sub(" ", fold_text(text)).split())


def _shaded(colour: Rgb, before: str) -> Rgb:
    """Darker or lighter, where the words before it say so."""
    lightness, chroma, hue = lch_of(colour)
    if _DARK.search(before):
        return oklch(lightness * 0.7, chroma, hue)
    return oklch((lightness + 1) / 2, chroma * 0.6, hue) if _LIGHT.search(before) else colour
