"""Positive events of users, cut into sessions."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.calibration.columns import Columns

SESSION_MS: Final = 30 * 60_000


class Logged(NamedTuple):
    """One element per positive, ordered by user and time."""

    user: NDArray[np.int64]
    session: NDArray[np.int64]  # from 0 for each user
    item: NDArray[np.int64]  # row of the catalogue
    ts: NDArray[np.int64]
    sold: NDArray[np.int64]  # 1 = bought, at once or later in the session


def in_sessions(events: Columns) -> Logged:
    """Events by user and time; an item that is bought after a click in the same session is not another wish:
    the last of those clicks is `sold`."""
    user, ts, item, sold = events
    opens = np.ones(len(user), np.bool_)
    opens[1:] = (user[1:] != user[:-1]) | (np.diff(ts) > SESSION_MS)
    session = np.cumsum(opens) - 1
    click = _click_before(session, item, ~sold)
    merged = sold & (click >= 0)
    bought = sold.astype(np.int64)
    bought[click[merged]] = 1
    kept = ~merged
    first = np.searchsorted(user, user)
    return Logged(user[kept], (session - session[first])[kept], item[kept], ts[kept], bought[kept])


def _click_before(
    session: NDArray[np.int64], item: NDArray[np.int64], clicked: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Of each event the place of the last click on its item in its session, up to itself; -1 = none."""
    order = np.lexsort((np.arange(len(item)), item, session))
    place = np.arange(len(order))
    opens = np.ones(len(order), np.bool_)
    opens[1:] = (np.diff(session[order]) != 0) | (np.diff(item[order]) != 0)
    group = np.maximum.accumulate(np.where(opens, place, 0))
    last = np.maximum.accumulate(np.where(clicked[order], place, -1))
    found = np.full(len(order), -1, np.int64)
    known = last >= group
    found[order[known]] = order[last[known]]
    return found
