"""The trigger in the simulated world of models/world/interests.py: thresholds are set on users who do not
shift, scored on fresh users."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.catalog.clusters import k_means, nearest_centroid
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import (
    CODES,
    PROFILE,
    SHIFT_TRIGGER,
    CatalogArrays,
    empty_profiles,
    plain_arrays,
    typed_arrays,
)
from models.interest.threshold.calibration import (
    HIGHEST,
    LOWEST,
    Log,
    calibrate,
    fit_kernel,
    fit_prior,
    positives,
)
from models.interest.update import update_profiles
from models.world.interests import (
    Geometry,
    Shift,
    draw_geometry,
    draw_population,
    zipf,
)
from tests.bench.detector.cosine import by_cosine
from tests.bench.detector.errands import by_wait
from tests.bench.detector.streams import (
    MARGIN,
    TARGET,
    Score,
    Stream,
    least_threshold,
    rate,
    scan_triggers,
    score,
)

CATEGORIES: Final = 50
POPULARITY: Final = 0.7
"""Zipf exponent of the categories; with it, an abrupt shift moves the law of a user's events by a total
variation of .69 (median)."""
QUIET: Final = 4
"""Times as many users that do not shift set the threshold, and as many others tell the false rate, which
varies with who they are."""
FACTORS: Final = (0.05, 0.1, 0.2, 0.3)
"""EWMA factors of the cosine trigger; the best one counts."""


def stream(
    rng: np.random.Generator,
    users: int,
    shift: Shift,
    geometry: Geometry,
    codes: NDArray[np.integer],
    happens: bool = True,
) -> Stream:
    """A population on the items of the catalogue; `happens` as draw_population says."""
    people = draw_population(rng, users, shift, zipf(CATEGORIES, POPULARITY), happens=happens)
    item = geometry.choose(rng, people.category)
    events = positives(people.user, codes[item], people.ts)
    events["item"] = item
    return Stream(events, people.start, people.change)


def returning_shares(
    streams: dict[Shift, Stream], catalog: CatalogArrays, settings: DetectorSettings
) -> dict[str, float]:
    """Share of shift triggers answered by a past regime: of recurring users, and of users who never shift
    (false ones)."""
    shares = {}
    for shift in (Shift.RECURRING, Shift.ABRUPT, Shift.NONE):
        one = streams[shift]
        fires = update_profiles(empty_profiles(len(one.change)), one.events, catalog, settings).fires
        later = fires[(fires["kind"] == SHIFT_TRIGGER) & (fires["trigger"] >= 3)]
        shares[str(shift)] = float((later["returning"] >= 0).mean())
    return shares


def microseconds(
    one: Stream, catalog: CatalogArrays, settings: DetectorSettings, batch: int, repeats: int
) -> float:
    """CPU time per event, each of another user with a grown profile: stored bytes -> rows -> kernel -> stored
    bytes; the best of `repeats` runs."""
    rows = empty_profiles(len(one.change))
    update_profiles(rows, one.events, catalog, settings)
    stored = [row.tobytes() for row in rows]
    last = one.start[1:] - 1
    best = np.inf
    for repeat in range(repeats):
        at = (np.arange(batch) + repeat * batch) % len(stored)
        events = one.events[last[at]]
        events["user"] = np.arange(batch)
        events["ts"] += 60_000 * (repeat + 1)
        begin = time.thread_time()
        copies = np.frombuffer(bytearray(b"".join([stored[i] for i in at])), PROFILE)
        update_profiles(copies, events, catalog, settings)
        view = copies.data.cast("B")
        written = [view[i : i + PROFILE.itemsize].tobytes() for i in range(0, len(view), PROFILE.itemsize)]
        best = min(best, time.thread_time() - begin)
        assert len(written) == batch
    return 1e6 * best / batch


def make_catalog(rng: np.random.Generator, geometry: Geometry, users: int, seed: int) -> CatalogArrays:
    """Codes by k-means on the items; prior and kernel from users of their own."""
    centroids = k_means(geometry.vectors, CODES, seed)
    codes = nearest_centroid(geometry.vectors, centroids)
    history = stream(rng, users, Shift.NONE, geometry, codes).events
    seen = history["code"].astype(np.int64)
    plain = plain_arrays(geometry.vectors, codes)
    return typed_arrays(plain._replace(prior=fit_prior(seen), kernel=fit_kernel(history["user"], seen)))


def mixed(rng: np.random.Generator, users: int, geometry: Geometry, codes: NDArray[np.integer]) -> Log:
    """What a log shows: 15 % of the users shift, 15 % have two interests in turns."""
    parts = [(Shift.NONE, 0.7), (Shift.ABRUPT, 0.15), (Shift.RECURRING, 0.15)]
    columns = []
    first = 0
    for shift, share in parts:
        people = draw_population(rng, int(users * share), shift, zipf(CATEGORIES, POPULARITY))
        code = codes[geometry.choose(rng, people.category)].astype(np.int64)
        columns.append((people.user + first, people.session, code, people.ts))
        first += int(users * share)
    return Log(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def measure(users: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    geometry = draw_geometry(rng)
    catalog = make_catalog(rng, geometry, users, seed)
    settings = DetectorSettings()
    quiet = stream(rng, QUIET * users, Shift.NONE, geometry, catalog.codes)
    again = deepcopy(rng)
    of = {shift: users * (QUIET if shift is Shift.NONE else 1) for shift in Shift}
    streams = {shift: stream(rng, n, shift, geometry, catalog.codes) for shift, n in of.items()}
    unshifted = {shift: stream(again, n, shift, geometry, catalog.codes, False) for shift, n in of.items()}

    threshold = least_threshold(
        lambda one, h: scan_triggers(one, catalog, settings._replace(threshold=h)),
        quiet,
        LOWEST,
        HIGHEST,
        TARGET * MARGIN,
    )
    settings = settings._replace(threshold=threshold)
    scan = {shift: score(scan_triggers(one, catalog, settings), one) for shift, one in streams.items()}
    chance = {
        shift: score(scan_triggers(one, catalog, settings), one).recall for shift, one in unshifted.items()
    }

    cosine: dict[Shift, Score] = {}
    for factor in FACTORS:
        limit = least_threshold(
            lambda one, h, f=factor: by_cosine(one, catalog, settings, f, h),  # type: ignore[misc]
            quiet,
            0.0,
            2.0,
            TARGET * MARGIN,
        )
        found = {
            shift: score(by_cosine(one, catalog, settings, factor, limit), one)
            for shift, one in streams.items()
        }
        if not cosine or found[Shift.ABRUPT].recall > cosine[Shift.ABRUPT].recall:
            cosine = found

    known = calibrate(mixed(rng, users, geometry, catalog.codes), catalog, DetectorSettings(), TARGET, rng)
    held_out = rate(
        scan_triggers(streams[Shift.NONE], catalog, settings._replace(threshold=known.threshold)),
        streams[Shift.NONE],
    )
    grown = streams[Shift.ABRUPT]
    prices = np.random.default_rng(seed).standard_normal(len(catalog.codes), np.float32)
    priced = catalog._replace(price_z=prices)
    return {
        "scan": scan,
        "chance": chance,
        "cosine": cosine,
        "threshold": threshold,
        "calibrated_threshold": known.threshold,
        "calibrated_false_per_1000": held_out,
        "waits": by_wait(streams[Shift.NONE], grown, catalog, settings, np.random.default_rng(seed)),
        "returning": returning_shares(streams, catalog, settings),
        "us_per_event": microseconds(grown, priced, settings, 500, 40),
        "us_per_event_32": microseconds(grown, priced, settings, 32, 200),
    }
