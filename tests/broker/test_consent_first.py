"""What users allow is known before anything is learnt: at assignment the consent topic is applied to its end
before any other."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from models.interest.profile import PROFILE
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.sparse_rows import unpacked_bytes
from streams.topics import CLICK, CONSENT
from streams.wire.output import Output
from tests.faults.cluster import cluster, ready
from tests.faults.crowd import ALL_PURPOSES, body

pytestmark = [pytest.mark.broker]

USERS = 20_000
"""Their statements fill more than one fetch."""
ACTIVE = 300
CLICKS = 6_000
DAY_MS = 86_400_000


def test_consent_that_waits_is_applied_before_clicks_that_wait(tmp_path: Path) -> None:
    """Those who click stated their consent last, behind thousands of others; every click is learnt."""
    now_ms = int(time.time() * 1000)
    users = [f"u{n}" for n in range(USERS)]
    named = [(users[-1 - n % ACTIVE], f"k{n}") for n in range(CLICKS)]
    clicks = [
        Output(CLICK.name, user.encode(), body(user, now_ms, id=click, item_id="i1")) for user, click in named
    ]
    stated = [
        Output(CONSENT.name, user.encode(), body(user, now_ms - DAY_MS, explicit=ALL_PURPOSES))
        for user in users
    ]

    with cluster(tmp_path) as place:

        async def story() -> None:
            await place.send(clicks)
            await place.send(stated)
            worker = place.worker("w1")
            await ready(worker)
            await place.caught_up()
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            assert learnt(worker.data_dir, place.settings.partitions) == CLICKS

        asyncio.run(story())


def learnt(folder: Path, partitions: int) -> int:
    """Clicks that the profiles of a stopped worker count."""
    total = 0
    for lane in range(partitions):
        db = open_rows(next(folder.rglob(f"rows-{lane}.db")))
        total += sum(
            int(np.frombuffer(unpacked_bytes(value), PROFILE)["n_click"][0])
            for _, value in LaneStore(db).scan(b"p", b"")
        )
        db.close()
    return total
