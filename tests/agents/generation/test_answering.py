"""The generator's way from a request to its end: batches, deadlines, failures, a model that hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from agents.creatives.plan import Refusal
from agents.writing.stub import StubCopywriter
from models.brief.brief import Brief, Copy
from models.choice.request_queue import BatchSettings
from models.copywriter.generate import CANDIDATES, WrittenCopy
from streams.metrics.generation import EXEMPT_HEADLINES
from tests.agents.creatives.generation_fixtures import BOOT, plan
from tests.agents.generation.answering_bench import Bench, Gate, Plans, drive

PAST = Copy("Boots for wet rock", "Granite trail boots, ready for your weekend.", "Shop now", "Stridewell")


def exempt(kind: str) -> float:
    """Headlines that were not held against those of before."""
    return float(EXEMPT_HEADLINES.labels(kind)._value.get())


def test_a_request_becomes_a_creative_then_its_end_and_only_then_an_answer() -> None:
    bench = Bench(StubCopywriter(0))
    before = [exempt(kind) for kind in ("reused", "template")]

    async def story() -> None:
        await bench.submit(bench.job(1))
        assert bench.answered == []
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.topics() == ["ads.creative.v1", "ads.generation.v1"]
    assert bench.broker.statuses() == ["model"]
    assert bench.answered == ["rq_0000000000000001"]
    assert [exempt(kind) for kind in ("reused", "template")] == before, (
        "what a model wrote is held to the rule"
    )


def test_requests_that_wait_together_share_one_call_and_slots_their_request() -> None:
    gate = Gate()
    gate.open.set()
    bench = Bench(gate, Plans(lambda: plan("native", "banner_300x250")))

    async def story() -> None:
        await bench.submit(*(bench.job(n) for n in range(4)))
        await bench.answering.finish()

    drive(bench, story)
    assert gate.sizes == [8]
    assert {len(ending.creative_ids) for ending in bench.broker.endings().values()} == {2}


def test_while_another_batch_waits_each_creative_gets_one_draft() -> None:
    gate = Gate()
    bench = Bench(gate, settings=BatchSettings(size=2, wait_ms=1, capacity=8))

    async def story() -> None:
        await bench.submit(*(bench.job(n) for n in range(2)))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        await bench.submit(*(bench.job(n) for n in range(2, 6)))
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    assert gate.sizes == [2, 2, 2]
    assert gate.candidates == [CANDIDATES, 1, CANDIDATES]


def test_a_model_that_hangs_costs_nobody_more_than_the_deadline() -> None:
    gate = Gate()
    bench = Bench(gate)

    async def story() -> None:
        await bench.submit(bench.job(1, in_ms=60), bench.job(2, in_ms=80))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        await bench.submit(bench.job(3, in_ms=60))
        await bench.answering.finish()
        assert bench.broker.statuses() == ["template"] * 3
        gate.open.set()
        await asyncio.sleep(0.05)
        await bench.submit(bench.job(4))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["template"] * 3 + ["model"], (
        "late output of the model is dropped, and it is used again"
    )
    assert len(bench.answered) == 4


def test_a_model_that_never_comes_back_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.generation.answering.WEDGED_MS", 50)
    gate = Gate()
    bench = Bench(gate, renewed=lambda: StubCopywriter(0))

    async def story() -> None:
        await bench.submit(bench.job(1, in_ms=40))
        await bench.answering.finish()
        await asyncio.sleep(0.3)
        await bench.submit(bench.job(2))
        await bench.answering.finish()
        gate.open.set()
        await asyncio.sleep(0.05)

    drive(bench, story)
    assert bench.broker.statuses() == ["template", "model"], "what the lost thread says in the end is dropped"
    assert gate.sizes == [1]


def test_a_load_after_a_hang_may_take_longer_than_any_call_and_is_begun_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Requests that come meanwhile get their templates, which say why; then the model writes again."""
    monkeypatch.setattr("agents.generation.answering.WEDGED_MS", 20)
    monkeypatch.setattr("agents.generation.renewing.LOAD_PATIENCE_S", 0.03)
    gate, loaded, loads = Gate(), threading.Event(), list[int]()

    def load() -> StubCopywriter:
        loads.append(1)
        loaded.wait(20)
        return StubCopywriter(0)

    bench = Bench(gate, renewed=load)

    async def story() -> None:
        await bench.submit(bench.job(1, in_ms=20))
        while not loads:
            await asyncio.sleep(0.005)
        for n in range(2, 7):  # each deadline and what a call may take longer pass while it is loaded
            await bench.submit(bench.job(n, in_ms=20))
            await bench.answering.finish()
            await asyncio.sleep(0.03)
        loaded.set()
        asked = 7
        while "model" not in bench.broker.statuses():
            await bench.submit(bench.job(asked))
            await bench.answering.finish()
            asked += 1

    drive(bench, story)
    assert (len(loads), gate.sizes) == (1, [1])
    endings = list(bench.broker.endings().values())
    assert [each.status for each in endings[:6]] == ["template"] * 6
    assert [each.review[0] for each in endings[:6]] == ["MODEL_LATE"] + ["MODEL_LOADING"] * 5


