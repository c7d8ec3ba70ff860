"""Requests answered from the pool: at once, whatever the copywriter does; what it lacks is written live."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from agents.creatives.plan import CreativePlan, Refusal
from agents.generation.planning import Planning
from agents.pool.demand import Demand
from agents.pool.serving import CopyPool
from agents.writing.stub import StubCopywriter
from models.brief.brief import Copy
from models.choice.headlines import headline_hash
from models.choice.request_queue import BatchSettings
from models.revocations import Revocations
from models.rules import load_rules
from models.text.variety import said_pairs
from streams import records as r
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, line, plan
from tests.agents.generation.answering_bench import Bench, Gate, Plans, drive
from tests.agents.pool.pool_fixtures import BASES, MODEL, PLACE, entries, view

TWO_SLOTS = ("native", "banner_300x250")


def pool_of(*kept: r.CopyEntry) -> CopyPool:
    return CopyPool(view(*kept), Demand(), BASES, lambda: MODEL, Revocations, load_rules, 0.5)


def test_a_hit_is_answered_while_the_copywriter_hangs_and_says_that_it_was_written_ahead() -> None:
    gate, kept = Gate(), entries()
    other = CreativePlan(CAMPAIGN, replace(BOOT, item_id="i9"), (line(),))
    plans = Plans(lambda: other)
    bench = Bench(gate, plans, pool=pool_of(*kept))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        plans.planned = plan
        await bench.submit(bench.job(2))
        while "rq_0000000000000002" not in bench.answered:
            await asyncio.sleep(0.005)
        assert bench.answered == ["rq_0000000000000002"]
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    endings = bench.broker.endings()
    assert [each.source for _, each in sorted(endings.items())] == ["live", "pool"]
    assert {each.status for each in endings.values()} == {"model"}
    sources = {each.request_id: (each.source, each.copy_id) for each in bench.broker.creatives()}
    assert sources["rq_0000000000000001"] == ("live", None)
    assert sources["rq_0000000000000002"][0] == "pool"
    assert sources["rq_0000000000000002"][1] in {each.copy_id for each in kept}


def test_what_the_pool_lacks_of_a_request_is_written_live() -> None:
    gate = Gate()
    gate.open.set()
    bench = Bench(gate, Plans(lambda: plan(*TWO_SLOTS)), pool=pool_of(*entries()[:1]))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert gate.sizes == [1], "one line alone goes to the model"
    assert {each.slot: each.source for each in bench.broker.creatives()} == {
        "native": "pool",
        "banner_300x250": "live",
    }
    (ending,) = bench.broker.endings().values()
    assert (ending.source, len(ending.creative_ids)) == ("live", 2)


def test_what_is_written_live_knows_what_the_pool_says_of_the_item() -> None:
    kept = entries()[:1]
    pool = pool_of(*kept)
    job = Bench(Gate(), Plans(plan)).job(1)
    planning = Planning(Plans(lambda: plan(*TWO_SLOTS)), load_rules, lambda: NOW_MS, pool)
    assert planning.answer(job) is None
    (missing,) = job.missing
    assert missing.said == said_pairs(kept[0].copy.headline, kept[0].copy.description)
    assert headline_hash(kept[0].copy.headline) in missing.headlines


def test_the_template_stands_in_for_the_lines_alone_that_the_model_was_late_for() -> None:
    bench = Bench(Gate(), Plans(lambda: plan(*TWO_SLOTS)), pool=pool_of(*entries()[:1]))

    async def story() -> None:
        await bench.submit(bench.job(1, in_ms=60))
        await bench.answering.finish()

    drive(bench, story)
    made = {each.slot: each for each in bench.broker.creatives()}
    assert made["native"].source == "pool"
    assert made["banner_300x250"].source is None and made["banner_300x250"].provenance.ai_tool is None


def test_where_people_come_first_nothing_is_written_live_nor_published_again_unapproved() -> None:
    first = replace(CAMPAIGN, people_first=True)
    past = Copy(
        "Boots for wet rock", "Granite trail boots, ready for your weekend.", "Shop now", "Stridewell"
    )
    gate = Gate()
    bench = Bench(gate, Plans(lambda: replace(plan(past=past), campaign=first)), pool=pool_of(*entries()))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    (ending,) = bench.broker.endings().values()
    assert (ending.status, gate.sizes) == ("template", []) and "PEOPLE_FIRST" in ending.review


def test_the_switch_leaves_the_pool_alone() -> None:
    bench = Bench(StubCopywriter(0), pool=pool_of(*entries()))
    bench.plans.writing = False

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["template"]


class Changing(Plans):
    """Plans what is offered now; a plan stands while that is its item."""

    item = replace(BOOT, item_id="i9")

    def plan(self, request: r.CreativeRequest, now_ms: int) -> CreativePlan | Refusal:
        return CreativePlan(CAMPAIGN, self.item, (line(),))

    def stands(self, plan: CreativePlan, now_ms: int) -> bool:
        return plan.item == self.item


def test_what_was_planned_when_it_came_is_planned_anew_when_it_no_longer_stands() -> None:
    gate, plans = Gate(), Changing()
    bench = Bench(gate, plans, pool=pool_of(*entries()))

    async def story() -> None:
        await bench.submit(bench.job(1))
        await asyncio.get_running_loop().run_in_executor(None, gate.entered.wait, 10)
        await bench.submit(bench.job(2))
        plans.item = BOOT
        gate.open.set()
        await bench.answering.finish()

    drive(bench, story)
    endings = bench.broker.endings()
    assert endings["rq_0000000000000001"].status == "withdrawn"
    assert endings["rq_0000000000000002"].item_id == "i1"


def test_where_a_call_is_too_late_the_next_is_smaller_until_one_is_in_time() -> None:
    """A copywriter that takes 40 ms at least for each draft, and requests that have 300 ms."""

    class Slow(Gate):
        def write(self, briefs, remaining_ms, accept, candidates=3, said=()):  # type: ignore[no-untyped-def]
            time.sleep(0.04 * len(briefs) * candidates)
            return super().write(briefs, remaining_ms, accept, candidates)

    slow = Slow()
    slow.open.set()
    bench = Bench(slow, settings=BatchSettings(size=8, wait_ms=1, capacity=64))

    async def story() -> None:
        turn = 0
        while len(slow.sizes) < 2:
            await bench.submit(*(bench.job(10 * turn + n, in_ms=300) for n in range(6)))
            await bench.answering.finish()
            turn += 1

    drive(bench, story)
    work = [size * candidates for size, candidates in zip(slow.sizes, slow.candidates, strict=True)]
    assert min(work) <= work[0] / 2


def test_an_empty_pool_is_told_what_was_missing() -> None:
    demand = Demand()
    empty = CopyPool(view(), demand, BASES, lambda: MODEL, Revocations, load_rules, 0.5)
    bench = Bench(StubCopywriter(0), pool=empty)

    async def story() -> None:
        await bench.submit(bench.job(1))
        await bench.answering.finish()

    drive(bench, story)
    assert bench.broker.statuses() == ["model"]
    assert demand.next_missed(9) == [PLACE]
