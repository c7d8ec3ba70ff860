"""Frames as a file that players of in-stream ads take: MP4 with AV1, or with H.264, and AAC where there is
sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from models.clip.formats import MOST_BYTES, MOST_KBPS, Codec, kbps
from models.clip.loudness import RATE
from models.clip.story import FRAMES_PER_S, LASTS_S
from models.scene.encoding import TooHeavyError

_CREDENTIALS: Final = 16_384
"""Left free for those that are added later."""
_ENCODERS: Final = {"av1": "libsvtav1", "h264": "libx264"}
_QUALITIES: Final = {"av1": (24, 30, 38, 46), "h264": (19, 24, 29, 34)}
"""Constant quality, tried one after the other until the clip is light enough."""
_OPTIONS: Final = {
    "av1": {"preset": "8", "svtav1-params": "lp=1:keyint=48"},
    "h264": {"preset": "medium", "profile": "high", "x264-params": "threads=1:keyint=48"},
}
_SOUND_BPS: Final = 96_000
_BT709: Final = 1
_LIMITED: Final = 1


def encoded(
    frames: Callable[[], Iterable[Image.Image]], size: tuple[int, int], codec: Codec, sound: bytes = b""
) -> bytes:
    """The best file within what players take. `frames` gives them again for each try. Raises
    TooHeavyError."""
    for quality in _QUALITIES[codec]:
        made = _encoded(frames(), size, codec, quality, sound)
        if _light(len(made) + _CREDENTIALS):
            return made
    raise TooHeavyError(f"{len(made)} bytes of {codec} in {LASTS_S} s; players take {MOST_KBPS} kbps")


def _light(size: int) -> bool:
    return kbps(size, LASTS_S) <= MOST_KBPS and size < MOST_BYTES


def _encoded(
    frames: Iterable[Image.Image], size: tuple[int, int], codec: Codec, quality: int, sound: bytes
) -> bytes:
    with TemporaryDirectory() as folder:  # the muxer moves the index to the front by reading the file again
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            options = {**_OPTIONS[codec], "crf": str(quality)}
            added = container.add_stream(_ENCODERS[codec], rate=FRAMES_PER_S, options=options)
            stream = cast(av.VideoStream, added)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            context = stream.codec_context
            context.color_range = _LIMITED
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            heard = _sound_stream(container) if sound else None
            for image in frames:
                frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(
                    format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
                )
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if heard is not None:
                container.mux(heard.encode(_heard(sound)))
                container.mux(heard.encode(None))
        return path.read_bytes()


def _sound_stream(container: OutputContainer) -> av.AudioStream:
    stream = container.add_stream("aac", rate=RATE)
    stream.codec_context.layout = "stereo"
    stream.codec_context.bit_rate = _SOUND_BPS
    return stream


def _heard(sound: bytes) -> av.AudioFrame:
    """One voice on both channels."""
    samples = np.frombuffer(sound, "<i2")
    frame = av.AudioFrame.from_ndarray(np.repeat(samples, 2)[None], format="s16", layout="stereo")
    frame.sample_rate = RATE
    return frame
