"""Files of a clip by codec: suffix, type, and the codec's name in RFC 6381, which follows from the clip's
size and rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Codec = Literal["av1", "h264"]
POSTER: Final = ".jpg"
CAPTIONS: Final = ".vtt"
MOST_KBPS: Final = 1_000
MOST_BYTES: Final = 4_000_000
"""What players take of an in-stream ad."""
SOUND: Final = "mp4a.40.2"
"""AAC-LC as RFC 6381 names it."""


@dataclass(frozen=True, slots=True)
class ClipFormat:
    """How one codec is stored and named."""

    suffix: str
    named: str
    mime: str = "video/mp4"


FORMATS: Final[dict[Codec, ClipFormat]] = {
    "av1": ClipFormat(".av1.mp4", "av01.0.05M.08"),
    "h264": ClipFormat(".h264.mp4", "avc1.64001f"),
}


def kbps(size: int, lasts_s: int) -> int:
    """Thousands of bits per second of a clip of so many bytes."""
    return -(-size * 8 // (lasts_s * 1_000))
