"""Pictures side by side: `python -m tests.models.scene.contact_sheet` writes the golden sheets anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PIL import Image

from models.scene.layouts import layouts
from models.scene.picture import draw_scene
from models.scene.scene import Scene
from tests.models.scene.sample_scenes import FONTS, RIGHT_TO_LEFT, item_scene, items, right_to_left

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "scene" / "contact_sheet.webp"
GOLDEN_CHINESE: Final = GOLDEN.with_name("contact_sheet_zh.webp")
CHINESE_FONT: Final = "NotoSansSC_700Bold.ttf"
"""What `make fonts` brings: other fonts for Chinese draw other pixels."""
_SIDE: Final = 240
_ACROSS: Final = 6
_GAP: Final = 8


def golden_pictures() -> list[Image.Image]:
    """Every variant of every slot, of items and strings whose fonts come with the extra `image`."""
    rows = items(48)
    scenes: list[Scene] = []
    for slot, layout in layouts().items():
        for variant in layout.variant:
            k = len(scenes)
            turned = k % 5 == 3
            made = (
                right_to_left(slot, k % len(RIGHT_TO_LEFT))
                if turned
                else item_scene(slot, rows[k], ("en", "de")[k % 2], k)
            )
            scenes.append(replace(made, variant=variant.name))
    return [draw_scene(each, FONTS).image for each in scenes]


def chinese_pictures() -> list[Image.Image]:
    """One of every slot with words."""
    rows = items(24)
    slots = [slot for slot, layout in layouts().items() if layout.type]
    return [draw_scene(item_scene(slot, rows[k], "zh", 7 * k), FONTS).image for k, slot in enumerate(slots)]


def draws_golden_chinese() -> bool:
    """Whether this machine has the font that the Chinese sheet was drawn with."""
    face = FONTS.faces.get(("cjk", "bold"))
    return face is not None and face.path.name == CHINESE_FONT


def sheet_of(pictures: Sequence[Image.Image]) -> Image.Image:
    """All of them, none enlarged."""
    down = -(-len(pictures) // _ACROSS)
    cell = _SIDE + _GAP
    sheet = Image.new("RGB", (_ACROSS * cell + _GAP, down * cell + _GAP), (205, 205, 205))
    for k, picture in enumerate(pictures):
        small = picture.copy()
        small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
        across, line = k % _ACROSS, k // _ACROSS
        left = _GAP + across * cell + (_SIDE - small.width) // 2
        sheet.paste(small, (left, _GAP + line * cell + (_SIDE - small.height) // 2))
    return sheet


if __name__ == "__main__":
    sheet_of(golden_pictures()).save(GOLDEN, "WEBP", quality=70, method=6)
    if draws_golden_chinese():
        sheet_of(chinese_pictures()).save(GOLDEN_CHINESE, "WEBP", quality=70, method=6)
