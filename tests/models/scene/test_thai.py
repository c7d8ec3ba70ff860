"""Thai in pictures: words are found without spaces, marks stay on their letters, nothing is cut."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from models.scene.checking import picture_faults
from models.scene.layouts import layouts
from models.scene.picture import draw_scene
from models.scene.scene import Scene
from models.scene.words.fonts import script_of
from models.scene.words.wrapping import wrapped
from tests.models.scene.sample_scenes import FONTS

TEXTS = (
    ("กระเป๋าเป้สำหรับทุกการเดินทาง", "ทนทาน กันน้ำ และสะพายสบาย รับประกัน 2 ปี"),
    ("โคมไฟสำหรับค่ำคืนที่บ้าน", "แสงอบอุ่นสำหรับห้องนั่งเล่น จัดส่งฟรีถึงบ้าน"),
    ("รองเท้าผ้าใบเบาสบาย", "พื้นยืดหยุ่น ระบายอากาศได้ดี คืนสินค้าฟรีภายใน 30 วัน"),
    ("นาฬิกา Calder ราคา 2,990 บาท", "ดีไซน์คลาสสิก ใส่ได้ทุกวัน"),
)
needs_thai = pytest.mark.skipif(("thai", "bold") not in FONTS.faces, reason="no Thai font: extra `image`")
BEGINS_BADLY = regex.compile(r"[\p{M}ๆฯะาำๅ]")
ENDS_BADLY = regex.compile(r"[เแโใไ]$")


def by_letters(line: str) -> float:
    return float(len(regex.findall(r"\X", line)))


@pytest.mark.parametrize("width", range(8, 24))
def test_lines_are_whole_words(width: int) -> None:
    for text in (each for pair in TEXTS for each in pair):
        lines = wrapped(text, width, 20, by_letters)
        assert lines is not None and "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not any(BEGINS_BADLY.match(line) or ENDS_BADLY.search(line) for line in lines), lines
    assert wrapped("รองเท้าผ้าใบเบาสบาย", 8, 4, by_letters) is not None


def test_it_breaks_where_words_end() -> None:
    lines = wrapped("แสงอบอุ่นสำหรับห้องนั่งเล่น", 12, 3, by_letters)
    assert lines is not None and len(lines) == 2 and any("สำหรับ" in line for line in lines)
    assert all(by_letters(line) <= 12 for line in lines)


@given(st.text("กขคงเแโใไะาำิีึืุูเ่้๊๋์ๆฯ aB1,.()", max_size=40), st.integers(4, 20))
def test_no_text_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, 99, by_letters)
    assert lines is None or "".join(lines).replace(" ", "") == "".join(text.split())


@needs_thai
@pytest.mark.parametrize("slot", [slot for slot, layout in layouts().items() if layout.type])
def test_every_slot_and_variant_is_without_fault(slot: str) -> None:
    assert script_of(TEXTS[0][0]) == "thai"
    for seed, (headline, description) in enumerate(TEXTS):
        for variant in layouts()[slot].variant:
            scene = Scene(
                slot, "th", headline, description, "ดูรายละเอียด", "คาลเดอร์", "฿1,290", "สร้างโดย AI",
                "backpack", seed=seed, variant=variant.name,
            )  # fmt: skip
            picture = draw_scene(scene, FONTS)
            assert picture_faults(slot, picture) == [], (slot, variant.name, headline)
            assert {"headline", "cta", "legal"} <= {each.element for each in picture.placed}
