"""A picture as files: JPEG within the slot's weight, AVIF beside it where that is smaller."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageFile, features

_QUALITIES: Final = (90, 84, 78, 70, 60, 50)
"""Of JPEG, tried one after the other: each is about a seventh lighter than the one before."""
_FULL_COLOUR: Final = 0
_HALF_COLOUR: Final = 2
"""Subsampling: full keeps the edges of coloured type sharp."""
ImageFile.MAXBLOCK = 8 * 1024 * 1024
"""What the encoder of progressive JPEG may hold: at Pillow's own measure a rich picture breaks off."""
_AVIF_QUALITY: Final = 68
_AVIF_SPEED: Final = 8


class TooHeavyError(ValueError):
    """The picture does not come below the slot's weight."""


def jpeg(picture: Image.Image, most_bytes: int, xmp: bytes = b"", layout: str = "") -> bytes:
    """The best JPEG of at most `most_bytes`, with a packet of XMP in it, and the name of its layout as a
    comment: whoever finds the file knows which it is. Raises TooHeavyError."""
    told: dict[str, Any] = _with(xmp) | ({"comment": layout} if layout else {})
    for quality in _QUALITIES:
        sampling = _FULL_COLOUR if quality >= 70 else _HALF_COLOUR
        made = BytesIO()
        picture.save(
            made, "JPEG", quality=quality, subsampling=sampling, optimize=True, progressive=True, **told
        )
        if made.tell() <= most_bytes:
            return made.getvalue()
    raise TooHeavyError(f"{made.tell()} bytes at quality {_QUALITIES[-1]}; the slot takes {most_bytes}")


def layout_told(data: bytes) -> str:
    """The name of the layout that a JPEG of ours has as its comment; '' = none, or no JPEG."""
    try:
        with Image.open(BytesIO(data), formats=["JPEG"]) as image:
            comment = image.info.get("comment", b"")
    except OSError:  # UnidentifiedImageError is one
        return ""
    return comment.decode("ascii", "ignore") if isinstance(comment, bytes) else ""


def avif(picture: Image.Image, most_bytes: int, xmp: bytes = b"") -> bytes | None:
    """The same as AVIF; None where this build cannot, or the file would not be lighter."""
    if not features.check("avif"):
        return None
    made = BytesIO()
    picture.save(made, "AVIF", quality=_AVIF_QUALITY, speed=_AVIF_SPEED, max_threads=1, **_with(xmp))
    return made.getvalue() if made.tell() < most_bytes else None


def _with(xmp: bytes) -> dict[str, Any]:
    return {"xmp": xmp} if xmp else {}