def test_a_copywriter_that_cannot_be_loaded_again_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.generation.answering.WEDGED_MS", 20)
    monkeypatch.setattr("agents.generation.renewing.RELOAD_S", 0.01)
    gate, loads = Gate(), list[int]()

    def load() -> StubCopywriter:
        loads.append(1)
        if len(loads) < 3:
            raise FileNotFoundError("weights.bin")
        return StubCopywriter(0)

    bench = Bench(gate, renewed=load)

    async def story() -> None:
        await bench.submit(bench.job(1, in_ms=20))
        while len(loads) < 3:
            await asyncio.sleep(0.005)
        await bench.submit(bench.job(2))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["template", "model"]


def test_a_model_that_fails_costs_nobody_the_answer_and_the_ending_says_so() -> None:
    bench = Bench(Gate(MemoryError("arena")))

    async def story() -> None:
        await bench.submit(*(bench.job(n) for n in range(6)))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["template"] * 6
    assert {each.review[0] for each in bench.broker.endings().values()} == {"MODEL_FAILED"}


def test_a_request_past_its_deadline_gets_the_template_without_a_call() -> None:
    gate = Gate()
    bench = Bench(gate)

    async def story() -> None:
        await bench.submit(bench.job(1, in_ms=-5_000))
        await bench.answering.finish()

    drive(bench, story)
    assert (bench.broker.statuses(), gate.sizes) == (["template"], [])
    assert next(iter(bench.broker.endings().values())).review[0] == "MODEL_NO_TIME"


def test_the_newest_request_of_a_user_supersedes_one_that_waits_and_one_being_written() -> None:
    gate = Gate()
    bench = Bench(gate)

    async def story() -> None:
        await bench.submit(bench.job(1, "u", 1))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        await bench.submit(bench.job(2, "u", 2), bench.job(3, "u", 3))
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["superseded", "superseded", "model"]
    assert bench.broker.topics().count("ads.creative.v1") == 1
    assert len(bench.answered) == 3


def test_refusals_end_without_a_creative() -> None:
    bench = Bench(StubCopywriter(0), Plans(lambda: Refusal("no_consent")))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert (bench.broker.statuses(), bench.broker.topics()) == (["no_consent"], ["ads.generation.v1"])


def test_an_item_whose_link_no_ad_may_carry_gets_no_creative_and_the_ending_says_so() -> None:
    nowhere = replace(BOOT, url='https://shop.example/"onload="x')
    bench = Bench(StubCopywriter(0), Plans(lambda: replace(plan(), item=nowhere)))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    (ending,) = bench.broker.endings().values()
    assert (ending.status, ending.review, ending.creative_ids) == ("no_match", ["BAD_LINK"], [])


def test_copy_that_review_refuses_gives_way_to_the_template_and_its_codes_are_kept() -> None:
    class Boaster(Gate):
        def write(
            self,
            briefs: Sequence[Brief],
            remaining_ms: Callable[[], float],
            accept: Callable[[Brief, Copy], bool],
            candidates: int = 3,
            said: Sequence[object] = (),
        ) -> list[WrittenCopy]:
            assert not next(
                accept(brief, Copy("The best boots", "Guaranteed.", "Shop now"))
                for brief in briefs
                if brief.slot == "native"
            )
            good = StubCopywriter(0).write(briefs, remaining_ms, accept, candidates)
            return [
                WrittenCopy(None, 1, 1, "not_accepted") if b.slot == "native" else draft
                for b, draft in zip(briefs, good, strict=True)
            ]

    bench = Bench(Boaster(), Plans(lambda: plan("native", "banner_300x250")))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    (ending,) = bench.broker.endings().values()
    assert ending.status == "model", "one of two creatives is the model's"
    assert (ending.arm, ending.propensity) == ("direct|t-native", 0.25), (
        "the arm that was drawn answers for it"
    )
    assert {"SUPERLATIVE", "GUARANTEE", "MODEL_NOT_ACCEPTED"} <= set(ending.review)


def test_a_campaign_that_ends_while_the_model_writes_is_not_published() -> None:
    gate = Gate()
    bench = Bench(gate)

    async def story() -> None:
        await bench.submit(bench.job(1))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        bench.plans.standing = False
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    assert (bench.broker.statuses(), bench.broker.topics()) == (["withdrawn"], ["ads.generation.v1"])


def test_what_is_revoked_while_the_model_writes_is_not_published() -> None:
    gate = Gate()
    bench = Bench(gate)

    async def story() -> None:
        await bench.submit(bench.job(1))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        bench.plans.code = "REVOKED"
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    (ending,) = bench.broker.endings().values()
    assert (ending.status, ending.review, bench.broker.topics()) == (
        "withdrawn",
        ["REVOKED"],
        ["ads.generation.v1"],
    )


