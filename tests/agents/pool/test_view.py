"""What the followed pool takes of memory."""

from __future__ import annotations

import logging

import pytest

from agents.pool.view import INDEX_BYTES, PoolView
from streams.mapping.copies import key_of_copy
from tests.agents.pool.pool_fixtures import PLACE, entries, other_item

ROOM = 3 * INDEX_BYTES


def test_entries_take_no_more_than_the_setting_even_where_all_are_cold(
    caplog: pytest.LogCaptureFixture,
) -> None:
    view = PoolView(ROOM)
    places = [PLACE._replace(item_id=f"i{number}") for number in range(5)]
    every = [entries(1, place, other_item(number))[0] for number, place in enumerate(places)]
    with caplog.at_level(logging.WARNING):
        for each in every[:3]:
            view.take(key_of_copy(each), each)
        view.ask(("c1", "i0"))
        for each in every[3:]:
            view.take(key_of_copy(each), each)
    assert len(view) == len(list(view.offered())) == ROOM // INDEX_BYTES
    assert view.of(("c1", "i0")) and not view.of(("c1", "i1")), "what was asked for last stays longest"
    assert [each.message.count("SHIFTCAST_POOL_BYTES") for each in caplog.records] == [1]
    for each in every:
        view.take(key_of_copy(each), None)
    assert len(view) == 0
