"""Where a headline leaves a reader asking which thing is meant, the thing's own title says it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final

import regex

from models.scene.scene import Scene
from models.scene.words.fonts import script_of
from models.text.normalise import fold_text
from models.text.sentences import sentences_of, without_saying

_FRAME_WORDS: Final = 7
_FRAME_HAN: Final = 10
_MOST: Final = 0.6
"""Share of a title's words from which on a sentence says it again."""
_GAP: Final = " \N{BULLET} "
_LETTER: Final = r"[[\p{L}\p{N}\p{M}]--\p{Han}]"
"""What a word of a script with spaces goes on with."""
_WORD: Final = regex.compile(r"[\p{L}\p{N}\p{M}%\p{Sc}]+")


def worded_by_title(scene: Scene, wanted: bool) -> Iterator[Scene]:
    """The scene with its title as headline where that is `wanted`, or where the headline is short and only
    points at it; what says no more than title, brand and price do is left out then. Then as it is."""
    title = scene.title
    fits = title and script_of(title) == script_of(scene.headline)
    if fits and (wanted or _only_points(scene)):
        yield replace(scene, headline=title, description=_saying_more(scene))
    yield scene


def _saying_more(scene: Scene) -> str:
    """The description without the sentences that say most of the title's words once more, or nothing."""
    title, rest = scene.title, without_saying(scene.title, scene.description)
    words = _words(title)
    again = [
        each
        for each in sentences_of(rest)
        if (len(words) > 1 and len(words & _words(each)) >= _MOST * len(words)) or not _told_by(each, scene)
    ]
    for each in again:
        rest = without_saying(each, rest)
    return rest


def _only_points(scene: Scene) -> bool:
    """Whether a headline is short and names the noun alone."""
    headline, title = fold_text(scene.headline), fold_text(scene.title)
    brief = (
        len(headline) <= _FRAME_HAN if script_of(headline) == "cjk" else len(headline.split()) <= _FRAME_WORDS
    )
    named = scene.noun and _whole(fold_text(scene.noun), plural=True).search(headline)
    return bool(brief and named and title not in headline and not _told_by(scene.headline, scene))


def _told_by(text: str, scene: Scene) -> set[str]:
    """What is left of a text without words that point at a thing in its language, and those that title,
    noun, brand and price say anyway."""
    left = fold_text(text)
    for said in (scene.price, scene.brand):
        left = _whole(fold_text(said)).sub(_GAP, left) if said else left
    left = _whole(fold_text(scene.noun), plural=True).sub(_GAP, left) if scene.noun else left
    return _words(_pointing(scene.language).sub(" ", left)) - _words(scene.title)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold_text(text)))


def _whole(words: str, plural: bool = False) -> regex.Pattern[str]:
    """Words that are no part of a longer one, where spaces part words."""
    ending = "(?:e?s)?" if plural else ""
    return regex.compile(rf"(?V1)(?<!{_LETTER}){regex.escape(words)}{ending}(?!{_LETTER})")


@cache
def _pointing(language: str) -> regex.Pattern[str]:
    """Any of a language's phrases of pointing.toml, the longest that stands there."""
    table = tomllib.loads((files("models.scene.words") / "pointing.toml").read_text("utf-8"))
    phrases = sorted(map(str.strip, table.get(language, "").split(",")), key=len, reverse=True)
    told = "|".join(regex.escape(each) for each in phrases if each)
    return regex.compile(rf"(?V1)(?<!{_LETTER})(?:{told})(?!{_LETTER})" if told else "(?!)")
