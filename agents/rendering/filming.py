"""Gets a creative its clip: from the store, else made in the studio and stored."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from msgspec import structs
from PIL import Image

from agents.creatives.pictures import content_of
from agents.photos.cache import PhotoCache
from agents.photos.not_shown import NotShown, NotShownError, why_not_shown
from agents.rendering.answers import held_until_ms
from agents.rendering.clips.studio import NoClipError, Studio
from agents.rendering.clips.unmade import Unmade
from agents.rendering.files.file_names import SUFFIXES
from agents.rendering.files.store import AssetStore, Noted
from agents.rendering.judging import PictureJudge, picture_id
from agents.rendering.marking import FileMark, Marker
from agents.rendering.refusals import Refusals
from agents.rendering.scenes import declares_model, story_of, wants_picture
from agents.rendering.voices.engines import Voice
from agents.rendering.voices.finding import Voices
from agents.rendering.voices.speaking import TIMED_OUT, NoVoiceError, spoken_script
from models.clip.formats import CAPTIONS, FORMATS, POSTER, SOUND
from models.clip.looks import clip_layout_of
from models.clip.sound import SOUND_RENDERER
from models.clip.story import LASTS_S, Story, clip_name
from models.clip.voiceover import scripts
from models.credentials.signing import NotSignedError
from models.scene.encoding import layout_told
from models.scene.layouts import NoLayoutError
from models.scene.photo import read_photo
from models.scene.reasons import UNKNOWN, code_of
from models.scene.words.fonts import Fonts, NoFontError
from streams import records as r
from streams.mapping import ads
from streams.metrics.pictures import CLIP_SECONDS, CLIP_VOICES, CLIPS

log = logging.getLogger(__name__)

ROLES: Final = {POSTER: "poster", CAPTIONS: ads.CAPTIONS}
_HELD: Final = "HeldForReview"
CLIP: Final = "clip"
"""Role of the clip itself, in any codec."""
_NAMED: Final = {each.suffix: each.named for each in FORMATS.values()}
_ORDER: Final = (POSTER, *_NAMED, CAPTIONS)
_PICTURE: Final = 3
"""AdCOM type of a main image."""


class NotHeldError(Exception):
    """The store has no such clip, and none was to be made."""


@dataclass
class Filming:
    """`url` is the address that the store's files are had at. Without voices clips are silent."""

    store: AssetStore
    fonts: Fonts
    url: str
    studio: Studio
    marker: Marker
    photos: PhotoCache
    voices: Voices | None = None
    unmade: Unmade = field(default_factory=Unmade)
    refusals: Refusals = field(default_factory=Refusals)
    judge: PictureJudge = field(default_factory=PictureJudge)
    not_shown: NotShown = field(default_factory=lambda: NotShown("clip"), init=False)

    async def held_of(self, request: r.RenderRequest, found: Mapping[str, str]) -> list[r.Asset] | None:
        """`assets_of` without the seconds that making takes; None where the clip is still to be made."""
        try:
            return await self._assets_of(request, found, makes=False)
        except NotHeldError:
            return None

    async def assets_of(
        self, request: r.RenderRequest, found: Mapping[str, str] = MappingProxyType({})
    ) -> list[r.Asset]:
        """The clip of a creative with its poster and captions, which are stored when this returns; none where
        there is none to be had. `found`: names of photos by address. Raises OSError."""
        return await self._assets_of(request, found, makes=True)

    async def _assets_of(
        self, request: r.RenderRequest, found: Mapping[str, str], makes: bool
    ) -> list[r.Asset]:
        """Raises NotHeldError where it makes nothing, and OSError."""
        creative, until_ms = request.creative, held_until_ms(request.creative)
        try:
            story = story_of(request, found)
            mark = self.marker.mark_of(creative, story.scene)
            if wants_picture(request, story.scene):
                raise NotShownError(why_not_shown(request.look))
            await asyncio.to_thread(self._judge, story)
            name, files, speaks = await self._best(creative, story, mark, until_ms, makes)
            size = clip_layout_of(creative.slot).size
        except NotShownError as error:
            self.not_shown.note(creative.creative_id, error)
            return []
        except (NoClipError, NoFontError, NoLayoutError, NotSignedError) as error:
            kind = (
                error.kind if isinstance(error, NoClipError) else type(error).__name__.removesuffix("Error")
            )
            about = str(error) if kind == _HELD else ""
            self.refusals.note(request, CLIPS, [code_of(kind)], str(error), about)
            return []
        except (NotHeldError, OSError):
            raise  # of the store, which whoever comes next does not find better
        except Exception as error:  # one request that nobody foresaw leaves the rest their clips
            log.exception("no clip for %s", creative.creative_id)
            self.refusals.note(request, CLIPS, [UNKNOWN], f"{type(error).__name__}: {error}")
            return []
        made = [
            _asset(f"{self.url.rstrip('/')}/{name}{each}", each, files[each], size)
            for each in _ORDER
            if each in files
        ]
        layout = layout_told(files[POSTER]) or None
        shown = [picture_id(each) for each in _shown(story)]
        made = [structs.replace(each, layout=layout, shown=shown) for each in made]
        made = list(map(_with_sound, made)) if speaks else made
        if speaks or self._voice_of(creative)[0] is None:  # else whoever comes next may hear it
            await asyncio.to_thread(self.store.note, content_of(request), Noted(until_ms, made))
        return made

    async def _best(
        self, creative: r.Creative, story: Story, mark: FileMark, until_ms: int, makes: bool
    ) -> tuple[str, Mapping[str, bytes], bool]:
        """Name and files, and whether the clip speaks: it is silent where it cannot be had with its voice."""
        voice, why = self._voice_of(creative)
        if voice is not None:
            try:
                found = await self._held_or_made(story, mark, until_ms, creative.creative_id, voice, makes)
            except (NoVoiceError, NoClipError) as error:
                why = error.kind
            else:
                CLIP_VOICES.labels("spoken").inc()
                return (*found, True)
        found = await self._held_or_made(story, mark, until_ms, creative.creative_id, None, makes)
        if why:
            CLIP_VOICES.labels(why).inc()
        return (*found, False)

    def _voice_of(self, creative: r.Creative) -> tuple[Voice | None, str]:
        """Who speaks in the clip of a creative: where it says that a model had a part in it, and somebody
        speaks its language; else why nobody does."""
        if self.voices is None:
            return None, ""
        if not declares_model(creative):
            return None, "Undeclared"
        voice = self.voices.voice(creative.lang)
        return voice, "" if voice is not None else "NoLanguage"

    async def _held_or_made(
        self, story: Story, mark: FileMark, until_ms: int, holder: str, voice: Voice | None, makes: bool
    ) -> tuple[str, Mapping[str, bytes]]:
        """Name and files. Raises NotHeldError, NoClipError, and NoVoiceError: a clip without its voice has
        another name."""
        speaks = f"{voice.name} {SOUND_RENDERER}" if voice is not None else ""
        fonts = await asyncio.to_thread(self.fonts.names, story.texts)
        name = clip_name(story, fonts, self.studio.codecs, mark.name, speaks)
        if files := await asyncio.to_thread(self.store.hold, name, until_ms, holder):
            CLIPS.labels("held").inc()
            return name, files
        if not makes:
            raise NotHeldError
        begun_s = time.monotonic()
        made = await self._made(name, story, mark, voice)
        made = await asyncio.to_thread(mark.signed, made)
        files = await asyncio.to_thread(self.store.put, name, made, until_ms, holder)
        CLIP_SECONDS.observe(time.monotonic() - begun_s)
        CLIPS.labels("made").inc()
        return name, files

    async def _made(self, name: str, story: Story, mark: FileMark, voice: Voice | None) -> dict[str, bytes]:
        """The files of a clip. What fails is not tried again soon: an engine that hangs for no clip, anything
        else not for this one."""
        engine = voice.name if voice is not None else ""
        if kind := self.unmade.why(engine, name):
            raise NoClipError(kind, "as when it was tried last")
        try:
            sound = await spoken_script(voice, scripts(story)) if voice is not None else b""
            return await self.studio.make(
                story, mark.xmp(name), sound, await asyncio.to_thread(self._photos, story)
            )
        except (NoVoiceError, NoClipError) as error:
            hangs = isinstance(error, NoVoiceError) and error.kind == TIMED_OUT
            self.unmade.note(engine if hangs else name, error.kind)
            log.warning("clip %s is not made%s: %s", name, " with its voice" if voice else "", error)
            raise

    def _judge(self, story: Story) -> None:
        """Also for a clip that is stored: a person may have spoken since. Raises NoClipError."""
        for name in _shown(story):
            if self.judge.holds(name, self._look(name)):
                raise NoClipError(_HELD, picture_id(name))

    def _photos(self, story: Story) -> dict[str, bytes]:
        """Files of what the story shows, by name. Raises NoClipError."""
        return {each: self._photo(each) for each in _shown(story)}

    def _look(self, name: str) -> Callable[[], Image.Image]:
        return lambda: read_photo(self._photo(name)).image

    def _photo(self, name: str) -> bytes:
        """Raises NoClipError."""
        try:
            return self.photos.file(name, time.time())
        except OSError as error:
            raise NoClipError("PhotoGone", f"a photo that was there is gone: {error}") from error


def _shown(story: Story) -> list[str]:
    """Names of photo and logo."""
    return [each for each in (story.scene.photo, story.scene.logo) if each]


def _asset(url: str, suffix: str, data: bytes, size: tuple[int, int]) -> r.Asset:
    seen = suffix != CAPTIONS
    return r.Asset(
        ROLES.get(suffix, CLIP),
        url,
        type=_PICTURE if suffix == POSTER else None,
        mime=SUFFIXES[suffix],
        w=size[0] if seen else None,
        h=size[1] if seen else None,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        dur=LASTS_S if suffix in _NAMED else None,
        codec=_NAMED.get(suffix),
    )


def _with_sound(asset: r.Asset) -> r.Asset:
    return structs.replace(asset, codec=f"{asset.codec}, {SOUND}") if asset.codec else asset
