"""Grounds that a background model paints behind words that stand alone: in the moment a picture is drawn, for
just those words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson
from PIL import Image

from agents.photos.cache import PhotoCache
from agents.rendering.backgrounds import Backgrounds, Failures, may_have_background
from agents.rendering.scenes import declares_model
from models.scene.layouts import wordy_variants
from models.scene.painter import PaintGround
from models.scene.palette import Palette
from models.scene.scene import Scene
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings

if TYPE_CHECKING:
    from models.background.background_model import BackgroundModel

_ONE_CORE: Final = 1
"""A walk takes a fraction of a second; other pictures want the rest."""


@dataclass(frozen=True)
class Grounds:
    """Painted with `model`; the seed of a ground is that of its scene."""

    model: BackgroundModel
    failures: Failures = field(default_factory=Failures)

    @classmethod
    def of(cls, settings: Settings) -> Grounds:
        """Those of the settings' model. Raises RefusedError."""
        from models.background.background_model import BackgroundModel
        from models.model_folder.graph_file import ModelFileError
        from models.model_folder.session import ProviderError

        assert settings.image_model_dir is not None
        try:
            return cls(BackgroundModel.load(settings.image_model_dir, settings.provider, _ONE_CORE))
        except (ModelFileError, ProviderError) as error:
            raise RefusedError(f"SHIFTCAST_IMAGE_MODEL_DIR: {error}") from error

    def planned(self, scene: Scene, creative: r.Creative, interest: str) -> Scene:
        """The scene with a ground, where words stand alone: it may have a background, or asks for a layout of
        words; an advertiser's own layout paints its own."""
        asked = any(each.name == scene.variant for each in wordy_variants(scene.slot))
        alone = may_have_background(scene, creative) or (asked and declares_model(creative))
        if scene.artwork or not alone:
            return scene
        made_of = {"model": self.model.name, "mood": _mood(scene, interest)}
        return replace(scene, background=sha256(orjson.dumps(made_of)).hexdigest()[:40])

    def painter(self, scene: Scene, interest: str) -> PaintGround:
        """What paints the ground of a planned scene; it raises NoBackgroundError, whose reason is told
        once."""
        mood = _mood(scene, interest)

        def paint(
            size: tuple[int, int],
            palette: Palette,
            deep: bool,
            boxes: Sequence[tuple[float, float, float, float]],
        ) -> Image.Image:
            try:
                return self.model.painted(size, palette, deep, boxes, mood, scene.seed)
            except Exception as error:  # those of onnxruntime have no other class in common
                raise self.failures.without(scene.noun or scene.slot, error) from error

        return paint


def backgrounds_of(
    settings: Settings, cache: PhotoCache, worked: Callable[[], None]
) -> Backgrounds | Grounds | None:
    """What the settings' model paints with, by its kind; None where none is named. `worked` is told of each
    step that may take long. Raises RefusedError."""
    if settings.image_model_dir is None:
        return None
    from models.background.folder import KIND, kind_of

    if kind_of(settings.image_model_dir) == KIND:
        return Grounds.of(settings)
    return Backgrounds.of(settings, cache, worked)


def _mood(scene: Scene, interest: str) -> str:
    from models.background.moods import mood_of

    return mood_of(scene.noun, interest, scene.seed)
