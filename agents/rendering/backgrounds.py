"""Backgrounds that a text-to-image model makes: one for each item and brand, named by what it is made of,
made once and kept as photos are."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson
from PIL import Image

from agents.photos.cache import PhotoCache
from agents.rendering.scenes import NATIVE, declares_model
from models.scene.colours import lch_of, rgb_of
from models.scene.photo import Photo, PhotoError, whole_photo
from models.scene.scene import Scene
from streams import records as r
from streams.loud_end import RefusedError, line_of
from streams.settings import Settings

if TYPE_CHECKING:
    from models.diffusion.image_model import ImageModel, ImageWish

log = logging.getLogger(__name__)

_EVERY_CORE: Final = 0


class NoBackgroundError(RuntimeError):
    """A background could not be made or kept: its picture is drawn without."""


@dataclass(frozen=True)
class Failures:
    """Each kind is told once: what fails for one picture fails for all that follow."""

    _told: set[type[Exception]] = field(default_factory=set, init=False)

    def without(self, noun: str, error: Exception) -> NoBackgroundError:
        """What is to be raised instead."""
        if type(error) not in self._told:
            self._told.add(type(error))
            log.warning("no background for %s (told once): %s", noun, line_of(error))
        return NoBackgroundError(line_of(error))


def may_have_background(scene: Scene, creative: r.Creative) -> bool:
    """Where its creative says of itself that a model had a part in it, and there is neither a photo nor a
    drawing to contradict."""
    return declares_model(creative) and scene.slot != NATIVE and not scene.photo and scene.drawing is None


@dataclass(frozen=True)
class Backgrounds:
    """Drawn with `model`; the seed of a picture follows from what is asked for. `worked` is told of each
    step: on a processor without help one picture takes minutes."""

    model: ImageModel
    cache: PhotoCache
    worked: Callable[[], None] = lambda: None
    failures: Failures = field(default_factory=Failures)

    @classmethod
    def of(cls, settings: Settings, cache: PhotoCache, worked: Callable[[], None]) -> Backgrounds | None:
        """Those of the settings' model; None where none is named. Raises RefusedError."""
        if settings.image_model_dir is None:
            return None
        from models.diffusion.image_model import ImageModel
        from models.model_folder.graph_file import ModelFileError
        from models.model_folder.session import ProviderError

        try:
            model = ImageModel.load(settings.image_model_dir, settings.provider, _EVERY_CORE)
        except (ModelFileError, ProviderError) as error:
            raise RefusedError(f"SHIFTCAST_IMAGE_MODEL_DIR: {error}") from error
        return cls(model, cache, worked)

    def planned(self, scene: Scene, creative: r.Creative, interest: str) -> Scene:
        """The scene with a background, where it may have one."""
        if not scene.noun or not may_have_background(scene, creative):
            return scene
        wish = self._wish(scene.noun, interest, scene.colours)
        made_of = {"model": self.model.name, "prompt": wish.prompt, "unwanted": wish.unwanted}
        return replace(scene, background=sha256(orjson.dumps(made_of)).hexdigest()[:40])

    def photo(self, scene: Scene, interest: str) -> Photo:
        """The background of a planned scene. Raises NoBackgroundError, whose reason is told once."""
        try:
            try:
                return self._kept(scene.background)
            except (FileNotFoundError, PhotoError):
                self._make(scene, interest)
            # not what was made: the first picture of a scene would differ from all that follow
            return self._kept(scene.background)
        except Exception as error:  # those of onnxruntime have no other class in common
            raise self.failures.without(scene.noun, error) from error

    def _kept(self, name: str) -> Photo:
        return whole_photo(self.cache.photo(name, time.time()).image)

    def _make(self, scene: Scene, interest: str) -> None:
        wish = self._wish(scene.noun, interest, scene.colours)
        begun_s = time.perf_counter()
        pixels = self.model.drawn(wish, int(scene.background[:15], 16), lambda _: self.worked())
        log.info("a background for %s took %.1f s", scene.noun, time.perf_counter() - begun_s)
        self.cache.keep(scene.background, whole_photo(Image.fromarray(pixels)), time.time())

    def _wish(self, noun: str, interest: str, colours: tuple[str, ...]) -> ImageWish:
        from models.diffusion.prompt import background_wish

        brand = next((found for each in colours if (found := rgb_of(each)) is not None), None)
        spec = self.model.spec
        return background_wish(noun, interest, None if brand is None else lch_of(brand), spec.side)
