"""What the process that makes a clip is told, and what it answers."""

from __future__ import annotations

import msgspec

from models.clip.formats import Codec
from models.clip.story import Story


class ClipOrder(msgspec.Struct, frozen=True):
    """What is to be made, with the folder of fonts beyond the packaged ones, and what the files
    say of their origin, and the sound, if there is one; `photos`: files by the names that the scene has for
    them."""

    story: Story
    codecs: tuple[Codec, ...]
    font_dir: str
    xmp: bytes = b""
    sound: bytes = b""
    photos: dict[str, bytes] = {}


class ClipAnswer(msgspec.Struct, frozen=True):
    """Files by suffix, or why there are none: `refused` names the error, `message` says it."""

    files: dict[str, bytes] = {}
    refused: str = ""
    message: str = ""
