"""An advertiser's layout as pixels."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
import resvg_py
from PIL import Image

from models.scene.artwork import Artwork, ArtworkError
from models.scene.colours import luminance

_DEEP: Final = 0.18
"""Luminance below which white words are the clearer ones."""


def pixels_of(artwork: Artwork, size: tuple[int, int]) -> Image.Image:
    """What it paints, on white. Raises ArtworkError."""
    try:
        data = resvg_py.svg_to_bytes(
            svg_string=artwork.painted, width=size[0], height=size[1], skip_system_fonts=True
        )
    except ValueError as error:
        raise ArtworkError(f"cannot be painted: {error}") from None
    with Image.open(BytesIO(data)) as painted:
        whole = Image.alpha_composite(Image.new("RGBA", painted.size, "white"), painted.convert("RGBA"))
    if whole.size != size:
        raise ArtworkError(f"paints {whole.width}x{whole.height} pixels, not {size[0]}x{size[1]}")
    return whole.convert("RGB")


def ground_of(image: Image.Image) -> str:
    """Which of a brand's palettes suits it."""
    small = np.asarray(image.resize((16, 16), Image.Resampling.BOX))
    return "deep" if float(luminance(small).mean()) < _DEEP else "light"
