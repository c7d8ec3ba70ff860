"""Layout files: areas stay inside safe zones, sizes are those of the slots."""

from __future__ import annotations

from itertools import combinations

import pytest

from models.markup.slot_sizes import SIZES
from models.scene.layouts import MUST_STAY, SlotLayout, layouts, variants_of

WORDED = {slot: layout for slot, layout in layouts().items() if slot != "native"}


@pytest.mark.parametrize("slot", WORDED)
def test_areas_lie_inside_the_safe_zone_and_apart(slot: str) -> None:
    layout = WORDED[slot]
    width, height = layout.size
    left, top, right, bottom = layout.safe
    for variant in layout.variant:
        for area in variant.area:
            x, y, w, h = area.box
            assert x >= left and y >= top and x + w <= width - right and y + h <= height - bottom
        for one, other in combinations([area.box for area in variant.area], 2):
            across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
            down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
            assert across <= 0 or down <= 0, (variant.name, one, other)


@pytest.mark.parametrize("slot", WORDED)
def test_what_must_stay_has_a_place_in_every_variant_and_never_goes(slot: str) -> None:
    layout = WORDED[slot]
    for variant in layout.variant:
        assert set(MUST_STAY) <= {element for area in variant.area for element in area.elements}
    assert not set(MUST_STAY) & set(layout.leave_out)
    assert all(least <= largest for largest, least in layout.type.values())


def test_sizes_are_those_of_the_slots() -> None:
    assert {slot: layout.size for slot, layout in WORDED.items()} == {
        slot: size for slot, size in SIZES.items() if not slot.startswith("video")
    }


def test_the_seed_draws_a_variant_unless_one_is_named() -> None:
    layout: SlotLayout = WORDED["banner_300x250"]
    assert {variants_of(layout, "", seed)[0].name for seed in range(2)} == {"shelf", "beside"}
    assert [each.name for each in variants_of(layout, "beside", 0)] == ["beside", "shelf", "type", "page"]
    assert variants_of(layout, "page", 0)[0].name == "page"


def test_where_nothing_can_be_shown_words_stand_alone() -> None:
    layout: SlotLayout = WORDED["banner_300x250"]
    assert {variants_of(layout, "beside", seed, shown=False)[0].name for seed in range(2)} == {"type", "page"}
    assert len(variants_of(layout, "", 0, shown=False)) == 2
    native = layouts()["native"]
    assert variants_of(native, "", 0, shown=False) == variants_of(native, "", 0), "it has no words"
