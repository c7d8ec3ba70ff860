"""Creatives that contradict what a user has just stated go at once: the one that he hides or reports and
those like it, those of what he wants to avoid, and all but those of what he prefers instead of what he liked
before."""

from __future__ import annotations

from typing import Final

import numpy as np

from agents.profiles.made.creatives import withdraw
from agents.profiles.rows import portfolio
from agents.profiles.work import Users, Work
from models.arrays import Rows
from models.event.gist import bits_of
from models.event.layout import EventKind, Purpose, Status
from streams.columns.decoded import Events
from streams.wire.ids import number_of
from streams.wire.view import View

CAUSE: Final = "stated"
HIDDEN: Final = "hidden"
"""Causes of their tombstones."""
_AVOID, _PREFER = int(EventKind.AVOID), int(EventKind.PREFER)
_HIDES: Final = frozenset({int(EventKind.HIDE), int(EventKind.REPORT)})
STATED: Final = bits_of([*_HIDES, _AVOID, _PREFER])
"""Kinds of events that state a preference."""
_STATED: Final = np.array([kind for kind in EventKind if STATED >> kind & 1])


def withdraw_contradicted(view: View, users: Users, events: Events, fires: Rows, work: Work) -> None:
    """By the events of one pass and what they triggered."""
    kinds = events["kind"]
    stated = np.flatnonzero(np.isin(kinds, _STATED)).tolist()
    turned = set(fires["event"].tolist())
    for at in stated:
        event, user = events[at], int(events["user"][at])
        if int(kinds[at]) in _HIDES:
            if int(event["status"]) == int(Status.APPLIED):
                _withdraw_hidden(view, users, user, event, work)
            continue
        avoided, code = int(kinds[at]) == _AVOID, _code_of(event, work)
        if code >= 0 and _is_learnt(event) and (avoided or at in turned):
            _withdraw(view, users, user, code, avoided, work)


def _is_learnt(event: Rows) -> bool:
    applied = int(event["status"]) == int(Status.APPLIED)
    return applied and int(event["purposes"]) & int(Purpose.PROFILE) != 0


def _withdraw_hidden(view: View, users: Users, user: int, event: Rows, work: Work) -> None:
    """The creative that was hidden, and those of items of its code; where it is not the user's own, those of
    the event's."""
    row = portfolio.read_portfolio(view, users.keys[user])
    hidden = next((each for each in row.held if number_of(each.creative_id) == int(event["creative"])), None)
    code = _code_of(event, work) if hidden is None else _code_of_item(hidden.item_id, work)

    def goes(held: portfolio.Held) -> bool:
        return held is hidden or (code >= 0 and _code_of_item(held.item_id, work) == code)

    withdraw(view, users, user, row, goes, HIDDEN)


def _withdraw(view: View, users: Users, user: int, code: int, of_it: bool, work: Work) -> None:
    """Those of items of the code, or those of all others; of an item that is not known any more, none."""

    def contradicts(held: portfolio.Held) -> bool:
        found = _code_of_item(held.item_id, work)
        return found >= 0 and (found == code) == of_it

    withdraw(view, users, user, portfolio.read_portfolio(view, users.keys[user]), contradicts, CAUSE)


def _code_of(event: Rows, work: Work) -> int:
    code, item = int(event["code"]), int(event["item"])
    return int(work.ref.arrays.codes[item]) if code < 0 <= item else code


def _code_of_item(item_id: str, work: Work) -> int:
    catalog = work.ref.catalog
    row = None if catalog is None else catalog.index.get(item_id)
    return -1 if catalog is None or row is None else int(catalog.codes[row])
