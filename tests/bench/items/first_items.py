"""The item of a first creative: of users of whom only a few events are known, started from the portrait of
the group that they resemble, and started empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from models.campaigns import Campaign, Template
from models.catalog.version import Catalog, item_key
from models.choice.cold_start import Start, portrait_start_of
from models.choice.matching import Match, Matcher, Query
from models.choice.selection import item_probabilities
from models.choice.served import newest_items, served_vector
from models.event.layout import EventKind
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import DIMENSIONS, FIRST_TRIGGER, CatalogArrays, empty_profiles
from models.interest.update import update_profiles
from models.portrait.behaviour import DEVICES, HOURS, NOWHERE, Behaviours, Circumstances
from models.portrait.grouping import fit_portraits
from models.portrait.portrait import Portraits
from tests.bench.detector.sequences import Sequences, stream_of

KNOWN: Final = {"searches": (1, 2, 4), "clicks": (1, 4, 8)}
"""Events known when the item is chosen; the last is when lanes ask first."""
LEAST_LATER: Final = 4
LEAST_USERS: Final = 20
_HOUR_MS: Final = 3_600_000
_TEMPLATE: Final = Template("t", "native", "en", "{title}", "", "", audit=3)


class Life(NamedTuple):
    """Items of one user and the hour of the first."""

    items: IntArray
    hour: int


class Hits(NamedTuple):
    """Share of first creatives whose item the user really takes later, and of how many users."""

    portrait: float
    empty: float
    users: int


def portraits_of_positives(known: Sequences, fitted: NDArray[np.bool_], catalog: Catalog) -> Portraits:
    """Of the users of these positives; all that the file says of their surroundings is the hour."""
    user = np.unique(known.user[fitted], return_inverse=True)[1].astype(np.int64)
    item, ts = known.item[fitted], known.ts[fitted]
    users = int(user.max()) + 1
    hours = np.bincount(user * HOURS + ts // _HOUR_MS % HOURS, minlength=users * HOURS).reshape(users, HOURS)
    nothing = np.zeros(users, np.int64)
    around = Circumstances(
        hours, np.zeros((users, DEVICES), np.int64), np.full(users, NOWHERE), (), nothing, nothing, ""
    )
    codes = catalog.codes[item].astype(np.int64)
    behaviours = Behaviours(user, codes, ts, catalog.price_z[item], catalog.vectors[item], around)
    return fit_portraits(behaviours, LEAST_USERS, catalog.code_names)


def lives_with_hours(known: Sequences, of: NDArray[np.bool_]) -> list[Life]:
    """The marked positives, user by user."""
    borders = np.flatnonzero(np.diff(known.user[of])) + 1
    return [
        Life(items, int(times[0] // _HOUR_MS % HOURS))
        for items, times in zip(
            np.split(known.item[of], borders), np.split(known.ts[of], borders), strict=True
        )
        if len(items)
    ]


def first_hits(lives: Sequence[Life], catalog: Catalog, portraits: Portraits) -> dict[tuple[str, int], Hits]:
    """By what is known: so many searches for the interest of what is really taken, or clicks on it."""
    everything = Campaign("c", 1, "active", "", templates=(_TEMPLATE,))
    matcher = Matcher(catalog, [everything])
    arrays, row_of = catalog.arrays(), {item_key(item.item_id): n for n, item in enumerate(catalog.items)}
    found: dict[tuple[str, int], Hits] = {}
    for kind, counts in KNOWN.items():
        for count in counts:
            hits = [
                _hit(life, matcher, portraits, row_of, *_first(life, kind, count, arrays))
                for life in lives
                if len(life.items) >= count + LEAST_LATER
            ]
            with_portrait, empty = np.mean(hits, axis=0)
            found[kind, count] = Hits(float(with_portrait), float(empty), len(hits))
    return found


def _first(life: Life, kind: str, count: int, arrays: CatalogArrays) -> tuple[Any, Any, IntArray]:
    """(trigger, row, rest): a first creative is asked for at the event of that number."""
    events = stream_of([life.items[:count]], arrays.codes).events
    events["hour"] = life.hour
    if kind == "searches":
        events["kind"], events["item"] = EventKind.SEARCH, -1
    settings = DetectorSettings(warm_up=2 * count if kind == "searches" else count)
    done = update_profiles(empty_profiles(1), events, arrays, settings)
    at = int(np.flatnonzero(done.fires["kind"] == FIRST_TRIGGER)[0])
    return done.fires[at], done.snapshots[at], life.items[count:]


def _hit(
    life: Life,
    matcher: Matcher,
    portraits: Portraits,
    row_of: dict[int, int],
    fire: Any,
    row: Any,
    rest: IntArray,
) -> tuple[float, float]:
    """(started from the portrait, started empty)"""
    later = set(rest.tolist())
    wanted, taken = ([row_of[key] for key in keys] for keys in newest_items(row, fire))

    def hit(start: Start | None) -> float:
        begin = np.zeros(DIMENSIONS, np.float32) if start is None else start.vector
        query = Query(
            served_vector(row, begin, int(row["t_ref"])),
            int(row["t_ref"]),
            wanted=matcher.catalog.vectors[list(dict.fromkeys(wanted))],
            taken=frozenset((*wanted, *taken)),
            leaning=None if start is None else start.leaning,
        )
        match = matcher.match(query)
        assert isinstance(match, Match)
        chances = item_probabilities(match.scores)
        return float(sum(p for item, p in zip(match.rows.tolist(), chances, strict=True) if item in later))

    return hit(portrait_start_of(portraits, row, None)), hit(None)
