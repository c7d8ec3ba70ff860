"""What all lanes count of their inputs, put together and judged against the calibration in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from models.inputs.counts import QUALITY, SCORES, Counts
from models.inputs.verdict import InputState, judged
from models.inputs.window import QUALITY_KEPT, QUALITY_MS, Seen, Setup
from models.interest.profile import CODES
from streams.artifacts.detector import DetectorPart
from streams.metrics.inputs import INPUT_ALARM, INPUT_DRIFT, INPUT_SHARE
from streams.records import InputCounts, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

SILENT_MS: Final = QUALITY_KEPT * QUALITY_MS
"""A lane tells what changed; one that is silent for so long has nothing new to say of the last hours."""

NOTHING_SEEN: Final = InputState({}, {}, ())


@dataclass
class InputBoard:
    """What a Follower of ads.input.v1 keeps up to date."""

    lanes: dict[int, InputCounts] = field(default_factory=dict)

    def on_record(
        self, _spec: TopicSpec, _key: str, record: Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """What the Follower calls."""
        if isinstance(record, InputCounts):
            self.lanes[record.source_partition] = record

    def state(self, version: int, part: DetectorPart | None, now_ms: int) -> InputState:
        """Of the catalogue version and the detector settings that are in force."""
        setup = Setup(version, "" if part is None else part.calibration)
        heard = [each for each in self.lanes.values() if now_ms - each.ts < SILENT_MS]
        alike = [each for each in heard if (each.catalog_version, each.calibration) == setup]
        seen = Seen(
            _sum([[getattr(each, name) for name in QUALITY] for each in heard], len(QUALITY)),
            _sum([each.codes for each in alike], CODES),
            _sum([each.scores for each in alike], SCORES),
            max((each.spread_blocks for each in alike), default=0),
        )
        return judged(seen, None if part is None else part.reference)


def show_inputs(state: InputState) -> None:
    """Tell whoever scrapes the worker."""
    for gauge, said in ((INPUT_SHARE, state.shares), (INPUT_DRIFT, state.drift)):
        gauge.clear()
        for name, value in said.items():
            gauge.labels(name).set(value)
    INPUT_ALARM.clear()
    for alarm in state.alarms:
        INPUT_ALARM.labels(alarm.what, alarm.repair.replace("`", "")).set(1)


def _sum(lanes: list[list[int]], n: int) -> Counts:
    return np.array(lanes, np.int64).reshape(-1, n).sum(0)
