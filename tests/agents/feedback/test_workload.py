"""The last value of every key equals a batch computation, whatever came twice, late or was lost."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from agents.feedback.cells import Cell
from agents.feedback.reference import FeedbackReference
from agents.feedback.suppression import ToldThresholds
from agents.feedback.workload import FeedbackWorkload, window_of
from models.measured.arm_change import standing_counts
from models.measured.arm_memory import ArmMemory, Earned, FadedSums
from models.measured.totals import Totals
from models.row import HEADER
from streams import records as r
from streams.settings import Settings
from streams.topics import ARM, CAMPAIGN, CREATIVE_METRIC, DEAD, OUTCOME
from streams.wire.output import Output, one_by_one
from streams.wire.view import RecordBatch
from tests.agents.catalogue import campaign
from tests.agents.feedback.batch_metrics import check_metric
from tests.agents.feedback.outcome_log import ANY, DAY_MS, batch_totals, history
from tests.agents.profiles.memory_lane import NOW_MS, Consumed
from tests.streams.lane.dict_store import DictStore, LaneOfOne

SETTINGS = Settings(partitions=1)
FENCE = np.zeros(1, HEADER)[0]


class Worker:
    """One lane of the agent; `kill` forgets what was not flushed."""

    def __init__(self, reference: FeedbackReference, store: DictStore | None = None) -> None:
        self.reference = reference
        self.workload = FeedbackWorkload(SETTINGS, reference)
        self.lane = LaneOfOne(self.workload.layouts, store=store)
        self.outputs: list[Output] = []
        self.now_ms = NOW_MS + 3_600_000
        self.visit(self.workload.assigned)

    def visit(self, function: Any) -> None:
        view = self.lane.visit(function, self.now_ms)
        self.outputs += one_by_one(view.outputs)

    def take(self, records: list[Consumed]) -> None:
        self.visit(lambda view: self.workload.apply(view, RecordBatch(OUTCOME.name, 0, records)))

    def flush(self) -> None:
        self.visit(self.workload.before_flush)
        self.lane.flush(FENCE)

    def sweep(self) -> None:
        self.visit(lambda view: self.workload.sweep(view, self.now_ms))

    def kill(self) -> Worker:
        successor = Worker(self.reference, self.lane.store)
        successor.outputs = self.outputs  # what has left has left
        return successor

    def last(self, topic: str, record: type[Any]) -> dict[str, Any]:
        said = [each for each in self.outputs if each.topic == topic]
        return {
            (each.key or b"").decode(): msgspec.json.decode(each.value or b"", type=record) for each in said
        }


def followed(k: int = 0, goal: str = "clicks") -> FeedbackReference:
    reference = FeedbackReference()
    for name in ("c0", "c1"):
        record = campaign(campaign_id=name, k=k, goal=goal)
        reference.on_record(CAMPAIGN, name, record, (), 0)
    return reference


def run(log: list[Consumed], seed: int, kills: int = 0, k: int = 0, goal: str = "clicks") -> Worker:
    """Through the log in random batches; a kill goes back to what was flushed last, as a commit would."""
    rng, worker, at, committed = random.Random(seed), Worker(followed(k, goal)), 0, 0
    killed = sorted(rng.randrange(len(log)) for _ in range(kills))
    while at < len(log):
        n = rng.randrange(1, 40)
        worker.take(log[at : at + n])
        at += n
        if killed and at >= killed[0]:
            killed.pop(0)
            if rng.random() < 0.5:
                worker.visit(worker.workload.before_flush)  # it left, but the rows were lost
            worker, at = worker.kill(), committed
        elif rng.random() < 0.3:
            worker.flush()
            committed = max(0, at - rng.randrange(60))  # a commit lags behind
    worker.flush()
    return worker


@pytest.mark.parametrize(("seed", "kills"), [(1, 0), (2, 10), (3, 10)])
def test_the_last_value_of_every_key_equals_the_batch(seed: int, kills: int) -> None:
    log = history(seed)
    found = run(log, seed, kills).last(CREATIVE_METRIC.name, r.CreativeMetric)
    expected = batch_totals(log)
    assert len(expected) > 100
    assert found.keys() == {Cell(*place).key for place in expected}
    for place, sums in expected.items():
        check_metric(place, sums, found[Cell(*place).key])


def test_with_k_cells_of_fewer_users_say_nothing_but_that() -> None:
    log = history(5)
    found = run(log, 5, k=50).last(CREATIVE_METRIC.name, r.CreativeMetric)
    expected = batch_totals(log)
    for place, sums in expected.items():
        check_metric(place, sums, found[Cell(*place).key], k=50)
    suppressed = {key for key, metric in found.items() if metric.suppressed}
    assert suppressed and suppressed < found.keys()


def test_a_k_that_is_raised_later_takes_back_what_was_told_of_few_users() -> None:
    """Also where the worker was away meanwhile; and one that is lowered tells them again."""
    log = history(5)
    worker = run(log, 5)
    told = worker.last(CREATIVE_METRIC.name, r.CreativeMetric)
    few = {key for key, each in told.items() if each.counts.impressions and (each.counts.users or 0) < 50}
    assert few and few < told.keys() and not any(each.suppressed for each in told.values())
    worker.reference = followed(k=50)
    for _ in range(2):
        worker = worker.kill()
        worker.sweep()
        worker.flush()
        found = worker.last(CREATIVE_METRIC.name, r.CreativeMetric)
        assert {key for key, each in found.items() if each.suppressed} == few
        assert all(each.k == 50 for each in found.values())
    said = len(worker.outputs)
    worker.sweep()
    worker.flush()
    assert not any(each.topic == CREATIVE_METRIC.name for each in worker.outputs[said:])
    for name in ("c0", "c1"):
        worker.reference.on_record(CAMPAIGN, name, campaign(campaign_id=name), (), 0)
    worker.sweep()
    worker.flush()
    again = worker.last(CREATIVE_METRIC.name, r.CreativeMetric)
    assert {key: each.counts for key, each in again.items()} == {
        key: each.counts for key, each in told.items()
    }


@pytest.mark.parametrize("swept", [False, True])
def test_a_k_that_comes_back_takes_back_what_left_in_between(swept: bool) -> None:
    """Whether a round began in between or not, and after a restart."""
    log = history(5)
    worker = run(log[: len(log) // 2], 5, k=50)
    worker.sweep()
    worker.flush()
    worker.reference = worker.workload._reference = followed(k=0)
    worker.take(log[len(log) // 2 :])
    if swept:
        worker.visit(
            lambda view: worker.workload._waiting[0].thresholds.cells_to_tell(view, [("c0", 0)], b"t", 1, 7)
        )
    worker.flush()
    found = worker.last(CREATIVE_METRIC.name, r.CreativeMetric)
    assert any(0 < (each.counts.users or 0) < 50 for each in found.values())
    worker.reference = followed(k=50)
    worker = worker.kill()
    worker.sweep()
    worker.flush()
    found = worker.last(CREATIVE_METRIC.name, r.CreativeMetric)
    assert all(each.k == 50 for each in found.values())
    assert not any(0 < (each.counts.users or 0) < 50 for each in found.values())


def test_many_cells_of_a_changed_k_are_told_part_by_part() -> None:
    worker = run(history(5), 5)
    rows = {key for key in worker.lane.store.rows if key[:1] == b"t"}
    thresholds, parts = ToldThresholds(), list[list[bytes]]()
    wanted = [("c0", 50), ("c1", 50), ("elsewhere", 50), ("alike", 0)]

    def part(view: Any) -> None:
        parts.append(thresholds.cells_to_tell(view, wanted, b"t", 1, 7))

    while not parts or len(parts[-1]) == 7:
        worker.visit(part)
    told = [key for part in parts for key in part]
    assert len(told) == len(rows) > 7 and set(told) == rows
    worker.visit(part)
    assert parts[-1] == []


def test_an_arm_that_an_earlier_build_stored_goes_on_from_its_faded_sums() -> None:
    half_life_ms = int(SETTINGS.arm_half_life_s * 1_000)
    stored = msgspec.msgpack.encode((half_life_ms, NOW_MS, 400.0, 8.0, 1.5, 2.0, {"EUR": 950.0}))
    raised = FeedbackWorkload.layouts["q"].raised_payload(1, stored)
    memory = msgspec.msgpack.decode(raised, type=ArmMemory)
    sums = FadedSums(NOW_MS, half_life_ms, Earned(400.0, 8.0, 1.5, 2.0, {"EUR": 950.0}))
    assert memory == ArmMemory(half_life_ms, before=sums)
    alpha, beta = standing_counts(memory, NOW_MS + half_life_ms, "clicks", {}, 0.02)
    assert (alpha, beta) == pytest.approx((3.0, 197.0))
    nothing = msgspec.msgpack.encode((half_life_ms, 0, 0.0, 0.0, 0.0, 0.0, {}))
    assert msgspec.msgpack.decode(
        FeedbackWorkload.layouts["q"].raised_payload(1, nothing), type=ArmMemory
    ) == ArmMemory(half_life_ms)


@pytest.mark.parametrize("goal", ["clicks", "awareness", "conversions"])
@pytest.mark.parametrize("kills", [0, 6])
def test_posteriors_are_what_a_batch_makes_of_the_hours(kills: int, goal: str) -> None:
    log = history(7)
    worker = run(log, 7, kills, goal=goal)
    worker.now_ms += 10_000
    worker.sweep()
    found = worker.last(ARM.name, r.ArmPosterior)
    totals = batch_totals(log)
    arms: dict[tuple[str, str, str], ArmMemory] = {}
    for (campaign_id, _, arm, slot, _, size, start), sums in sorted(totals.items()):
        if size == 3_600 and arm != "*" and sums["impressions"]:
            place = campaign_id, slot, arm
            memory = arms.setdefault(place, ArmMemory(int(SETTINGS.arm_half_life_s * 1_000)))
            memory.add(start, earned(sums))
    assert {key: (each.alpha, each.beta) for key, each in found.items()} == {
        "|".join(place): pytest.approx(
            expected(memory, worker.now_ms, goal, totals[place[0], *ANY, 0, 0]), abs=1e-3
        )
        for place, memory in arms.items()
    }
    assert any(each.alpha > 1 for each in found.values())


def earned(sums: Mapping[str, int]) -> Earned:
    value = {"EUR": float(sums["value:EUR"])}
    against, viewable = sums["hides"], sums["viewable"]
    return Earned(sums["impressions"], sums["clicks"], sums["conversions"], against, value, viewable)


def expected(memory: ArmMemory, now_ms: int, goal: str, life: Mapping[str, int]) -> tuple[float, float]:
    """By what a conversion of the campaign is worth, and its rate of rewards."""
    counted, one_in = {
        "clicks": ("clicks", 100), "awareness": ("viewable", 2), "conversions": ("conversions", 1_000)
    }[goal]  # fmt: skip
    usual = {"EUR": life["value:EUR"] / life["conversions"]}
    rate = (max(life[counted] - life["hides"], 0) + 1) / (life["impressions"] + one_in)
    return standing_counts(memory, now_ms, goal, usual, rate)


def test_the_goal_that_a_brief_tells_decides_and_a_stated_one_wins() -> None:
    reference, told = FeedbackReference(), ["Our story: discover what the brand stands for, watch the film"]
    for goal in (None, "conversions"):
        record = campaign(campaign_id="c0", goal=goal, brief=r.Brief("B", facts=told))
        reference.on_record(CAMPAIGN, "c0", record, (), 0)
        assert reference.goal("c0") == (goal or "awareness")


def test_what_is_no_outcome_is_a_dead_letter_and_the_rest_counts() -> None:
    log = history(9)
    worker = Worker(followed())
    broken = Consumed(OUTCOME.name, 0, len(log), NOW_MS, b"0|c0", b'{"campaign_id":')
    worker.take([*log[:5], broken])
    worker.flush()
    assert [each.topic for each in worker.outputs].count(DEAD.name) == 1
    assert worker.last(CREATIVE_METRIC.name, r.CreativeMetric)


def test_windows_that_nothing_can_change_go_and_lives_stay() -> None:
    worker = run(history(4), 4)
    worker.now_ms += 30 * DAY_MS
    worker.sweep()
    worker.lane.flush(FENCE)
    rows = [key for key in worker.lane.store.rows if key[:1] in (b"s", b"t")]
    assert rows and {window_of(key)[0] for key in rows} == {0}


def test_totals_of_before_clips_were_counted_say_what_they_said() -> None:
    before: tuple[Any, ...] = (list(range(1, 10)), [1] * 8, [0] * 8, 3, {"EUR": 5}, {}, {"plain.t1": 1}, None)
    now = Totals.of_bytes(FeedbackWorkload.layouts["t"].raised_payload(1, msgspec.msgpack.encode(before)))
    assert (now.count("impressions"), now.count("invalid_clicks"), now.users) == (1, 9, 3)
    assert now.count("starts") == now.count("completions") == 0 and now.value == {"EUR": 5}
    now.add(Totals())
