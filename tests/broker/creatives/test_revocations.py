"""Every cause on a real broker: one record, an ad server that obeys it, tombstones of all keys, and nothing
that comes back by a restart, lost rows, a replay or a shift."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from streams import records as r
from streams.topics import CAMPAIGN, CATALOG, REVIEW
from streams.wire.output import Output
from tests.broker.creatives.revocation_run import (
    Owned,
    RevocationRun,
    catalog_item,
    output,
)
from tests.faults.cluster import campaigns, cluster

pytestmark = [pytest.mark.broker]

USERS = 480


def test_what_must_go_goes_and_does_not_come_back(tmp_path: Path) -> None:
    with cluster(tmp_path) as place:

        async def story() -> None:
            run = RevocationRun(place, USERS)
            await run.start()
            try:
                await _every_cause(run)
                await run.start_with_nothing()
                await run.nothing_comes_back((each for each in run.owned if each.campaign_id == "c0"), {"c2"})
            finally:
                await run.stop()

        asyncio.run(story())


async def _every_cause(run: RevocationRun) -> None:
    def by(*outputs: Output) -> Callable[[], Awaitable[None]]:
        return lambda: run.place.send(outputs)

    def of(**like: str) -> list[Owned]:
        return [each for each in run.shown() if all(getattr(each, k) == v for k, v in like.items())]

    first, second, *_ = campaigns()
    denied, of_pool = run.owned[2], run.owned[0]
    paused = msgspec.structs.replace(first, status="paused")
    soldout, dearer = catalog_item(7, availability="out_of_stock"), catalog_item(5, price=29.99)
    review = output(REVIEW, denied.creative_id, r.Review(denied.creative_id, 4))
    await run.revoked_by(by(review), f"creative|{denied.creative_id}", [denied])
    assert denied.copy_id is None and of_pool.copy_id is not None
    review = output(REVIEW, of_pool.creative_id, r.Review(of_pool.creative_id, 4))
    await run.revoked_by(by(review), f"copy|{of_pool.copy_id}", of(copy_id=of_pool.copy_id))
    copied = [each for each in of(copy_id="cp_0000000000000001") if each in run.shown()]
    gone = await run.revoked_by(
        lambda: run.typed("copy", "reject", "cp_0000000000000001"), "copy|cp_0000000000000001", copied
    )
    assert len(copied) > 5 and gone.all_gone_s <= 15
    await run.revoked_by(by(output(CATALOG, "i5", dearer)), "item|i5", of(item_id="i5"))
    await run.revoked_by(by(output(CATALOG, "i7", soldout)), "item|i7", of(item_id="i7"))
    await run.revoked_by(by(output(CATALOG, "i9", None)), "item|i9", of(item_id="i9"))
    await run.revoked_by(by(output(CAMPAIGN, "c0", paused)), "campaign|c0", of(campaign_id="c0"))
    await run.revoked_by(by(output(REVIEW, "t2", r.Review("t2", 4))), "template|t2", of(template_id="t2"))
    assert {each.campaign_id for each in run.shown()} == {"c1", "c2"}
    await run.revoked_by(by(output(CAMPAIGN, second.campaign_id, None)), "campaign|c1", of(campaign_id="c1"))
    assert run.shown() and {each.campaign_id for each in run.shown()} == {"c2"}
    await run.revoked_by(lambda: run.typed("switch", "defaults-only"), "switch|*", run.shown())
    reasons = {key: (said.reason, said.lasting) for key, said in run.said.items() if key in REASONS}
    await run.until(lambda: not run.said["item|i5"].lasting, "the new price is out")
    assert reasons | {"item|i5": ("repriced", False)} == REASONS


REASONS = {
    "copy|cp_0000000000000000": ("denied", True),
    "copy|cp_0000000000000001": ("rejected", True),
    "item|i5": ("repriced", False),
    "item|i7": ("sold_out", True),
    "item|i9": ("deleted", True),
    "campaign|c0": ("paused", True),
    "campaign|c1": ("deleted", True),
    "template|t2": ("denied", True),
    "switch|*": ("switched", False),
}
