"""Numbers of steps that a scheduler cannot be walked in are refused with one that it can."""

from __future__ import annotations

import pytest

from models.diffusion.schedule import Schedule
from models.export.order import OrderError
from models.image_export.walkable import check_walk


@pytest.mark.parametrize(
    ("schedule", "steps", "instead"),
    [
        (Schedule("ddim", offset=1), 1000, 999),
        (Schedule("lcm"), 60, 50),
        (Schedule("ddim", spacing="trailing"), 61, 60),
        (Schedule("euler", spacing="trailing"), 103, 102),
        (Schedule("euler_ancestral", spacing="trailing"), 121, 120),
        (Schedule("euler", train_steps=20), 30, 20),
    ],
    ids=str,
)
def test_the_next_number_below_is_named(schedule: Schedule, steps: int, instead: int) -> None:
    with pytest.raises(OrderError, match=f"^{steps} steps cannot be walked .* type --steps {instead}$"):
        check_walk(schedule, steps)
    check_walk(schedule, instead)


def test_a_scheduler_that_cannot_be_walked_at_all_is_refused() -> None:
    with pytest.raises(OrderError, match=r"in any number of steps: mend .* in scheduler_config\.json"):
        check_walk(Schedule("ddim", train_steps=10, offset=10), 4)


@pytest.mark.parametrize("spacing", ["leading", "linspace", "trailing"])
def test_usual_numbers_are_walked(spacing: str) -> None:
    for sampler in ("ddim", "euler", "euler_ancestral"):
        for steps in (1, 2, 4, 20, 25, 30, 50):
            check_walk(Schedule(sampler, spacing=spacing), steps)  # type: ignore[arg-type]
