"""The position-based click model."""

from __future__ import annotations

import pytest

from models.world.click_model import EXAMINED, click_probability


@pytest.mark.parametrize("slot", EXAMINED)
def test_the_wanted_category_is_clicked_as_often_as_the_slot_is_examined(slot: str) -> None:
    assert click_probability(slot, "boots", "boots") == EXAMINED[slot]
    assert click_probability(slot, "boots", "lamps") == 0


def test_a_slot_nobody_knows_is_examined_as_rarely_as_the_rarest() -> None:
    assert click_probability("billboard", "boots", "boots") == min(EXAMINED.values())
