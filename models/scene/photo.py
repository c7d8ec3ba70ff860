"""A picture from outside: read without trusting it, and laid into its place."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from models.scene.colours import Rgb
from models.scene.layouts import Box

FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""What is read, by the bytes themselves: no vector formats, none with more than one frame's worth of code."""
MOST_PIXELS: Final = 40_000_000
MOST_UNPACKED_BYTES: Final = 120_000_000
"""Of pixels, channels and depth: what little bytes may grow to. 40 million pixels of three channels."""
LEAST_SIDE: Final = 64
"""Pixels of the shorter side, as it is kept, below which a picture is an icon, a pixel of somebody's tracker
or a strip."""
KEPT_SIDE: Final = 2_000
"""Pixels of the longer side that are kept: more than any slot shows."""
_RIM: Final = 0.02
"""Share of a side that tells what a picture stands on."""
_EVEN: Final = 10.0
"""Grey levels by which the rim of a packshot may vary."""
_APART: Final = 24
"""Grey levels that a thing differs by from what it stands on."""
_AROUND: Final = 0.1
"""Share of its place that a packshot leaves free on each side."""

_WIDEST: Final = 4.0
_LIGHT: Final = 205.0
_NEAR_BLACK: Final = (30, 30, 34, 255)


class PhotoError(ValueError):
    """Bytes that are no picture to be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Photo:
    """`ground`: the even colour a packshot stands on, with the box of the thing; None of other pictures."""

    image: Image.Image
    ground: Rgb | None
    thing: tuple[int, int, int, int]


def read_photo(data: bytes) -> Photo:
    """Raises PhotoError. Formats, pixels and frames are limited before anything is unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=list(FORMATS))
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise PhotoError(f"{width}x{height} pixels; at most {MOST_PIXELS:,}")
        if (unpacked := width * height * _bytes_a_pixel(image)) > MOST_UNPACKED_BYTES:
            raise PhotoError(f"{unpacked:,} bytes when unpacked; at most {MOST_UNPACKED_BYTES:,}")
        if min(width, height) * min(1.0, KEPT_SIDE / max(width, height)) < LEAST_SIDE:
            beside = f"the shorter side needs {LEAST_SIDE} where the longer one has {KEPT_SIDE:,}"
            raise PhotoError(f"{width}x{height} pixels; {beside}")
        image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
        image.load()
        plain = _opaque(ImageOps.exif_transpose(_kept(image)))
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(f"too many pixels: {error}") from None
    except Exception as error:  # Pillow's decoders raise what they like about damaged bytes
        raise PhotoError(f"no {', '.join(FORMATS)} that can be read: {error}") from None
    return _seen(plain)


def whole_photo(image: Image.Image) -> Photo:
    """A picture that fills its place, whatever its rim is like."""
    return Photo(image, None, (0, 0, image.width, image.height))


def lay(canvas: Image.Image, photo: Photo, place: Box) -> None:
    """A packshot stands whole in the middle of its place, on its own ground; any other picture fills it, cut
    evenly at the longer sides."""
    left, top, width, height = place
    if photo.ground is None:
        laid = ImageOps.fit(photo.image, (width, height), Image.Resampling.LANCZOS)
        canvas.paste(laid, (left, top))
        return
    canvas.paste(photo.ground, (left, top, left + width, top + height))
    thing = photo.image.crop(photo.thing)
    room = (max(1, round(width * (1 - 2 * _AROUND))), max(1, round(height * (1 - 2 * _AROUND))))
    thing = ImageOps.contain(thing, room, Image.Resampling.LANCZOS)
    canvas.paste(thing, (left + (width - thing.width) // 2, top + (height - thing.height) // 2))


def aspect_of(logo: Photo | None) -> float:
    """Width of a mark in its heights: at most four, and a square where there is no logo."""
    if logo is None:
        return 1.0
    left, top, right, bottom = logo.thing
    return min(_WIDEST, max(1.0, (right - left) / max(1, bottom - top)))


def _bytes_a_pixel(image: ImageFile.ImageFile) -> int:
    """Of a picture that is not unpacked yet, in its file's own depth."""
    channels = 4 if "transparency" in image.info else len(image.getbands())
    if image.mode in ("I", "F"):
        return 4 * channels
    return channels * (2 if any("16" in str(each.args) for each in image.tile) else 1)


def _kept(image: Image.Image) -> Image.Image:
    """RGBA where it can be seen through, else RGB, as small as is kept: what follows makes copies."""
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    mode = "RGBA" if see_through else "RGB"
    kept = image if image.mode == mode else image.convert(mode)
    kept.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    return kept


def _opaque(rgba: Image.Image) -> Image.Image:
    """RGB; what can be seen through stands on white, and on near black where it is light itself."""
    if rgba.mode == "RGB":
        return rgba
    solid = np.asarray(rgba).reshape(-1, 4)
    solid = solid[solid[:, 3] > 128][:, :3]
    light = solid.size > 0 and float(solid.mean()) > _LIGHT
    ground = Image.new("RGBA", rgba.size, _NEAR_BLACK if light else (255, 255, 255, 255))
    return Image.alpha_composite(ground, rgba).convert("RGB")


def _seen(image: Image.Image) -> Photo:
    """Whether the rim is even, and where the thing stands on it."""
    pixels = np.asarray(image)
    rim = _rim_of(pixels)
    whole = (0, 0, image.width, image.height)
    if float(rim.std(axis=0).max()) > _EVEN:
        return Photo(image, None, whole)
    ground = np.median(rim, axis=0)
    differs = (np.abs(pixels.astype(np.int16) - ground.astype(np.int16)) > _APART).any(axis=2)
    across, down = np.flatnonzero(differs.any(axis=0)), np.flatnonzero(differs.any(axis=1))
    if not across.size:
        return Photo(image, None, whole)
    r, g, b = (int(each) for each in ground)
    thing = (int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1)
    return Photo(image, (r, g, b), thing)


def _rim_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    x, y = max(1, round(width * _RIM)), max(1, round(height * _RIM))
    sides = (pixels[:y], pixels[-y:], pixels[:, :x], pixels[:, -x:])
    return np.concatenate([each.reshape(-1, 3) for each in sides])
