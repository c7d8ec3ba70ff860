"""What a clip is made of, when each line of its script comes, and the name that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

import orjson

from models.scene.scene import RENDERER, Scene

CLIP_RENDERER: Final = 1
"""Version of everything that turns a story into frames: raise it when the same story moves or looks
otherwise."""
LASTS_S: Final = 6
FRAMES_PER_S: Final = 24
FRAMES: Final = LASTS_S * FRAMES_PER_S
CLOSING_S: Final = 4.2
"""From here on the end card stands."""
_HOOK_S: Final = 0.15
"""The picture is seen alone for so long."""
_FIRST_LINE_S: Final = 1.05
_LINES_UNTIL_S: Final = 3.3
"""The last line comes soon enough to be read before the end card."""


@dataclass(frozen=True, slots=True)
class Story:
    """The ad's scene, and the lines of its script in their order; without a script its description is the
    one line."""

    scene: Scene
    script: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What comes after the hook."""
        return self.script or ((self.scene.description,) if self.scene.description else ())

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that is drawn."""
        scene = self.scene
        return (scene.headline, *self.lines, scene.cta, scene.brand, scene.price, scene.legal)


@dataclass(frozen=True, slots=True)
class TimedLine:
    """A line that is read from `start_s` to `end_s`."""

    text: str
    start_s: float
    end_s: float


def clip_lines_told(story: Story) -> list[TimedLine]:
    """The hook, then each line; all stay until the end card, whose call to action is the last."""
    lines = story.lines
    step_s = (_LINES_UNTIL_S - _FIRST_LINE_S) / max(1, len(lines))
    starts = [_HOOK_S, *(_FIRST_LINE_S + at * step_s for at in range(len(lines)))]
    texts = (story.scene.headline, *lines)
    said = [TimedLine(text, start_s, CLOSING_S) for text, start_s in zip(texts, starts, strict=True)]
    return [*said, TimedLine(story.scene.cta, CLOSING_S, float(LASTS_S))]


def clip_name(
    story: Story, fonts: Sequence[str], codecs: Sequence[str], marked: str = "", voice: str = ""
) -> str:
    """Name of the files without their suffixes: a hash of what they are made of, so that any worker names the
    same clip alike. `marked`: what they say of their origin, `voice`: who speaks, '' = nobody."""
    made_of = {
        "clip": asdict(story),
        "renderer": [RENDERER, CLIP_RENDERER],
        "fonts": sorted(fonts),
        "codecs": list(codecs),
        "marked": marked,
        **({"voice": voice} if voice else {}),
    }
    return sha256(orjson.dumps(made_of, option=orjson.OPT_SORT_KEYS)).hexdigest()[:40]
