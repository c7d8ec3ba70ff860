"""What outsiders are told of a total's parts: no difference is of fewer users than are asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.measured.withheld import withheld


@given(st.lists(st.integers(0, 200), max_size=12), st.integers(1, 100))
def test_what_a_total_has_beyond_the_told_parts_is_of_enough_users_or_is_the_total(
    users: list[int], least: int
) -> None:
    untold = withheld(users, least)
    assert all(count >= least for at, count in enumerate(users) if at not in untold)
    if untold and len(untold) < len(users):
        assert max(users[at] for at in untold) >= least and len(untold) > 1


def test_no_more_is_withheld_than_that_takes() -> None:
    assert withheld([60, 50, 70], 50) == set()
    assert withheld([60, 3, 55, 70], 50) == {1, 2}
    assert withheld([60, 3], 50) == {0, 1}
    assert withheld([], 50) == set()
