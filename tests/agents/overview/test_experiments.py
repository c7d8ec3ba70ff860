"""Experiments on the page."""

from __future__ import annotations

from pathlib import Path

import msgspec

from agents.overview.cards.experiments import SHOWN, ExperimentBoard
from streams import records as r
from streams.topics import EXPERIMENT

GOLDEN = Path(__file__).parents[2] / "golden" / "wire" / "ads.experiment.v1.0.json"
RECORD = msgspec.json.decode(GOLDEN.read_bytes(), type=r.ExperimentRecord)


def test_the_newest_are_shown_with_their_arms_and_the_lift_of_each() -> None:
    board = ExperimentBoard()
    board.on_record(EXPERIMENT, "spring-holdout", RECORD, (), 0)
    running = msgspec.structs.replace(RECORD, experiment_id="later", status="running", result=None)
    later = msgspec.structs.replace(running.experiment, start=RECORD.experiment.start + 1)
    board.on_record(EXPERIMENT, "later", msgspec.structs.replace(running, experiment=later), (), 0)
    first, second = board.public()
    assert (first["id"], first["looked_ms"], first["arms"][0]["users"]) == ("later", None, None)
    assert (second["id"], second["status"], second["mismatch"]) == ("spring-holdout", "finished", False)
    control, holdout, _ = second["arms"]
    assert (control["users"], control["ctr"], control["lifts"]) == (14010, 0.0523, {})
    assert (control["cvr"], control["revenue"]) == (0.076, "0.8922 EUR")
    assert (holdout["holdout"], holdout["lifts"]) == (True, {"ctr": [-0.0765, -0.131, -0.018]})
    board.on_record(EXPERIMENT, "later", None, (), 0)
    assert [each["id"] for each in board.public()] == ["spring-holdout"]


def test_arms_out_of_proportion_are_said_and_the_list_is_bounded() -> None:
    board = ExperimentBoard()
    assert RECORD.result is not None
    broken = msgspec.structs.replace(RECORD.result, sample_ratio_p=1e-9)
    for n in range(SHOWN + 3):
        board.on_record(EXPERIMENT, f"e{n}", msgspec.structs.replace(RECORD, result=broken), (), 0)
    assert len(board.public()) == SHOWN
    assert all(each["mismatch"] for each in board.public())
