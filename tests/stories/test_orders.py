"""Orders as shops send them: their lines reach the profile, returns do not."""

from __future__ import annotations

from typing import Any

import pytest

from streams.topics import CONVERSION
from streams.wire.ids import hash64
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import USER, Story


def ordered(*items: dict[str, Any], **fields: Any) -> Any:
    story = Story()
    story.consent()
    story.add(CONVERSION.name, USER, NOW_MS, id="o1", type="purchase", cur="EUR", items=list(items), **fields)
    story.lane.flush()
    return story.lane.row("p", USER)


def keys(*ids: str) -> list[int]:
    return [hash64(each) & 2**32 - 1 for each in ids]


def test_an_order_of_several_lines_teaches_all_that_the_catalogue_knows() -> None:
    p = ordered(*({"item_id": each} for each in ("shoes1", "nothing", "guitars2", "shoes3")))
    assert p["newest"].tolist()[:4] == [*keys("shoes3", "guitars2", "shoes1"), 0]
    assert (p["n_pos"], p["n_conv"], p["n_seen"]) == (3, 1, 3)


@pytest.mark.parametrize(
    "returned",
    [{"value": -5}, {}],
    ids=["by its money", "by its quantity"],
)
def test_what_comes_back_teaches_nothing(returned: dict[str, float]) -> None:
    p = ordered({"item_id": "shoes1", "qty": 1 if returned else -1}, **returned)
    assert p["n_pos"] == p["n_conv"] == p["m_long"] == 0 and not p["newest"].any()


def test_an_exchange_teaches_what_was_taken_instead() -> None:
    lines = ({"item_id": "shoes1", "qty": -1, "price": 9}, {"item_id": "guitars2", "price": 4})
    p = ordered(*lines)
    assert p["newest"].tolist()[:2] == [*keys("guitars2"), 0] and p["n_pos"] == 1
