"""Clips as they are read: the frame that shows something, the seconds, the sound."""

from __future__ import annotations

from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from models.material.clip import ClipError, read_clip
from models.material.sound import BANDS, SOUND_HZ


def clip(sound: bool = True) -> bytes:
    """A second of black, then a second of stripes."""
    out = BytesIO()
    stripes = np.zeros((128, 160, 3), np.uint8)
    stripes[:, ::16] = stripes[:, 1::16] = 255
    with av.open(out, "w", format="mp4") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 160, 128, "yuv420p"
        heard = container.add_stream("aac", rate=SOUND_HZ) if sound else None
        for pixels in [np.zeros_like(stripes)] * 10 + [stripes] * 10:
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        if heard is not None:
            tone = np.sin(np.arange(2 * SOUND_HZ) / 8).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate = SOUND_HZ
            container.mux(heard.encode(frame))
            container.mux(heard.encode(None))
    return out.getvalue()


def test_the_poster_is_the_first_frame_that_shows_something() -> None:
    seen = read_clip(clip())
    assert seen.poster.size == (160, 128)
    assert float(np.asarray(seen.poster.convert("L")).std()) > 20
    assert 1.9 < seen.seconds < 2.3
    assert seen.sound is not None and len(seen.sound) == 2 * BANDS


def test_a_silent_clip_has_no_sound() -> None:
    assert read_clip(clip(sound=False)).sound is None


def test_what_is_no_clip_is_refused() -> None:
    picture = BytesIO()
    Image.new("RGB", (80, 80)).save(picture, "BMP")
    for data in (b"", b"nothing", clip()[:200]):
        with pytest.raises(ClipError):
            read_clip(data)
