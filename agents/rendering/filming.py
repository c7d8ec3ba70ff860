"""Gets a creative its clip: from the store, else made in the studio and stored."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agents.rendering.answers import held_until_ms
from agents.rendering.clips.studio import NoClipError, Studio
from agents.rendering.file_names import type_of
from agents.rendering.marking import Marker
from agents.rendering.scenes import story_of
from agents.rendering.store import AssetStore
from models.clip.formats import CAPTIONS, FORMATS, POSTER
from models.clip.looks import clip_layout_of
from models.clip.story import LASTS_S, clip_name
from models.credentials.signing import NotSignedError
from models.scene.layouts import NoLayoutError
from models.scene.words.fonts import Fonts, NoFontError
from streams import records as r
from streams.mapping import ads
from streams.metrics.pictures import CLIP_SECONDS, CLIPS

log = logging.getLogger(__name__)

ROLES: Final = {POSTER: "poster", CAPTIONS: ads.CAPTIONS}
CLIP: Final = "clip"
"""Role of the clip itself, in any codec."""
_NAMED: Final = {each.suffix: each.named for each in FORMATS.values()}
_ORDER: Final = (POSTER, *_NAMED, CAPTIONS)
_PICTURE: Final = 3
"""AdCOM type of a main image."""


@dataclass
class Filming:
    """`url` is the address that the store's files are had at."""

    store: AssetStore
    fonts: Fonts
    url: str
    studio: Studio
    marker: Marker

    async def assets_of(self, request: r.RenderRequest) -> list[r.Asset]:
        """The clip of a creative with its poster and captions, which are stored when this returns; none where
        there is none to be had. Raises OSError."""
        creative, until_ms = request.creative, held_until_ms(request.creative)
        story, mark = story_of(request), self.marker.mark_of(creative)
        try:
            name = clip_name(story, self.fonts.names(story.texts), self.studio.codecs, mark.name)
            files = await asyncio.to_thread(self.store.hold, name, until_ms)
            if not files:
                begun_s = time.monotonic()
                made = await self.studio.make(story, mark.xmp)
                made = await asyncio.to_thread(mark.signed, made)
                files = await asyncio.to_thread(self.store.put, name, made, until_ms)
                CLIP_SECONDS.observe(time.monotonic() - begun_s)
                CLIPS.labels("made").inc()
            size = clip_layout_of(creative.slot).size
        except (NoClipError, NoFontError, NoLayoutError, NotSignedError) as error:
            kind = (
                error.kind if isinstance(error, NoClipError) else type(error).__name__.removesuffix("Error")
            )
            CLIPS.labels(kind).inc()
            log.warning("no clip for %s: %s", creative.creative_id, error)
            return []
        return self._assets(name, files, size)

    def _assets(self, name: str, files: Mapping[str, bytes], size: tuple[int, int]) -> list[r.Asset]:
        return [self._asset(f"{name}{each}", each, files[each], size) for each in _ORDER if each in files]

    def _asset(self, file: str, suffix: str, data: bytes, size: tuple[int, int]) -> r.Asset:
        seen = suffix != CAPTIONS
        return r.Asset(
            ROLES.get(suffix, CLIP),
            f"{self.url.rstrip('/')}/{file}",
            type=_PICTURE if suffix == POSTER else None,
            mime=type_of(file),
            w=size[0] if seen else None,
            h=size[1] if seen else None,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            dur=LASTS_S if suffix in _NAMED else None,
            codec=_NAMED.get(suffix),
        )
