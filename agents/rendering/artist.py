"""Draws what is not there yet and stores it; everything else is had from the store."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from msgspec import structs
from PIL import Image

from agents.creatives.looks import last_like
from agents.creatives.pictures import content_of
from agents.photos.cache import PhotoCache
from agents.photos.not_shown import NotShown, NotShownError, why_not_shown
from agents.rendering.answers import for_one_user, held_until_ms
from agents.rendering.backgrounds import Backgrounds, NoBackgroundError
from agents.rendering.files.file_names import FIRST, SUFFIXES
from agents.rendering.files.store import AssetStore, Noted
from agents.rendering.grounds import Grounds
from agents.rendering.judging import PictureJudge, picture_id
from agents.rendering.marking import FileMark, Marker
from agents.rendering.reading_back import ReadingBack
from agents.rendering.refusals import Refusals
from agents.rendering.repeats import may_vary, other_variants, perceptual_hash_of
from agents.rendering.scenes import interest_of, role_of, scene_of, wants_picture
from models.credentials.signing import NotSignedError
from models.scene.artwork import ArtworkError
from models.scene.checking import picture_faults
from models.scene.encoding import TooHeavyError, layout_told
from models.scene.layouts import NoLayoutError, layout_of
from models.scene.photo import Photo, PhotoError
from models.scene.picture import UnreadableError, draw_scene
from models.scene.reasons import HELD, MISREAD, PHOTO_GONE, UNKNOWN, code_of
from models.scene.scene import Scene, scene_name
from models.scene.words.fitting import DoesNotFitError
from models.scene.words.fonts import Fonts, NoFontError
from streams import records as r
from streams.metrics.pictures import LEFT_OUT, RENDER_REPEATS, RENDER_SECONDS, RENDERS
from streams.unix_time import unix_ms

log = logging.getLogger(__name__)

REFUSALS = (
    ArtworkError,
    DoesNotFitError,
    NoFontError,
    NoLayoutError,
    TooHeavyError,
    UnreadableError,
    NotSignedError,
)
"""What a scene cannot be drawn for: its creative stays as it is."""


class FaultyPictureError(ValueError):
    """What was drawn did not pass its checks: by which codes."""

    def __init__(self, codes: Sequence[str], message: str, about: str = "") -> None:
        super().__init__(message)
        self.codes = codes
        self.about = about


@dataclass
class Artist:
    """`url` is the address that the store's files are had at."""

    store: AssetStore
    fonts: Fonts
    url: str
    marker: Marker
    photos: PhotoCache
    backgrounds: Backgrounds | Grounds | None = None
    refusals: Refusals = field(default_factory=Refusals)
    reading: ReadingBack | None = None
    judge: PictureJudge = field(default_factory=PictureJudge)
    not_shown: NotShown = field(default_factory=lambda: NotShown("picture"), init=False)

    def assets_of(
        self, request: r.RenderRequest, found: Mapping[str, str] = MappingProxyType({})
    ) -> list[r.Asset]:
        """The pictures of a creative, which are stored when this returns; none where there are none to be
        had. `found`: names of photos by address. Raises OSError."""
        creative, until_ms = request.creative, held_until_ms(request.creative)
        try:
            scene = self._planned(request, found)
            mark = self.marker.mark_of(creative, scene)
            self._judge(scene)
            try:
                name, files = self._unlike_seen(request, scene, mark, until_ms)
            except NoBackgroundError:
                scene = replace(scene, background="")
                mark = self.marker.mark_of(creative, scene)
                name, files = self._unlike_seen(request, scene, mark, until_ms)
        except NotShownError as error:
            self.not_shown.note(creative.creative_id, error)
            return []
        except FaultyPictureError as error:
            self.refusals.note(request, RENDERS, error.codes, str(error), error.about)
            return []
        except OSError:
            raise  # of the store, which whoever comes next does not find better
        except REFUSALS as error:
            code = code_of(type(error).__name__.removesuffix("Error"))
            self.refusals.note(request, RENDERS, [code], str(error))
            return []
        except Exception as error:  # one request that nobody foresaw leaves the rest their pictures
            log.exception("no picture for %s", creative.creative_id)
            self.refusals.note(request, RENDERS, [UNKNOWN], f"{type(error).__name__}: {error}")
            return []
        layout = layout_told(files[FIRST]) or None
        looks = perceptual_hash_of(files[FIRST]) if for_one_user(creative) else None
        made = [self._asset(scene.slot, name, each, files[each]) for each in files]
        shown = [picture_id(each) for each in (scene.photo, scene.logo, scene.background) if each]
        made = [structs.replace(each, layout=layout, looks=looks, shown=shown) for each in made]
        if name == self._name(scene, mark):  # else it is another than whoever comes next would get
            self.store.note(content_of(request), Noted(until_ms, made))
        return made

    def _unlike_seen(
        self, request: r.RenderRequest, scene: Scene, mark: FileMark, until_ms: int
    ) -> tuple[str, dict[str, bytes]]:
        """Name and files: in another variant of the layout where the usual one looks like what the user had
        lately, in the one that he has not had for longest."""
        usual = self._held_or_drawn(request, scene, mark, until_ms)
        seen, usual_files = request.seen, usual[1]
        best, newest = usual, last_like(perceptual_hash_of(usual_files[FIRST]), seen) if seen else 0
        if not newest:
            return usual
        others = other_variants(scene.slot, layout_told(usual_files[FIRST])) if may_vary(request) else []
        for variant in others:
            try:
                drawn = self._held_or_drawn(request, replace(scene, variant=variant), mark, until_ms)
            except (*REFUSALS, FaultyPictureError):
                continue
            last, left = last_like(perceptual_hash_of(drawn[1][FIRST]), seen), drawn
            if last < newest:
                best, newest, left = drawn, last, best
            self.store.let_go(left[0], request.creative.creative_id, unix_ms())
        RENDER_REPEATS.labels("kept" if best is usual else "redrawn").inc()
        return best

    def _held_or_drawn(
        self, request: r.RenderRequest, scene: Scene, mark: FileMark, until_ms: int
    ) -> tuple[str, dict[str, bytes]]:
        """Name and files. Raises NoBackgroundError: a picture without its background has another name."""
        name = self._name(scene, mark)
        if files := self.store.hold(name, until_ms, request.creative.creative_id):
            RENDERS.labels("held").inc()
            return name, files
        return name, self._drawn(request, scene, mark, name, until_ms)

    def _name(self, scene: Scene, mark: FileMark) -> str:
        return scene_name(scene, self._font_names(scene), mark.name)

    def _font_names(self, scene: Scene) -> list[str]:
        texts = (scene.headline, scene.description, scene.cta, scene.brand, scene.price, scene.legal)
        return self.fonts.names(texts)

    def _planned(self, request: r.RenderRequest, found: Mapping[str, str]) -> Scene:
        """Raises NotShownError."""
        scene = scene_of(request, found)
        if wants_picture(request, scene):
            raise NotShownError(why_not_shown(request.look))
        if self.backgrounds is None:
            return scene
        return self.backgrounds.planned(scene, request.creative, interest_of(request))

    def _judge(self, scene: Scene) -> None:
        """Also for a picture that is stored: a person may have spoken since. A ground that is yet to be
        painted is looked at then. Raises FaultyPictureError."""
        for name in filter(None, (scene.photo, scene.logo)):
            self._hold_back(self.judge.holds(name, self._look(name)), name)
        self._hold_back(self.judge.denies(scene.background), scene.background)

    def _hold_back(self, held: bool, name: str) -> None:
        """Raises FaultyPictureError."""
        if held:
            raise FaultyPictureError([HELD], picture_id(name), picture_id(name))

    def _look(self, name: str) -> Callable[[], Image.Image]:
        return lambda: self._photo(name).image

    def _photo(self, name: str) -> Photo:
        """Raises FaultyPictureError."""
        try:
            return self.photos.photo(name, time.time())
        except (OSError, PhotoError) as error:
            raise FaultyPictureError([PHOTO_GONE], str(error)) from error

    def _drawn(
        self, request: r.RenderRequest, scene: Scene, mark: FileMark, name: str, until_ms: int
    ) -> dict[str, bytes]:
        begun_s = time.perf_counter()
        photos = {each: self._photo(each) for each in (scene.photo, scene.logo) if each}
        paint_ground = None
        if scene.background:
            if isinstance(self.backgrounds, Grounds):
                paint_ground = self.backgrounds.painter(scene, interest_of(request))
            elif self.backgrounds is not None:
                photos[scene.background] = self.backgrounds.photo(scene, interest_of(request))
        try:
            picture = draw_scene(scene, self.fonts, photos, paint_ground)
        except OSError as error:  # FreeType's, of a size or a character: it is the scene's, not the disk's
            raise FaultyPictureError([UNKNOWN], f"{scene.slot}: {error}") from error
        if scene.background:
            self._hold_back(self.judge.holds(scene.background, lambda: picture.image), scene.background)
        if wrong := picture_faults(scene.slot, picture):
            raise FaultyPictureError(wrong, f"{scene.slot} {picture.variant}")
        if self.reading is not None and self.reading.is_misread(name, picture):
            raise FaultyPictureError([MISREAD], f"{scene.slot} {picture.variant}")
        files = {".jpg": picture.jpeg(mark.xmp(name))}
        if (lighter := picture.avif(len(files[".jpg"]), mark.xmp(name))) is not None:
            files[".avif"] = lighter
        files = self.store.put(name, mark.signed(files), until_ms, request.creative.creative_id)
        for element in picture.left_out:
            LEFT_OUT.labels(scene.slot, element).inc()
        if picture.signs:
            LEFT_OUT.labels(scene.slot, "sign").inc(picture.signs)
        RENDER_SECONDS.observe(time.perf_counter() - begun_s)
        RENDERS.labels("drawn").inc()
        return files

    def _asset(self, slot: str, name: str, suffix: str, data: bytes) -> r.Asset:
        width, height = layout_of(slot).size
        return r.Asset(
            role_of(slot),
            f"{self.url.rstrip('/')}/{name}{suffix}",
            type=3,
            mime=SUFFIXES[suffix],
            w=width,
            h=height,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )
