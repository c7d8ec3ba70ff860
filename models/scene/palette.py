"""The colours of a picture: from the brand's, else from its name: a brand always looks like itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xxhash

from models.scene.colours import Rgb, contrast, lch_of, oklch, rgb_of

LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2 AA for text of any size."""
WHITE: Final[Rgb] = (255, 255, 255)
BLACK: Final[Rgb] = (0, 0, 0)
"""One of the two can be read on any flat colour: at 4.58:1 or more."""
_APART: Final = 1.45
"""Contrast between a thing, which has shades and edges of its own, and what it stands on, at least."""
_STAGES: Final = ((0.965, 0.018), (0.85, 0.055), (0.75, 0.075), (0.42, 0.05), (0.3, 0.04))
"""Lightness and chroma of what a thing may stand on in the brand's hue."""
_GREY_CHROMA: Final = 0.03
"""Below it a colour has no hue worth taking."""
_HUES: Final = (12, 26, 38, 148, 164, 190, 215, 238, 256, 272, 290, 315, 345)
"""Hues, in degrees, that give a good ground as well as a good button."""


@dataclass(frozen=True, slots=True)
class Palette:
    """`ground`, `stage` (behind the thing) and `field` (part of the ground of words alone) with the colours
    they turn into, `shape` behind the `thing`, inks, button."""

    ground: Rgb
    ground_end: Rgb
    stage: Rgb
    stage_end: Rgb
    field: Rgb
    field_end: Rgb
    shape: Rgb
    thing: Rgb
    ink: Rgb
    soft_ink: Rgb
    button: Rgb
    button_ink: Rgb


def palette_of(brand: str, colours: tuple[str, ...], ground: str) -> Palette:
    """The palette of a brand on a `light` or `deep` ground. The first colour is the brand's, the second one
    that of the button; what is no `#rrggbb` is passed over."""
    known = [found for each in colours if (found := rgb_of(each)) is not None]
    hue, chroma = _hue_of(brand, known)
    button = known[1] if len(known) > 1 else None
    return _deep(hue, chroma, button) if ground == "deep" else _light(hue, chroma, button or _first(known))


def with_thing(palette: Palette, colour: Rgb) -> Palette:
    """The same with the thing in a colour of its own, on the lightest shape that it stands out from."""
    _, _, own = lch_of(palette.stage_end)
    shapes = [oklch(light, bright, own) for light, bright in _STAGES]
    apart = [contrast(colour, np.array(each, np.uint8)) for each in shapes]
    at = next((n for n, ratio in enumerate(apart) if ratio >= _APART), int(np.argmax(apart)))
    return replace(palette, thing=colour, shape=shapes[at])


def _first(known: list[Rgb]) -> Rgb | None:
    return known[0] if known else None


def _hue_of(brand: str, known: list[Rgb]) -> tuple[float, float]:
    """Hue in degrees, and how colourful the brand is: 1 as a rule, little for a grey one."""
    if known:
        _, chroma, hue = lch_of(known[0])
        return (hue, min(1.0, chroma / 0.12)) if chroma > _GREY_CHROMA else (hue, 0.12)
    return float(_HUES[xxhash.xxh3_64_intdigest(brand.encode()) % len(_HUES)]), 1.0


def _light(hue: float, chroma: float, button: Rgb | None) -> Palette:
    shown = button or oklch(0.5, 0.17 * chroma, hue)
    return Palette(
        ground=oklch(0.985, 0.008 * chroma, hue),
        ground_end=oklch(0.955, 0.02 * chroma, hue),
        stage=oklch(0.9, 0.055 * chroma, hue),
        stage_end=oklch(0.84, 0.085 * chroma, hue + 24),
        field=oklch(0.86, 0.08 * chroma, hue),
        field_end=oklch(0.82, 0.1 * chroma, hue + 16),
        shape=oklch(0.97, 0.025 * chroma, hue + 10),
        thing=oklch(0.52, 0.15 * chroma, hue),
        ink=oklch(0.22, 0.03 * chroma, hue),
        soft_ink=oklch(0.4, 0.025 * chroma, hue),
        button=shown,
        button_ink=readable_on(shown, WHITE),
    )


def _deep(hue: float, chroma: float, button: Rgb | None) -> Palette:
    if _is_warm(hue):
        return _charcoal(hue, chroma, button)
    shown = button or oklch(0.88, 0.15 * max(chroma, 0.6), _warm(hue))
    return Palette(
        ground=oklch(0.34, 0.1 * chroma, hue),
        ground_end=oklch(0.25, 0.075 * chroma, hue - 18),
        stage=oklch(0.34, 0.1 * chroma, hue),
        stage_end=oklch(0.25, 0.075 * chroma, hue - 18),
        field=oklch(0.45, 0.12 * chroma, hue),
        field_end=oklch(0.4, 0.115 * chroma, hue - 10),
        shape=oklch(0.46, 0.125 * chroma, hue + 8),
        thing=oklch(0.97, 0.02 * chroma, hue),
        ink=WHITE,
        soft_ink=oklch(0.92, 0.025 * chroma, hue),
        button=shown,
        button_ink=readable_on(shown, oklch(0.24, 0.06 * chroma, hue)),
    )


def _is_warm(hue: float) -> bool:
    """From orange to lime: dark, these are brown and olive."""
    return 20 <= hue <= 125


def _charcoal(hue: float, chroma: float, button: Rgb | None) -> Palette:
    """A ground with little of a warm colour, which stands on it bright."""
    shown = button or oklch(0.8, 0.15 * max(chroma, 0.6), hue)
    return Palette(
        ground=oklch(0.3, 0.018 * chroma, hue),
        ground_end=oklch(0.22, 0.014 * chroma, hue),
        stage=oklch(0.3, 0.018 * chroma, hue),
        stage_end=oklch(0.22, 0.014 * chroma, hue),
        field=oklch(0.38, 0.03 * chroma, hue),
        field_end=oklch(0.34, 0.028 * chroma, hue),
        shape=oklch(0.6, 0.15 * chroma, hue),
        thing=oklch(0.98, 0.015 * chroma, hue),
        ink=WHITE,
        soft_ink=oklch(0.92, 0.015 * chroma, hue),
        button=shown,
        button_ink=readable_on(shown, oklch(0.24, 0.04 * chroma, hue)),
    )


def _warm(hue: float) -> float:
    """A hue for the button that stands out: yellow, or mint on a ground that is warm itself."""
    return 165.0 if 40 <= hue <= 125 else 90.0


def readable_on(ground: Rgb, wished: Rgb) -> Rgb:
    """The wished ink where it can be read on the ground, else white or black, whichever is clearer."""
    pixel = np.array(ground, np.uint8)
    if contrast(wished, pixel) >= LEAST_CONTRAST:
        return wished
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, pixel))
