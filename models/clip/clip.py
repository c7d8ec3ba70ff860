"""A story as files: the clip in each codec that is asked for, its poster, its captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from models.clip.captions import webvtt
from models.clip.encoding import encoded
from models.clip.formats import CAPTIONS, FORMATS, POSTER, Codec
from models.clip.frames import film
from models.clip.placing import cast, placing_faults
from models.clip.story import Story, clip_lines_told
from models.credentials.xmp import with_packet
from models.scene.encoding import jpeg
from models.scene.photo import Photo, aspect_of
from models.scene.words.fonts import Fonts

_POSTER_BYTES: Final = 146_000


class FaultyClipError(ValueError):
    """Words would stand where they must not."""


def make_clip(
    story: Story,
    fonts: Fonts,
    codecs: Sequence[Codec],
    xmp: bytes = b"",
    sound: bytes = b"",
    photos: Mapping[str, Photo] = MappingProxyType({}),
) -> dict[str, bytes]:
    """The files by suffix, with a packet of XMP in those that can carry one; `sound`: a soundtrack's,
    `photos` by name: what the story's scene names and is not there is drawn.

    Raises NoLayoutError, NoFontError, DoesNotFitError, UnreadableError, FaultyClipError, TooHeavyError.
    """
    made = cast(story, fonts, aspect_of(photos.get(story.scene.logo)))
    if wrong := placing_faults(made):
        raise FaultyClipError(f"{', '.join(wrong)} in {story.scene.slot} {made.look.name}")
    shot = film(story, made, photos)
    files = {
        FORMATS[each].suffix: with_packet(encoded(shot.frames, made.layout.size, each, sound), xmp)
        for each in codecs
    }
    files[CAPTIONS] = webvtt(clip_lines_told(story)).encode()
    files[POSTER] = jpeg(shot.poster(), _POSTER_BYTES, xmp, made.look.name)
    return files
