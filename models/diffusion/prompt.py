"""What a text-to-image model is asked for behind a thing: a scene that suits it, with nothing in it that
could be taken for the thing itself, and nothing to read."""

from __future__ import annotations

from typing import Final

from models.diffusion.image_model import ImageWish

_HUES: Final = (
    (12, "pink"), (45, "red"), (85, "orange"), (120, "yellow"), (170, "green"), (225, "teal"), (285, "blue"),
    (335, "violet"), (360, "pink"),
)  # fmt: skip
"""Names of hues of OKLCH, each up to so many degrees."""
_GREY: Final = 0.03
UNWANTED: Final = (
    "text, letters, numbers, logo, watermark, signature, people, hands, faces, product, frame, border"
)


def background_wish(
    noun: str, interest: str, colour: tuple[float, float, float] | None, side: int
) -> ImageWish:
    """`interest`: what the thing belongs to, `colour`: the brand's lightness, chroma and hue."""
    around = f"empty scene for {noun}" + (f", {interest}" if interest else "")
    tones = f", {hue_name(*colour)} tones" if colour is not None else ""
    prompt = f"{around}, bare surface in front, soft daylight, blurred background{tones}, photograph"
    return ImageWish(prompt, UNWANTED, side, side)


def hue_name(lightness: float, chroma: float, hue: float) -> str:
    """A colour as a word."""
    if chroma < _GREY:
        return "light grey" if lightness > 0.6 else "dark grey"
    return next(name for end, name in _HUES if hue <= end)
