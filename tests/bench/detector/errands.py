"""Errands: one session elsewhere, after which the user goes on as before. How often the trigger takes one for
a shift, and what it costs shifts to wait for a second session."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from models.arrays import IntArray, Rows
from models.interest.decay import HOUR, MINUTE
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CatalogArrays
from models.interest.sessions import SESSION
from tests.bench.detector.sequences import OLD
from tests.bench.detector.streams import WITHIN, Stream, Triggers, scan_triggers, score

WAITS: Final = (0, 12, 16, 20, 24)
"""Positives that confirm a shift of one session; 0: at once."""
ERRAND: Final = 12
"""Positives of the session elsewhere."""


class Waited(NamedTuple):
    """With one of WAITS: share of errands that trigger, from their first positive to WITHIN after them; the
    same of these users without an errand; recall and median delay of shifts that stay, which the wait holds
    up."""

    positives: int
    taken: float
    chance: float
    recall: float
    median_delay: float


def by_wait(
    of: Stream, shifts: Stream, catalog: CatalogArrays, settings: DetectorSettings, rng: np.random.Generator
) -> list[Waited]:
    """All of WAITS at the threshold of the settings; `of`: lives that get errands."""
    errands, same = with_errands(of, rng)
    found = []
    for wait in WAITS:
        waiting = settings._replace(confirm_positives=wait)
        stays = score(scan_triggers(shifts, catalog, waiting), shifts)
        taken, chance = (share_taken(scan_triggers(each, catalog, waiting), each) for each in (errands, same))
        found.append(Waited(wait, taken, chance, stays.recall, stays.median_delay))
    return found


def share_taken(triggers: Triggers, one: Stream) -> float:
    """Share of users that trigger within an errand and the WITHIN positives that follow it."""
    users = one.events["user"][triggers]
    since = triggers - one.start[users] - one.change[users]
    taken = np.zeros(len(one.change), bool)
    taken[users[(since >= 0) & (since < ERRAND + WITHIN)]] = True
    return float(taken.mean())


def in_sessions(one: Stream, positives: int) -> Stream:
    """The same lives in sessions of so many positives, an hour between two; a change of interest begins
    one."""
    events = one.events.copy()
    lengths = np.diff(one.start)
    place = np.arange(len(events)) - np.repeat(one.start[:-1], lengths)
    change = np.repeat(one.change, lengths)
    since = np.where((change >= 0) & (place >= change), place - change, place)
    opens = (since % positives == 0).astype(np.int64)
    events["ts"] = 1 + np.cumsum(MINUTE + opens * HOUR)
    return one._replace(events=events)


def with_errands(one: Stream, rng: np.random.Generator) -> tuple[Stream, Stream]:
    """(lives with the first ERRAND positives of another between two sessions, as one session, the same lives
    without); `change` is where it begins. Only users with enough positives before and after."""
    lives = [one.events[a:b] for a, b in zip(one.start[:-1], one.start[1:], strict=True)]
    guests = [number for number, life in enumerate(lives) if len(life) >= ERRAND]
    made, same, cuts = [], [], list[int]()
    for number, life in enumerate(lives):
        borders = np.flatnonzero(np.diff(life["ts"]) > SESSION) + 1
        borders = borders[(borders >= OLD[0]) & (borders <= len(life) - WITHIN)]
        guest = guests[int(rng.integers(len(guests)))]
        if not len(borders) or guest == number:
            continue
        cut = int(rng.choice(borders))
        away, later = lives[guest][:ERRAND].copy(), life[cut:].copy()
        away["ts"] = life["ts"][cut - 1] + HOUR + np.arange(ERRAND) * MINUTE
        later["ts"] += 2 * HOUR
        made.append(np.concatenate((life[:cut], away, later)))
        same.append(life)
        cuts.append(cut)
    return _joined(made, cuts), _joined(same, cuts)


def _joined(lives: list[Rows], cuts: list[int]) -> Stream:
    start: IntArray = np.concatenate(([0], np.cumsum([len(life) for life in lives])))
    events = np.concatenate(lives)
    events["user"] = np.repeat(np.arange(len(lives)), np.diff(start))
    return Stream(events, start, np.array(cuts, np.int64))
