"""Where a headline leaves a reader asking which thing is meant, the thing's own title says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from models.scene.scene import Scene
from models.scene.words.fonts import script_of
from models.text.normalise import fold_text
from models.text.sentences import without_saying

_FRAME_WORDS: Final = 5
_FRAME_HAN: Final = 10


def worded_by_title(scene: Scene, wanted: bool) -> Iterator[Scene]:
    """The scene with its title as headline where that is `wanted`, or where the headline is short and names
    the noun alone; what says the title once more is left out then. Then as it is."""
    title = scene.title
    fits = title and script_of(title) == script_of(scene.headline)
    if fits and (wanted or _only_points(scene)):
        yield replace(scene, headline=title, description=without_saying(title, scene.description))
    yield scene


def _only_points(scene: Scene) -> bool:
    """Whether a headline is short and names the noun alone."""
    headline, noun = fold_text(scene.headline), fold_text(scene.noun)
    brief = (
        len(headline) <= _FRAME_HAN if script_of(headline) == "cjk" else len(headline.split()) <= _FRAME_WORDS
    )
    return bool(noun) and brief and noun in headline and fold_text(scene.title) not in headline
