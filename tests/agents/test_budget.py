"""Who sets the detector's threshold, and how a budget of generations goes on over restarts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from agents.calibration.budget import EVERY_MS, budget_step
from agents.calibration.threshold import Proposal, is_held, publish_threshold
from agents.checks.thresholds import threshold_findings
from agents.indexing.indexer import Indexer
from agents.overview.cards.threshold import ThresholdInForce
from models.interest.threshold.budget import ENOUGH, TriggerTotals
from models.interest.threshold.calibration import Calibration
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.detector import (
    BY_BUDGET,
    BY_CALIBRATION,
    BY_NOBODY,
    DetectorPart,
    ThresholdOrigin,
    detector_part,
    detector_record,
)
from streams.artifacts.kinds import artifact_key
from streams.artifacts.reader import ArtifactReader
from streams.settings import Settings
from streams.topics import ARTIFACT, TRIGGER
from tests.agents.profiles.memory_lane import NOW_MS
from tests.models.small_catalogue import catalogue

WANTED = 5.0
CATALOG = catalogue()
BEGUN = TriggerTotals(100_000, 300, 400)
MANY = TriggerTotals(100_000 + 200 * ENOUGH, 300, 400 + 3 * ENOUGH)  # three times what is wanted since


def step(
    part: DetectorPart | None, totals: TriggerTotals = BEGUN, now_ms: int = NOW_MS, wanted: float = WANTED
) -> DetectorPart | None:
    return budget_step(CATALOG, part, totals, wanted, now_ms)


def published(part: DetectorPart | None) -> DetectorPart:
    """The part as the next worker reads it."""
    assert part is not None
    return detector_part(detector_record(CATALOG.version, part))


def calibrated(threshold: float = 7.5) -> DetectorPart:
    settings = CATALOG.detector._replace(threshold=threshold)
    return DetectorPart(settings, CATALOG.pi, CATALOG.kernel, ThresholdOrigin(BY_CALIBRATION))


def test_a_budget_takes_over_what_stands_and_moves_it_only_on_what_it_has_seen() -> None:
    for standing in (None, calibrated()):
        first = published(step(standing))
        before = CATALOG.detector.threshold if standing is None else 7.5
        assert first.settings.threshold == before
        assert first.origin == ThresholdOrigin(BY_BUDGET, WANTED, None, NOW_MS, BEGUN)
        assert step(first, now_ms=NOW_MS + 9 * EVERY_MS) is None, "nothing was seen since"
        assert step(first, MANY, NOW_MS + EVERY_MS - 1) is None, "slowly"
        assert step(first, MANY, NOW_MS - 1) is not None, "a clock that was set back stops nothing"
        then = published(step(first, MANY, NOW_MS + EVERY_MS))
        assert then.settings.threshold > before
        assert then.origin.seen_per_1000 == pytest.approx(3 * WANTED)
        assert (then.origin.totals, then.origin.since_ms) == (MANY, NOW_MS + EVERY_MS)
        np.testing.assert_array_equal(then.kernel, first.kernel)


def test_the_next_worker_goes_on_where_the_last_one_stopped() -> None:
    first = published(step(None))
    assert step(first, MANY, NOW_MS + EVERY_MS) is not None
    again = step(published(first), MANY, NOW_MS + EVERY_MS)
    assert again is not None and again.origin == published(step(first, MANY, NOW_MS + EVERY_MS)).origin


def test_counts_that_were_lost_begin_anew_instead_of_moving_the_threshold() -> None:
    first = published(step(None))
    fresh = published(step(first, TriggerTotals(10, 1, 1), NOW_MS + 2 * EVERY_MS))
    assert fresh.settings.threshold == first.settings.threshold
    assert fresh.origin.totals == TriggerTotals(10, 1, 1)


def test_a_budget_that_is_changed_begins_anew_and_one_that_is_withdrawn_leaves_its_threshold() -> None:
    first = published(step(None))
    other = published(step(first, MANY, NOW_MS + EVERY_MS, wanted=9.0))
    assert (other.origin.wanted_per_1000, other.settings.threshold) == (9.0, first.settings.threshold)
    left = published(step(first, wanted=0))
    assert left.origin == ThresholdOrigin(BY_NOBODY)
    assert left.settings == first.settings
    assert step(left, wanted=0) is None and step(None, wanted=0) is None
    assert step(calibrated(), wanted=0) is None, "calibration stands where there is no budget"


def test_a_budget_goes_before_calibration_and_calibration_before_nobody() -> None:
    over = published(step(calibrated()))
    assert over.origin.source == BY_BUDGET
    assert is_held(Settings(), over) and is_held(Settings(generations_per_1000=3), None)
    assert not is_held(Settings(), calibrated()) and not is_held(Settings(), None)


def test_calibrate_only_reports_while_a_budget_is_kept() -> None:
    proposed = Proposal(Calibration(7.0, 5.0, 1_000, 10), 1, 8.7, calibrated(7.0), held=True)
    nowhere = Settings(broker="127.0.0.1:1")
    assert not asyncio.run(publish_threshold(nowhere, proposed, NOW_MS)), "and no broker is asked for"


def test_records_before_this_one_say_that_calibration_set_them() -> None:
    record = detector_record(1, calibrated())
    assert detector_part(record).origin.source == BY_CALIBRATION
    reader = ArtifactReader()
    for each in records_of(CATALOG):
        reader.apply(artifact_key(each), each)
    assert not reader.detector
    set_by_budget = detector_record(CATALOG.version, published(step(None)))
    reader.apply(artifact_key(set_by_budget), set_by_budget)
    assert reader.detector is not None and reader.detector.origin.source == BY_BUDGET


def test_the_catalogue_worker_adds_up_the_newest_counts_of_all_lanes() -> None:
    indexer = Indexer()
    assert indexer.totals() == TriggerTotals()
    for lane, positives in ((0, 10), (1, 30), (0, 20)):
        record = r.TriggerCount(lane, positives, 1, 2, NOW_MS)
        indexer.on_record(TRIGGER, str(lane), record, (), NOW_MS)
    assert indexer.totals() == TriggerTotals(50, 2, 4)
    assert indexer.seen == 0, "counts are no change of the catalogue"


def test_check_says_who_set_it_and_whether_the_budget_is_kept() -> None:
    def told(part: DetectorPart | None, **settings: float) -> tuple[str, str, str]:
        (found,) = threshold_findings(Settings(**settings), CATALOG, part)  # type: ignore[arg-type]
        return found.level, found.text, found.repair

    level, text, repair = told(None)
    assert level == "warning" and "set by nobody" in text and "shiftcast calibrate" in repair
    assert told(calibrated())[0] == "ok"
    kept = replace(published(step(None)), origin=ThresholdOrigin(BY_BUDGET, WANTED, 4.9, NOW_MS, BEGUN))
    level, text, _ = told(kept, generations_per_1000=WANTED)
    assert level == "ok" and "5 generations per 1,000 positive events (4.9 measured)" in text
    assert told(calibrated(), generations_per_1000=3.0)[0] == "warning"
    assert "SHIFTCAST_GENERATIONS_PER_1000=3" in told(kept, generations_per_1000=3.0)[2]
    missed = replace(kept, origin=replace(kept.origin, seen_per_1000=11.0))
    assert told(missed, generations_per_1000=WANTED)[0] == "warning"
    assert threshold_findings(Settings(), None, None) == []


def test_the_page_shows_the_newest_versions_settings_and_ignores_the_rest() -> None:
    seen = ThresholdInForce()
    for version, part in ((2, published(step(None))), (1, calibrated())):
        record = detector_record(version, part)
        assert seen.wants(ARTIFACT, artifact_key(record).encode())
        seen.on_record(ARTIFACT, artifact_key(record), record, (), NOW_MS)
    damaged = r.ArtifactRecord("detector", 3, "settings", {})
    for other in (damaged, r.ArtifactRecord("catalog", 3, "manifest", {}), None):
        seen.on_record(ARTIFACT, "detector|3|settings", other, (), NOW_MS)
    assert not seen.wants(ARTIFACT, b"catalog|3|item:x") and not seen.wants(
        ARTIFACT, b"click_model|3|manifest"
    )
    assert seen.told == {
        "threshold": round(CATALOG.detector.threshold, 2),
        "source": BY_BUDGET,
        "wanted_per_1000": WANTED,
        "seen_per_1000": None,
    }


def test_the_page_says_that_nothing_was_calibrated_until_something_is() -> None:
    seen = ThresholdInForce()

    def take(record: r.ArtifactRecord) -> dict[str, object]:
        assert seen.wants(ARTIFACT, artifact_key(record).encode())
        seen.on_record(ARTIFACT, artifact_key(record), record, (), NOW_MS)
        assert seen.told is not None
        return seen.told

    *_, manifest = records_of(CATALOG)
    told = take(manifest)
    assert (told["source"], told["threshold"]) == (BY_NOBODY, CATALOG.detector.threshold)
    assert take(detector_record(CATALOG.version, calibrated()))["source"] == BY_CALIBRATION
    assert take(manifest)["source"] == BY_CALIBRATION, "the same version again"
    *_, newer = records_of(replace(CATALOG, version=CATALOG.version + 1))
    assert take(newer)["source"] == BY_NOBODY
