"""What a lane counts of its inputs is exact over crashes, leaves when it is durable, and is judged by who
follows it."""

from __future__ import annotations

import msgspec
import numpy as np

from agents.checks.inputs import input_findings
from agents.indexing.indexer import Indexer
from agents.inputs.board import SILENT_MS, InputBoard, show_inputs
from agents.profiles.rows.inputs import TOLD_MS
from models.inputs.counts import SCORES
from models.inputs.reference import InputReference
from models.inputs.window import HOUR_MS
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CODES
from streams import records as r
from streams.artifacts.detector import DetectorPart, detector_part, detector_record
from streams.metrics.inputs import INPUT_ALARM
from streams.topics import CLICK, INPUT
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import SETTINGS, USER, Story


def told(story: Story) -> list[r.InputCounts]:
    sent = story.lane.sent(INPUT.name)
    assert all((output.key, output.partition) == (b"0", 0) for output in sent)
    return [msgspec.json.decode(output.value or b"", type=r.InputCounts) for output in sent]


def clicking(story: Story, n: int = 20) -> None:
    story.consent()
    for i in range(n):
        story.click(i, "nowhere" if i % 4 == 0 else f"shoes{i}", NOW_MS + i * 60_000)


def test_inputs_are_counted_and_told_after_the_flush() -> None:
    story = Story()
    clicking(story)
    story.add(CLICK.name, USER, NOW_MS, id="k1", item_id="shoes1")  # again
    story.add(CLICK.name, USER, NOW_MS, id="none")
    assert told(story) == [], "not before it is durable"
    story.lane.flush()
    (count,) = told(story)
    assert (count.events, count.duplicate, count.with_item) == (22, 1, 21)
    assert (count.no_item, count.unknown_item) == (1, 5)
    assert count.catalog_version == story.reference.snapshot().arrays.version and count.calibration == ""
    assert sum(count.codes) == sum(count.scores) == 15 - 7, "from the warm-up on"


def test_a_crash_counts_nothing_twice_and_the_next_owner_tells_again() -> None:
    story = Story()
    clicking(story)
    story.lane.flush()
    (before,) = told(story)
    story.click(60, "shoes1", NOW_MS + HOUR_MS)
    story.lane = story.lane.crashed(story.reference, SETTINGS)
    assert told(story) == [before]
    story.lane.apply(story.log.records[CLICK.name][-1:])
    story.lane.apply(story.log.records[CLICK.name][-3:])  # applied before: the fence knows
    story.lane.now_ms += TOLD_MS
    story.lane.flush()
    after = told(story)[-1]
    assert after.events == before.events + 1 and after.duplicate == before.duplicate


def test_consent_counts_as_no_event() -> None:
    story = Story()
    story.consent()
    story.lane.flush()
    assert told(story) == []


def counts(
    lane: int, ts: int = NOW_MS, version: int = 1, calibration: str = "", code: int = 0
) -> r.InputCounts:
    codes, scores = [0] * CODES, [0] * SCORES
    codes[code] = scores[0] = 3_000
    return r.InputCounts(lane, version, calibration, ts, codes, scores, 1_000, 10, 5, 20, 400, 20, 100, 10, 2)


def part_of(code: int) -> DetectorPart:
    codes, scores = np.zeros(CODES, int), np.zeros(SCORES, int)
    codes[code] = scores[0] = 5_000
    reference = InputReference(tuple(codes.tolist()), tuple(scores.tolist()))
    whole = np.full(CODES, 1 / CODES, np.float32)
    part = DetectorPart(DetectorSettings(), whole, np.eye(CODES, dtype=np.float32), reference=reference)
    return detector_part(detector_record(1, part))


def test_lanes_are_put_together_where_they_speak_of_the_same_and_are_not_silent() -> None:
    part, board = part_of(code=0), InputBoard()
    lanes = [
        counts(0, calibration=part.calibration),
        counts(1, calibration="of before", code=5),  # has not heard of the calibration yet
        counts(2, ts=NOW_MS - SILENT_MS, code=6),
    ]
    for each in lanes:
        board.on_record(INPUT, str(each.source_partition), each, (), NOW_MS)
    state = board.state(1, part, NOW_MS)
    assert state.drift == {"codes": 0.0, "scores": 0.0} and state.shares["unknown_item"] == 0.25
    (alarm,) = state.alarms
    assert alarm.what == "unknown_item" and "shiftcast index --load" in alarm.repair
    assert board.state(1, None, NOW_MS).drift == {}
    assert board.state(2, part, NOW_MS).drift == {}, "another catalogue has other codes"
    assert board.state(1, part, NOW_MS + SILENT_MS).shares == {}


def test_an_alarm_stands_in_the_metrics_and_in_check_with_what_to_type_and_goes() -> None:
    part, indexer = part_of(code=9), Indexer()
    record = counts(0, calibration=part.calibration)
    indexer.on_record(INPUT, "0", record, (), NOW_MS)
    state = indexer.inputs.state(1, part, NOW_MS)
    assert {each.what for each in state.alarms} == {"unknown_item", "codes"}
    show_inputs(state)
    said = {
        sample.labels["what"]: sample.labels["repair"]
        for each in INPUT_ALARM.collect()
        for sample in each.samples
    }
    assert said["codes"] == "shiftcast index --refit, then shiftcast calibrate --target 5 --publish"
    findings = input_findings(state)
    assert {each.level for each in findings} == {"warning"} and len(findings) == 2
    assert any("shiftcast index --refit" in each.repair for each in findings)
    well = indexer.inputs.state(1, None, NOW_MS + SILENT_MS)
    show_inputs(well)
    assert not any(each.samples for each in INPUT_ALARM.collect())
    (finding,) = input_findings(well)
    assert finding.level == "ok" and "too few" in finding.text and input_findings(None) == []
