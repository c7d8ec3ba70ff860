"""Colours as numbers: sRGB, OKLCH (B. Ottosson 2020, "A perceptual color space for image processing") and the
contrast ratio of WCAG 2.2."""

from __future__ import annotations

import math
import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[int, int, int]

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


def rgb_of(text: str) -> Rgb | None:
    """`#rrggbb` as numbers; None for anything else."""
    found = _HEX.fullmatch(text.strip())
    return None if found is None else (int(found[1], 16), int(found[2], 16), int(found[3], 16))


def oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    """The sRGB colour of lightness 0 to 1, chroma (about 0 to .3) and hue in degrees; chroma is taken back
    until the screen can show it."""
    for step in range(21):
        c = chroma * (1 - step / 20)
        linear = _linear(lightness, c * math.cos(math.radians(hue)), c * math.sin(math.radians(hue)))
        if all(-1e-4 <= each <= 1 + 1e-4 for each in linear):
            break
    r, g, b = (round(255 * _encoded(min(1.0, max(0.0, each)))) for each in linear)
    return r, g, b


def lch_of(colour: Rgb) -> tuple[float, float, float]:
    """Lightness, chroma and hue in degrees."""
    r, g, b = (_decoded(each / 255) for each in colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    middle = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b_axis = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b_axis), math.degrees(math.atan2(b_axis, a)) % 360


def _linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _decoded(encoded: float) -> float:
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


_LINEAR_OF: Final = np.array([_decoded(value / 255) for value in range(256)])
_WEIGHTS: Final = np.array([0.2126, 0.7152, 0.0722])


def luminance(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Relative luminance of pixels (..., 3)."""
    return np.asarray(_LINEAR_OF[pixels] @ _WEIGHTS, np.float64)


def contrast(ink: Rgb, pixels: NDArray[np.uint8]) -> float:
    """The least contrast ratio between a colour and any of the pixels (..., 3)."""
    of_ink = float(luminance(np.array(ink, np.uint8)))
    found = luminance(pixels)
    low, high = float(found.min()), float(found.max())
    if low <= of_ink <= high:
        nearest = found.flat[int(np.abs(found - of_ink).argmin())]
        return _ratio(of_ink, float(nearest))
    return _ratio(of_ink, low if of_ink < low else high)


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
