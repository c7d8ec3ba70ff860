"""Clicks that count and clicks that do not, by hand: one user, times in milliseconds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.arrays import Rows
from models.earned.attribution import known
from models.earned.counters import Field
from models.earned.exposures import EXPOSURES
from models.earned.joins import JoinTally, join_events, know_creative
from models.event.layout import FROM_BOT, EventKind, EventSource
from tests.models.earned.test_attribution import counted, event, rows_x

OURS, NOWHERE, CREATIVE = 33, 22, 5
T = 1_790_000_000_000
IMPRESSION, CLICK, CONVERSION = EventKind.IMPRESSION, EventKind.CLICK, EventKind.CONVERSION
COUNTS, INVALID = (OURS, Field.CLICKS), (OURS, Field.INVALID_CLICKS)
REF = known({CREATIVE: OURS}, [])


def at(kind: EventKind, after_ms: int, **fields: int) -> Rows:
    made = event(kind, 0, **{"cell": NOWHERE, "id": after_ms + 100, **fields})
    made["ts"] = T + after_ms
    return made


def shown(after_ms: int = 0, imp: int = 7) -> Rows:
    return at(IMPRESSION, after_ms, imp=imp, creative=CREATIVE)


def clicked(after_ms: int, imp: int = 7, **fields: int) -> Rows:
    return at(CLICK, after_ms, imp=imp, creative=CREATIVE, **fields)


def joined(*events: Rows, x: Rows | None = None) -> tuple[dict[tuple[int, Field], int], JoinTally, Rows]:
    """What events count for, one batch each."""
    row = rows_x() if x is None else x
    found = [join_events(row, each, 0, 1, REF) for each in events]
    tally = JoinTally(*np.sum([each.tally for each in found], axis=0).tolist())
    return counted(*(each.deltas for each in found)), tally, row


@pytest.mark.parametrize(("after_ms", "counts"), [(0, False), (299, False), (300, True), (-40, True)])
def test_a_click_sooner_than_a_person_can_see_what_was_shown_is_invalid(after_ms: int, counts: bool) -> None:
    for order in ((shown(), clicked(after_ms)), (clicked(after_ms), shown())):
        found, tally, _ = joined(*order)
        assert found == {(OURS, Field.IMPRESSIONS): 1, COUNTS if counts else INVALID: 1}
        assert tally.fast_clicks + tally.unseen_clicks == (order[0]["kind"] == CLICK or not counts)


def test_of_the_clicks_on_one_exposure_the_earliest_counts_in_whatever_order_they_come() -> None:
    events = (shown(), clicked(61_000), clicked(900), clicked(62_000))
    for order in itertools.permutations(events):
        x = rows_x()
        parts = [join_events(x, each, 0, 1, REF).deltas for each in order]
        found = counted(*parts)
        assert found == {(OURS, Field.IMPRESSIONS): 1, COUNTS: 1, INVALID: 2}
        minutes = {int(d["ts"]) // 60: 0 for part in parts for d in part if d["field"] == Field.CLICKS}
        for d in np.concatenate(parts):
            if d["field"] == Field.CLICKS:
                minutes[int(d["ts"]) // 60] += int(d["sign"])
        assert {minute: n for minute, n in minutes.items() if n} == {T // 60_000: 1}


def test_a_click_without_an_exposure_is_invalid_until_its_impression_comes() -> None:
    x = rows_x()
    first, tally, _ = joined(clicked(5_000, imp=8), x=x)
    assert first == {INVALID: 1} and tally.unseen_clicks == 1
    assert joined(shown(0, imp=9), x=x)[0] == {(OURS, Field.IMPRESSIONS): 1}
    assert joined(shown(1_000, imp=8), x=x)[0] == {(OURS, Field.IMPRESSIONS): 1, COUNTS: 1, INVALID: -1}


def test_a_click_that_names_its_creative_alone_belongs_to_the_last_exposure_before_it() -> None:
    events = (
        shown(0, 1),
        shown(60_000, 2),
        clicked(70_000, imp=0),
        clicked(30_000, imp=0),
        clicked(80_000, 2),
    )
    for order in itertools.permutations(events):
        assert joined(*order)[0] == {(OURS, Field.IMPRESSIONS): 2, COUNTS: 2, INVALID: 1}


def test_a_click_whose_exposure_may_have_left_the_list_counts() -> None:
    x = rows_x()
    for k in range(25):
        joined(shown(k * 1_000, 100 + k), x=x)
    assert joined(clicked(30_000, imp=100), x=x)[0] == {COUNTS: 1}
    assert joined(clicked(90_000_000, imp=100), x=x)[0] == {INVALID: 1}, "that was more than a day ago"


def test_what_a_bot_sees_and_clicks_counts_nowhere_but_what_it_buys_does() -> None:
    made = [
        shown(),
        at(EventKind.VIEWABLE, 500, imp=7),
        clicked(5_000),
        at(EventKind.LIKE, 6_000, creative=CREATIVE),
    ]
    for each in made:
        each["purposes"] |= FROM_BOT
    bought = at(CONVERSION, 9_000, value_minor=500, currency=1)
    found, tally, _ = joined(*made, bought)
    assert found == {(OURS, Field.INVALID_IMPRESSIONS): 1, INVALID: 1, (NOWHERE, Field.CONVERSIONS): 1}
    assert (tally.bot_impressions, tally.bot_clicks) == (1, 1)


def test_the_impression_of_a_bot_moves_to_its_creative_as_invalid() -> None:
    x = rows_x()
    guess = at(IMPRESSION, 0, imp=7, creative=6)
    guess["purposes"] |= FROM_BOT
    first = joined(guess, x=x)[0]
    moved = counted(know_creative(x, 0, 6, OURS, EventSource.CREATIVE, 0, REF))
    field = Field.INVALID_IMPRESSIONS
    assert first == {(NOWHERE, field): 1} and moved == {(NOWHERE, field): -1, (OURS, field): 1}


def test_an_invalid_click_earns_nothing_but_the_second_of_a_double_click_what_names_it() -> None:
    fast = (shown(), clicked(100, id=70), at(CONVERSION, 9_000, imp=70, value_minor=500, currency=1))
    assert joined(*fast)[0][NOWHERE, Field.CONVERSIONS] == 1
    double = (shown(), clicked(900, id=70), clicked(1_100, id=71))
    sale = at(CONVERSION, 9_000, imp=71, value_minor=500, currency=1)
    assert joined(*double, sale)[0][OURS, Field.CONVERSIONS] == 1


def test_rows_of_one_set_of_events_are_equal_in_whatever_order_they_came() -> None:
    events = (shown(0, 1), clicked(100, 1), clicked(4_000, 1), clicked(2_000, 1))
    rows = {joined(*order)[2].tobytes() for order in itertools.permutations(events)}
    assert len(rows) == 1 and len(next(iter(rows))) == EXPOSURES.itemsize
