"""One clip, made in a process of its own: `python -m agents.rendering.clips.process`, a ClipOrder on its
input, a ClipAnswer on its output.

Encoders are foreign code that takes seconds: what hangs in it or crashes is ended with its process, and the
renderer goes on. It runs behind everything else of the machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import msgspec

from agents.rendering.clips.orders import ClipAnswer, ClipOrder
from models.clip.clip import FaultyClipError, make_clip
from models.scene.encoding import TooHeavyError
from models.scene.layouts import NoLayoutError
from models.scene.photo import PhotoError, read_photo
from models.scene.picture import UnreadableError
from models.scene.words.fitting import DoesNotFitError
from models.scene.words.fonts import SYSTEM_FOLDERS, Fonts, NoFontError

NICE: Final = 10
REFUSALS: Final = (
    DoesNotFitError,
    FaultyClipError,
    NoFontError,
    NoLayoutError,
    PhotoError,
    TooHeavyError,
    UnreadableError,
)
"""What a story cannot be made a clip for."""


def clip_answer(order: ClipOrder) -> ClipAnswer:
    """Makes the clip, or says what speaks against it."""
    fonts = Fonts.found([Path(order.font_dir), *SYSTEM_FOLDERS])
    try:
        photos = {name: read_photo(data) for name, data in order.photos.items()}
        return ClipAnswer(make_clip(order.story, fonts, order.codecs, order.xmp, order.sound, photos))
    except REFUSALS as error:
        return ClipAnswer(refused=type(error).__name__.removesuffix("Error"), message=str(error))


def main() -> None:
    """Reads the order, answers it."""
    os.nice(NICE)
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=ClipOrder)
    sys.stdout.buffer.write(msgspec.msgpack.encode(clip_answer(order)))


if __name__ == "__main__":
    main()
