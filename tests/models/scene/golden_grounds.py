"""Painted grounds by seed: `python -m tests.models.scene.golden_grounds` writes the golden ones anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.scene.layouts import LayoutVariant
from models.scene.painter import paint
from models.scene.palette import palette_of
from models.scene.pattern import lay_pattern

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "scene" / "grounds.npz"
SEEDS: Final = (0, 5, 10, 15, 16, 27)
"""Bits 2 and 3 say which ornament is strewn, bit 4 on which side: each of both."""
_SIZE: Final = (120, 100)
_THING: Final = (60, 5, 55, 90)
_FIELD: Final = (0, 60, 120, 40)
_VARIANTS: Final = (
    LayoutVariant("arch", "light", "arch", _THING),
    LayoutVariant("disc", "light", "disc", _THING),
    LayoutVariant("deep", "deep", "disc", _THING),
    LayoutVariant("field", "light", "disc", field=_FIELD),
    LayoutVariant("circles", "deep", "disc"),
)


def grounds() -> dict[str, NDArray[np.uint8]]:
    """(height, width, 3) by variant and seed, `pattern` the tiles that stand where no thing is drawn."""
    found: dict[str, Image.Image] = {}
    for seed in SEEDS:
        for variant in _VARIANTS:
            palette = palette_of("Hearthside", ("#0b57d0",), variant.ground)
            found[f"{variant.name} {seed}"] = paint(_SIZE, variant, variant.picture, palette, seed)
        tiles = found[f"pattern {seed}"] = Image.new("RGB", _SIZE)
        lay_pattern(tiles, (0, 0, *_SIZE), palette_of("Hearthside", ("#0b57d0",), "light"), seed)
    return {name: np.asarray(image) for name, image in found.items()}


if __name__ == "__main__":
    named: dict[str, Any] = {**grounds()}
    np.savez_compressed(GOLDEN, **named)
