"""How far clips were played: counted for their creative, whenever that becomes known; times in seconds."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from models.arrays import Rows
from models.earned.counters import Counters, Field, Sums
from models.earned.exposures import ACTS
from models.earned.joins import join_events, know_creative
from models.event.layout import FROM_BOT, PLAYED_KINDS, EventKind, EventSource
from models.markup.tracking import PLAYED
from tests.models.earned.test_attribution import GUESS, NOBODY, NOWHERE, TRUE, counted, event, rows_x

COUNTED: Final = dict(
    zip(
        PLAYED_KINDS.values(),
        (
            Field.STARTS, Field.FIRST_QUARTILES, Field.MIDPOINTS, Field.THIRD_QUARTILES, Field.COMPLETIONS,
        ),
        strict=True,
    )
)  # fmt: skip
"""Under which counter each is counted."""


def played(kind: EventKind, ts_s: int = 1_005, **fields: int) -> Rows:
    """One quartile of a clip of creative 5."""
    return event(kind, ts_s, **{"creative": 5, "cell": NOWHERE, "source": EventSource.BEHAVIOR, **fields})


def join(x: Rows, each: Rows) -> Rows:
    return join_events(x, each, 0, len(each), NOBODY)[0]


def test_quartiles_have_the_names_that_trackers_carry() -> None:
    assert list(PLAYED_KINDS) == list(PLAYED.values())


@pytest.mark.parametrize("kind", list(COUNTED))
@pytest.mark.parametrize("known_first", [True, False])
def test_a_play_counts_once_for_its_creative_in_its_own_minute(kind: EventKind, known_first: bool) -> None:
    x = rows_x()
    deltas = [join(x, event(EventKind.IMPRESSION, 1_000, imp=7, creative=5, cell=GUESS))]
    if known_first:
        deltas.append(known_now(x))
    deltas.append(join(x, played(kind, 1_075)))
    if not known_first:
        assert counted(deltas[-1]) == {(GUESS, COUNTED[kind]): 1}, "what its exposure is taken for"
        deltas.append(known_now(x))
    assert counted(*deltas) == {(TRUE, Field.IMPRESSIONS): 1, (TRUE, COUNTED[kind]): 1}
    sums = Sums()
    sums.add(np.concatenate(deltas))
    minutes = {
        window.start_s: Counters.of_bytes(payload).counts[COUNTED[kind]]
        for window, payload in sums.rows(lambda keys: [None] * len(keys))
        if window.cell == TRUE and window.size_s == 60
    }
    assert minutes[1_075 // 60 * 60] == 1 and sum(minutes.values()) == 1


def known_now(x: Rows) -> Rows:
    make_live(x)
    return know_creative(x, 0, 5, TRUE, EventSource.CREATIVE, 0, NOBODY)


def make_live(x: Rows) -> None:
    x["live_creative"][0, 0], x["live_cell"][0, 0], x["live_state"][0, 0], x["n_live"][0] = 5, TRUE, 1, 1


def test_a_play_before_everything_waits_for_its_creative() -> None:
    x = rows_x()
    first = join(x, played(EventKind.COMPLETED))
    assert counted(first) == {(NOWHERE, Field.COMPLETIONS): 1}
    assert counted(first, known_now(x)) == {(TRUE, Field.COMPLETIONS): 1}


def test_what_a_bot_plays_and_what_names_no_creative_counts_nowhere() -> None:
    x = rows_x()
    make_live(x)
    bot = played(EventKind.COMPLETED)
    bot["purposes"] |= FROM_BOT
    for each in (bot, played(EventKind.COMPLETED, creative=0), played(EventKind.VIDEO)):
        assert len(join(x, each)) == 0


def test_plays_of_known_creatives_are_not_kept_and_others_make_room_for_clicks() -> None:
    x = rows_x()
    make_live(x)
    join(x, np.concatenate([played(kind) for kind in PLAYED_KINDS.values()]))
    assert x["n_acts"][0] == 0
    join(x, np.concatenate([played(kind, creative=9) for kind in PLAYED_KINDS.values()]))
    assert x["n_acts"][0] == ACTS
    clicks = [event(EventKind.CLICK, 900 + n, imp=70 + n, id=n + 1, cell=NOWHERE) for n in range(ACTS)]
    join(x, np.concatenate(clicks))
    assert set(x["act_imp"][0].tolist()) == {70 + n for n in range(ACTS)}
    assert counted(join(x, played(EventKind.MIDPOINT, creative=9))) == {(NOWHERE, Field.MIDPOINTS): 1}
    assert set(x["act_imp"][0].tolist()) == {70 + n for n in range(ACTS)}, "a play takes no click's place"
