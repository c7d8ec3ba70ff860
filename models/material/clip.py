"""A supplied clip: the frame that stands for it, how long it lasts, what it sounds like."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import av
import numpy as np
from PIL import Image

from models.arrays import FloatArray
from models.material.sound import SOUND_HZ, sound_features

MOST_FRAMES: Final = 72
"""Frames at the beginning among which the poster is looked for."""
MOST_HEARD_S: Final = 30
_FLAT: Final = 12.0
"""Spread of grey levels below which a frame is a fade or a title card without a picture."""


class ClipError(ValueError):
    """Bytes that are no clip to be shown; the message says why."""


@dataclass(frozen=True, eq=False)
class ClipSeen:
    """`sound` is None where there is none."""

    poster: Image.Image
    seconds: float
    sound: FloatArray | None


def read_clip(data: bytes) -> ClipSeen:
    """Raises ClipError. What is decoded is bounded, whatever the file says of itself."""
    try:
        with av.open(BytesIO(data), "r") as container:
            if not container.streams.video:
                raise ClipError("no picture in it")
            seconds = (container.duration or 0) / av.time_base
            poster = _poster(container)
        with av.open(BytesIO(data), "r") as container:
            heard = _heard(container) if container.streams.audio else np.zeros(0, np.float32)
    except (av.FFmpegError, ValueError) as error:
        raise ClipError(f"no clip that can be read: {error}") from None
    return ClipSeen(poster, round(seconds, 3), sound_features(heard))


def _poster(container: av.container.InputContainer) -> Image.Image:
    """The first frame that shows something, else the first one."""
    first: Image.Image | None = None
    for at, frame in enumerate(container.decode(video=0)):
        image = Image.fromarray(frame.to_ndarray(format="rgb24"))
        first = first or image
        if float(np.asarray(image.convert("L")).std()) >= _FLAT:
            return image
        if at + 1 >= MOST_FRAMES:
            break
    if first is None:
        raise ClipError("no frame in it")
    return first


def _heard(container: av.container.InputContainer) -> FloatArray:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SOUND_HZ)
    parts: list[FloatArray] = []
    samples = 0
    for frame in container.decode(audio=0):
        for each in resampler.resample(frame):
            parts.append(each.to_ndarray().ravel().astype(np.float32))
            samples += len(parts[-1])
        if samples >= MOST_HEARD_S * SOUND_HZ:
            break
    return np.concatenate(parts)[: MOST_HEARD_S * SOUND_HZ] if parts else np.zeros(0, np.float32)
