"""What a picture is made of, and the name that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

import orjson

from models.scene.drawn.subjects import Drawing, drawing_of

RENDERER: Final = 25
"""Version of everything that turns a scene into pixels: raise it when the same scene looks otherwise."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One ad as it is to be drawn. '' = there is none; `legal`: what must be said, `noun`: what the
    thing is, '' = nothing is drawn of it, `title`: its own name, `tint`: its colour as `#rrggbb`, '' = the
    brand's, `colours`: of the brand as `#rrggbb`, `variant`: of the layout, '' = drawn from `seed`, `photo`
    and `logo`: names of pictures, hashes of what they show, `background`: that of one that a model makes
    where there is neither photo nor drawing, `artwork`: the advertiser's own layout, an SVG."""

    slot: str
    lang: str
    headline: str
    description: str
    cta: str
    brand: str
    price: str = ""
    legal: str = ""
    noun: str = ""
    colours: tuple[str, ...] = ()
    seed: int = 0
    variant: str = ""
    photo: str = ""
    logo: str = ""
    artwork: str = ""
    tint: str = ""
    title: str = ""
    background: str = ""

    @property
    def language(self) -> str:
        """ "de" of "de_AT"."""
        return self.lang.replace("_", "-").partition("-")[0].lower()

    @property
    def drawing(self) -> Drawing | None:
        """What the thing is drawn as."""
        copy = f"{self.headline} {self.description}"
        return drawing_of(self.noun, self.title, copy, self.language)


def scene_name(scene: Scene, fonts: Sequence[str], marked: str = "") -> str:
    """Name of the picture without its suffix: a hash of the scene, the renderer, the fonts it draws with and
    what it says of its origin (`marked`), so that any worker names the same picture alike."""
    made_of = {"scene": asdict(scene), "renderer": RENDERER, "fonts": sorted(fonts), "marked": marked}
    return sha256(orjson.dumps(made_of, option=orjson.OPT_SORT_KEYS)).hexdigest()[:40]
