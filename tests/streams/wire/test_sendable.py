"""A command sends nothing that every reader would refuse."""

from __future__ import annotations

import pytest

from streams import records as r
from streams.loud_end import RefusedError
from streams.mapping.experiments import experiment_output
from streams.topics import DEAD, EXPERIMENT
from streams.wire.codecs import WireLimits
from streams.wire.output import Output
from streams.wire.sendable import check_sendable

NOW_MS = 1_795_291_200_000
ARMS = [r.ExperimentArm("a", 0.5), r.ExperimentArm("b", 0.5)]


def began(name: str, salt: str = "s", by: str = "ann") -> Output:
    experiment = r.Experiment(name, salt, ARMS, NOW_MS, NOW_MS + 1)
    return experiment_output(r.ExperimentRecord(name, "c1", experiment, "running", by), NOW_MS)


def test_what_readers_take_passes_and_so_do_a_null_and_bytes_as_they_came() -> None:
    null, letter = Output(EXPERIMENT.name, b"e1", None), Output(DEAD.name, b"k", b"{")
    check_sendable([began("e1"), null, letter], WireLimits(), NOW_MS)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (began(""), "a key has 1 to"),
        (began("e" * 300), "length <="),
        (began("e1", "\u202e"), "direction-changing"),
        (began("e1", by="a\x00"), "control"),
    ],
)
def test_what_they_would_refuse_is_said(record: Output, why: str) -> None:
    with pytest.raises(RefusedError, match=rf"nothing was sent: .*{EXPERIMENT.name}.*{why}"):
        check_sendable([began("e1"), record], WireLimits(), NOW_MS)