def test_where_no_model_may_write_the_template_answers_at_once_and_says_so() -> None:
    gate = Gate()
    bench = Bench(gate)
    bench.plans.writing = False
    before = exempt("template")

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    (ending,) = bench.broker.endings().values()
    assert (ending.status, gate.sizes) == ("template", []) and "SWITCHED" in ending.review
    assert exempt("template") == before + 1


def test_a_returning_interest_gets_its_old_copy_without_a_call() -> None:
    gate = Gate()
    bench = Bench(gate, Plans(lambda: plan(past=PAST)))
    before, templates = exempt("reused"), exempt("template")

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert (bench.broker.statuses(), gate.sizes) == (["reused"], [])
    assert (exempt("reused"), exempt("template")) == (before + 1, templates)


def test_old_copy_that_review_now_refuses_is_written_anew() -> None:
    past = Copy("The best boots, guaranteed", "Only today.", "Shop now", "Stridewell")
    bench = Bench(StubCopywriter(0), Plans(lambda: plan(past=past)))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["model"]


def test_a_full_queue_stops_the_reading_and_goes_on_when_there_is_room() -> None:
    gate = Gate()
    bench = Bench(gate, settings=BatchSettings(size=2, wait_ms=1, capacity=3))

    async def story() -> None:
        feeding = asyncio.ensure_future(bench.submit(*(bench.job(n) for n in range(12))))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        await asyncio.sleep(0.05)
        assert not feeding.done()
        assert len(bench.answering) <= 6, "two are written, three wait, one stands at the door"
        gate.open.set()
        await feeding
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["model"] * 12


def test_what_belongs_to_another_worker_now_is_given_up_unanswered() -> None:
    gate = Gate()
    bench = Bench(gate)

    async def story() -> None:
        await bench.submit(bench.job(1, lane=0), bench.job(2, lane=1))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        bench.answering.drop(0)
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    assert list(bench.broker.endings()) == ["rq_0000000000000002"]


def test_a_lane_that_comes_back_is_answered_for_what_was_read_again() -> None:
    """Its old answer waits for the broker while the lane is given up and read again."""
    bench, told = Bench(StubCopywriter(0)), list[str]()

    async def story() -> None:
        bench.broker.held = asyncio.Event()
        first, again = bench.job(1), bench.job(1)
        first.answered, again.answered = (lambda: told.append("first")), (lambda: told.append("again"))
        await bench.submit(first)
        while not first.ended:
            await asyncio.sleep(0.005)
        bench.answering.drop(0)
        await bench.submit(again)
        bench.broker.held.set()
        await bench.answering.finish()

    drive(bench, story)
    assert told == ["again"]


def test_a_request_that_waits_for_room_is_given_up_with_its_lane() -> None:
    gate = Gate()
    bench = Bench(gate, settings=BatchSettings(size=1, wait_ms=1, capacity=1))

    async def story() -> None:
        feeding = asyncio.ensure_future(bench.submit(*(bench.job(n, lane=n) for n in range(4))))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        while len(bench.answering) < 3:
            await asyncio.sleep(0.005)
        bench.answering.drop(2)  # that waits for room
        gate.open.set()
        await feeding
        await bench.answering.finish()

    drive(bench, story)
    assert sorted(bench.broker.endings()) == [f"rq_{n:016x}" for n in (0, 1, 3)]


def test_who_is_cancelled_at_the_door_takes_no_later_request_of_the_same_id_with_it() -> None:
    gate = Gate()
    bench = Bench(gate, settings=BatchSettings(size=1, wait_ms=1, capacity=1))

    async def story() -> None:
        await bench.submit(bench.job(0))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        await bench.submit(bench.job(1))
        given_up = asyncio.ensure_future(bench.submit(bench.job(2, lane=7)))
        await asyncio.sleep(0)
        bench.answering.drop(7)
        again = asyncio.ensure_future(bench.submit(bench.job(2, lane=7)))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait({given_up})
        assert given_up.cancelled()
        gate.open.set()
        await again
        await bench.answering.finish()

    drive(bench, story)
    assert bench.answered[-1] == "rq_0000000000000002" and len(bench.answered) == 3


def test_a_request_delivered_twice_at_once_ends_once_and_is_answered_twice() -> None:
    bench = Bench(StubCopywriter(0))

    async def story() -> None:
        await bench.submit(bench.job(1), bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.topics() == ["ads.creative.v1", "ads.generation.v1"]
    assert bench.answered == ["rq_0000000000000001"] * 2


def test_a_broker_that_refuses_ends_the_run_and_answers_nothing() -> None:
    bench = Bench(StubCopywriter(0))
    bench.broker.fails = True

    async def story() -> None:
        await bench.submit(bench.job(1))
        await asyncio.sleep(10)

    with pytest.raises(ConnectionError):
        drive(bench, story)
    assert bench.answered == []


def test_a_template_that_review_refuses_leaves_the_request_without_a_match() -> None:
    bench = Bench(
        Gate(RuntimeError("no model")), Plans(lambda: plan(title="The best boots, guaranteed to heal"))
    )

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    (ending,) = bench.broker.endings().values()
    assert (ending.status, ending.creative_ids) == ("no_match", [])
