"""A showing as slots: what is known has one, what is not has none, a cross is of both its sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.click.copy_traits import traits_of
from models.click.features import (
    BIAS_SLOT,
    FIELDS,
    NO_SLOT,
    PAIRS,
    SLOT_BITS,
    WIDTH,
    Foreseen,
    feature_slots_of,
    tokens_of,
)

FULL = Foreseen(
    campaign_id="c1", item_id="i1", code="lamps", template_id="t1", style="offer", slot="native",
    segment="k01", hour=20, weekday=5, device=4, country="GBR", number=2,
    said=traits_of("Lamps for you", "From 5", "Shop now"),
    interest=("lamps", "sofas", "rugs"), price=4, tier=2, recent=("i2", "i3", "i4"),
)  # fmt: skip


def slots(*showings: Foreseen) -> np.ndarray:
    return feature_slots_of(tokens_of(showings))


def test_every_field_and_cross_of_a_known_showing_has_a_slot_of_its_own() -> None:
    row = slots(FULL)[0]
    assert row.shape == (WIDTH,) and row[0] == BIAS_SLOT
    assert (row >= 0).all() and (row < 1 << SLOT_BITS).all()
    assert len(set(row.tolist())) >= WIDTH - 1  # two of some fifty may share one of 2^18


def test_what_is_not_known_has_no_slot_and_no_cross() -> None:
    row = slots(replace(FULL, item_id=None))[0]
    gone = {1 + FIELDS.index("item")} | {
        1 + len(FIELDS) + n for n, pair in enumerate(PAIRS) if "item" in pair
    }
    assert {int(at) for at in np.flatnonzero(row == NO_SLOT)} == gone
    assert (
        slots(Foreseen(number=1))[0].tolist().count(NO_SLOT) == WIDTH - 2
    )  # the bias and the number are known


def test_an_hour_of_zero_is_known() -> None:
    assert slots(replace(FULL, hour=0))[0][1 + FIELDS.index("hour")] != NO_SLOT


def test_a_cross_changes_with_either_side_and_nothing_else_does() -> None:
    before, after = slots(FULL, replace(FULL, style="story"))
    changed = {int(at) for at in np.flatnonzero(before != after)}
    assert changed == {1 + FIELDS.index("style")} | {
        1 + len(FIELDS) + n for n, pair in enumerate(PAIRS) if "style" in pair
    }


def test_the_weight_of_an_interest_is_of_the_code_wherever_it_stands() -> None:
    first, third = slots(FULL, replace(FULL, interest=("sofas", "rugs", "lamps")))
    assert first[1 + FIELDS.index("interest0")] == third[1 + FIELDS.index("interest2")]


def test_hashes_are_the_same_in_every_process() -> None:
    """They are published: a changed hash would make nonsense of every stored weight."""
    assert slots(FULL)[0][[1, 4, 1 + len(FIELDS)]].tolist() == [53866, 45578, 50615]
