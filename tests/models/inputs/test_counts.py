"""What a batch lacks, and where its codes and scores fall."""

from __future__ import annotations

import numpy as np

from models.event.layout import FROM_BOT, UNKNOWN_ITEM, EventKind, EventSource, Purpose, Status, empty_events
from models.inputs.counts import COUNTED, QUALITY, SCORE_WIDTH, SCORES, inputs_of
from models.interest.counted import COUNTED_LATE_MS
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CODES, empty_profiles
from models.interest.update import update_profiles
from tests.models.streams_of_events import small_catalog

CATALOG = small_catalog()


def named(counts: np.ndarray) -> dict[str, int]:
    return dict(zip(QUALITY, counts.tolist(), strict=False))


def test_what_events_lack_is_counted_once_and_replays_are_not() -> None:
    catalog = CATALOG._replace(price_z=np.where(np.arange(len(CATALOG.codes)) == 1, 0.5, np.nan).astype("f4"))
    profiles = empty_profiles(1)
    profiles["t_seen"] = 2 * COUNTED_LATE_MS
    events = empty_events(10)
    events["ts"] = 2 * COUNTED_LATE_MS
    events["kind"] = EventKind.CLICK
    events["item"] = 1, 2, UNKNOWN_ITEM, -1, -1, 2, 1, 1, 1, 1
    events["kind"][4] = EventKind.IMPRESSION  # need not name one
    events["price_z"][5] = 0.1  # the event's own price
    events["status"][6], events["status"][7] = Status.DUPLICATE, Status.REPLAYED
    events["ts"][8], events["purposes"][8] = COUNTED_LATE_MS - 1, FROM_BOT
    events["source"][9], events["kind"][9] = EventSource.CONSENT, EventKind.CONSENT
    said = named(inputs_of(events, profiles, catalog))
    assert said == {
        "events": 8, "duplicate": 1, "late": 1, "bot": 1, "with_item": 6, "no_item": 1, "unknown_item": 1,
        "no_price": 1,
    }  # fmt: skip


def test_codes_and_scores_are_those_that_the_detector_gave_however_batches_are_cut() -> None:
    rng, knobs = np.random.default_rng(4), DetectorSettings(threshold=99.0)
    events = empty_events(60)
    events["kind"], events["purposes"] = EventKind.CLICK, Purpose.PROFILE | Purpose.PERSONALISE
    events["ts"], events["offset"] = np.arange(60) * 60_000, np.arange(60)
    events["code"] = np.concatenate([rng.integers(0, 3, 40), rng.integers(10, 13, 20)])
    cut = events.copy()
    rows = empty_profiles(1)
    update_profiles(rows, events, CATALOG, knobs)
    whole = inputs_of(events, rows, CATALOG)
    rows, parts = empty_profiles(1), np.zeros(COUNTED, np.int64)
    for part in np.array_split(cut, 7):
        update_profiles(rows, part, CATALOG, knobs)
        parts += inputs_of(part, rows, CATALOG)
    assert parts.tolist() == whole.tolist()
    judged = knobs.warm_up - 1  # of the others every score is low
    assert np.isnan(events["score"][:judged]).all() and np.isfinite(events["score"][judged:]).all()
    spread = whole[len(QUALITY) :]
    assert spread[:CODES].tolist() == np.bincount(events["code"][judged:], minlength=CODES).tolist()
    places = np.clip(events["score"][judged:] // SCORE_WIDTH, 0, SCORES - 1).astype(int)
    assert spread[CODES:].tolist() == np.bincount(places, minlength=SCORES).tolist()
    assert spread[CODES:][3:].sum() > 0, "the change shows in the scores"
    assert inputs_of(empty_events(0), rows, CATALOG).tolist() == [0] * COUNTED
