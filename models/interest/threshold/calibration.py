"""The trigger's threshold for a wanted rate of false triggers, from logged positives alone.

Shuffling the sessions inside each user removes every change of interest and keeps what makes a user broad,
sticky or noisy: triggers on the shuffled stream are false by construction. Sessions cut to four events leave
no change within a session, whole ones keep all of its stickiness: the threshold holds on both.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from models.event.layout import EventKind, EventSource, Purpose, empty_events
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CODES, SHIFT_TRIGGER, CatalogArrays, empty_profiles
from models.interest.update import update_profiles

LONGEST_BLOCK: Final = 4
ROUNDS: Final = 14
LOWEST, HIGHEST = 0.0, 40.0
NO_BOTS: Final = 256
"""Positives a minute that no count reaches: a log does not say which are lines of one order."""
BLOCK_GAP_MS: Final = 3_600_000
LAGS: Final = (1, 2, 3, 5, 8)

Ints = NDArray[np.integer]


class Log(NamedTuple):
    """Logged positives, (n,) each: any user numbers, session numbers within a user, interest codes 0..63, ts
    in ms, standings of prices (None: no price is known)."""

    user: Ints
    session: Ints
    code: Ints
    ts: Ints
    price_z: NDArray[np.floating] | None = None


class Calibration(NamedTuple):
    """The threshold found and what it gave on the shuffled replay."""

    threshold: float
    false_per_1000: float
    positives: int
    users: int


def calibrate(
    log: Log, catalog: CatalogArrays, settings: DetectorSettings, target: float, rng: np.random.Generator
) -> Calibration:
    """Lowest threshold with at most `target` false triggers per 1,000 positives, by bisection.

    Raises ValueError on fewer than 1,000 positives.
    """
    if len(log.user) < 1_000:
        raise ValueError(
            f"{len(log.user)} positive events; at least 1,000 are needed to tell a rate of {target:g} per "
            "1,000"
        )
    quiet = settings._replace(bot_per_minute=NO_BOTS)
    replays = [shuffled(log, rng, longest) for longest in (LONGEST_BLOCK, None)]

    def rate(threshold: float) -> float:
        return max(false_rate(each, catalog, quiet._replace(threshold=threshold)) for each in replays)

    low, high = LOWEST, HIGHEST
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if rate(middle) > target:
            low = middle
        else:
            high = middle
    return Calibration(high, rate(high), len(log.user), len(np.unique(log.user)))


def false_rate(events: Rows, catalog: CatalogArrays, settings: DetectorSettings) -> float:
    """Shift triggers per 1,000 of these positives, fresh profiles."""
    rows = empty_profiles(int(events["user"].max()) + 1)
    fires = update_profiles(rows, events, catalog, settings).fires
    return 1000.0 * float(np.count_nonzero(fires["kind"] == SHIFT_TRIGGER)) / len(events)


def positives(user: Ints, code: Ints, ts: Ints, price_z: NDArray[np.floating] | None = None) -> Rows:
    """Clicks on items that only the code, and perhaps the standing of the price, is known of, in the given
    order; EVENT (n,)."""
    events = empty_events(len(user))
    events["user"], events["code"], events["ts"] = user, code, ts
    events["kind"], events["source"] = EventKind.CLICK, EventSource.CLICK
    events["purposes"] = Purpose.PROFILE | Purpose.PERSONALISE
    events["offset"] = np.arange(len(user))
    if price_z is not None:
        events["price_z"] = price_z
    return events


def in_natural_order(log: Log) -> Rows:
    """The positives as they came, EVENT (n,) by user and time."""
    _, numbers = np.unique(log.user, return_inverse=True)
    order = np.lexsort((np.arange(len(numbers)), log.ts, numbers))
    prices = None if log.price_z is None else log.price_z[order]
    return positives(numbers[order], log.code[order], log.ts[order], prices)


def shuffled(log: Log, rng: np.random.Generator, longest: int | None = LONGEST_BLOCK) -> Rows:
    """The positives with each user's sessions in random order, cut to `longest` events or (None) whole, EVENT
    (n,) by user; times are rebuilt, an hour between sessions."""
    _, numbers = np.unique(log.user, return_inverse=True)
    order = np.lexsort((np.arange(len(numbers)), log.ts, log.session, numbers))
    user, session, code, ts = (column[order] for column in (numbers, log.session, log.code, log.ts))
    opens = np.concatenate(([True], (user[1:] != user[:-1]) | (session[1:] != session[:-1])))
    place = np.arange(len(user))
    in_session = place - np.maximum.accumulate(np.where(opens, place, 0))
    if longest is not None:
        opens |= in_session % longest == 0
    block = np.cumsum(opens) - 1
    keys = rng.random(block[-1] + 1)
    again = np.lexsort((place, keys[block], user))
    gaps = np.concatenate(([0], np.maximum(np.diff(ts), 0)))
    gaps[opens] = BLOCK_GAP_MS
    prices = None if log.price_z is None else log.price_z[order][again]
    return positives(user[again], code[again], int(ts.min()) + np.cumsum(gaps[again]), prices)


def fit_prior(code: Ints) -> NDArray[np.float32]:
    """Smoothed share of positives per code, (64,) float32, at least 1e-4."""
    shares = np.bincount(code, minlength=CODES) / max(len(code), 1)
    floored = np.maximum(shares, 1e-4)
    return (floored / floored.sum()).astype(np.float32)


def fit_kernel(user: Ints, code: Ints, eta: float = 0.2) -> NDArray[np.float32]:
    """(1 - eta) identity + eta P(code | seen code), (64, 64) float32, from positives ordered by user and
    time.

    P = co-occurrence at lags 1, 2, 3, 5 and 8 inside users, both ways, columns normalised; a code never seen
    keeps the identity.
    """
    pairs = np.zeros((CODES, CODES))
    for lag in LAGS:
        same = user[lag:] == user[:-lag]
        np.add.at(pairs, (code[lag:][same], code[:-lag][same]), 1.0)
    pairs += pairs.T
    totals = pairs.sum(axis=0)
    shares = np.where(totals > 0, pairs / np.maximum(totals, 1.0), np.eye(CODES))
    return ((1.0 - eta) * np.eye(CODES) + eta * shares).astype(np.float32)
