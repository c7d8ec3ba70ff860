"""Rows that were lost: links are read again, and partners believe each other again."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from pathlib import Path

import msgspec
import pytest

from agents.profiles.rows.link import LinkRow, link_row_of
from models.stored.layouts import ROW_LAYOUTS
from streams import records as r
from streams.rows.row_versions import RowVersions
from streams.topics import CONSENT, IDENTITY, PARTNER, PRIVACY_ACK, PRIVACY_REQUEST, changelog
from streams.wire.output import Output
from tests.broker.test_lost_rows import make_anew
from tests.faults.cluster import Cluster, cluster, ready
from tests.faults.crowd import ALL_PURPOSES, body
from tests.faults.test_kill_links import settled
from tests.faults.verdict import stored

pytestmark = [pytest.mark.broker]

PHONE, LAPTOP = "phone-of-ada", "laptop-of-ada"


def link_of(folder: Path, place: Cluster, user: str) -> LinkRow | None:
    """Row i of a stopped worker."""
    lanes, key = stored(folder, place.settings.partitions), b"i" + user.encode()
    found = [lane[key] for lane in lanes if key in lane]
    return link_row_of(RowVersions(ROW_LAYOUTS, 0).payload(found[0])) if found else None


def test_links_outlive_all_rows_and_an_erasure_ends_them_for_both(tmp_path: Path) -> None:
    now_ms = int(time.time() * 1000)
    said = [Output(CONSENT.name, u.encode(), body(u, now_ms, explicit=ALL_PURPOSES)) for u in (PHONE, LAPTOP)]
    said += [
        Output(IDENTITY.name, user.encode(), body(user, now_ms, partner=partner))
        for user, partner in ((PHONE, LAPTOP), (LAPTOP, PHONE))
    ]
    request = json.dumps({"request_id": "p1", "type": "erasure", "iat": now_ms}).encode()
    with cluster(tmp_path) as place:

        async def story() -> None:
            worker = place.worker("w1")
            await place.send(said)
            for rows_are_lost in (False, True):
                if rows_are_lost:
                    await make_anew(place, changelog(place.settings.app_prefix).name)
                    shutil.rmtree(worker.data_dir)
                await ready(worker)
                await settled(place)
                assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
                for user in (PHONE, LAPTOP):
                    row = link_of(worker.data_dir, place, user)
                    assert row is not None and row.heard is not None and row.heard.allows is not None
            assert f"{IDENTITY.name}[" in worker.said() and "is read again from offset 0" in worker.said()
            await place.send([Output(PRIVACY_REQUEST.name, PHONE.encode(), request)])
            await ready(worker)
            await settled(place)
            assert await asyncio.to_thread(worker.terminate) == 0, worker.said()[-3000:]
            assert [link_of(worker.data_dir, place, user) for user in (PHONE, LAPTOP)] == [None, None]
            last = {
                each.key: each.value for topic in (IDENTITY, PARTNER) for each in await place.read(topic.name)
            }
            assert len(last) == 4 and set(last.values()) == {None}
            (ack,) = [
                msgspec.json.decode(each.value, type=r.PrivacyAck)
                for each in await place.read(PRIVACY_ACK.name)
            ]
            assert {each.name: each.deleted for each in ack.stores}["rows:link"] == 1

        asyncio.run(story())
