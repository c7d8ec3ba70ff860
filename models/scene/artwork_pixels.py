"""An advertiser's layout as pixels, painted by a process of its own: what takes too long, or brings the
painter down, ends there."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from models.scene.artwork import Artwork, ArtworkError
from models.scene.colours import luminance

MOST_S: Final = 20.0
"""A layout as people draw them takes a tenth of a second."""
_PAINTER: Final = """
import sys
import resvg_py
size = {"width": int(sys.argv[1]), "height": int(sys.argv[2])}
svg = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, **size))
"""
_DEEP: Final = 0.18
"""Luminance below which white words are the clearer ones."""


def artwork_pixels_of(artwork: Artwork, size: tuple[int, int]) -> Image.Image:
    """What it paints, on white. Raises ArtworkError."""
    painter = [sys.executable, "-I", "-c", _PAINTER, *map(str, size)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, which reads the SVG as data
            painter, input=artwork.painted.encode(), capture_output=True, timeout=MOST_S
        )
    except subprocess.TimeoutExpired:
        repair = "fewer gradients, strokes and shapes that can be seen through"
        raise ArtworkError(f"takes more than {MOST_S:g} s to paint: {repair}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise ArtworkError(f"cannot be painted: {' '.join(said) or f'exit code {done.returncode}'}")
    with Image.open(BytesIO(done.stdout), formats=["PNG"]) as painted:
        whole = Image.alpha_composite(Image.new("RGBA", painted.size, "white"), painted.convert("RGBA"))
    if whole.size != size:
        raise ArtworkError(f"paints {whole.width}x{whole.height} pixels, not {size[0]}x{size[1]}")
    return whole.convert("RGB")


def ground_of(image: Image.Image) -> str:
    """Which of a brand's palettes suits it."""
    small = np.asarray(image.resize((16, 16), Image.Resampling.BOX))
    return "deep" if float(luminance(small).mean()) < _DEEP else "light"
