"""Golden rows: what a build stored, beside what that build read in it.

`python -m tests.golden.golden_rows` keeps rows of today for each kind whose version has none yet. Files that
exist are never written again.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from agents.profiles.rows.link import link_row_of
from agents.profiles.rows.made import made_row_of
from agents.profiles.rows.portfolio import Portfolio
from models.earned.counters import COUNTS, Counters, Window
from models.inputs.window import InputWindow
from models.measured.making import Making
from models.row import HEADER
from models.stored.layouts import ROW_LAYOUTS
from streams import records as r
from streams.lane.memory import LANE_LAYOUT, LANE_ROW, LaneState, LostRecords
from streams.rows.row_versions import RowVersions
from streams.topics import BEHAVIOR, CLICK, CONVERSION, GENERATION, IMPRESSION, PRIVACY_REQUEST
from tests.agents.catalogue import campaign
from tests.agents.profiles.memory_lane import NOW_MS, users_of_lane
from tests.agents.traffic import consent, link, result, summary
from tests.stories.profile_story import USER, Story, requests_of

FOLDER: Final = Path(__file__).parent / "rows"
LAYOUTS: Final = {**ROW_LAYOUTS, LANE_ROW.decode(): LANE_LAYOUT}
PARTITION: Final = 3
HOUR: Final = 3_600_000
KEPT: Final = 6
"""Rows kept of a kind."""


class Golden(NamedTuple):
    """One row as a build stored it, and what that build read in it."""

    key: bytes
    stored: bytes
    says: Any


def golden(kind: str, version: int) -> list[Golden]:
    found = json.loads((FOLDER / kind / f"{version}.json").read_text())
    return [
        Golden(each["key"].encode("latin-1"), base64.b64decode(each["stored"]), each["says"])
        for each in found
    ]


def fields_of(row: Any) -> dict[str, Any]:
    """A structured row in plain numbers."""
    found: dict[str, Any] = {}
    for name in row.dtype.names:
        value = row[name]
        if row.dtype[name].base.names is None:
            found[name] = value.tolist()
        else:
            found[name] = (
                [fields_of(each) for each in value] if row.dtype[name].subdtype else fields_of(value)
            )
    return found


def told(key: bytes, stored: bytes) -> Any:
    """What today's build reads in a stored row. Raises RefusedError."""
    kind, versions = chr(key[0]), RowVersions(LAYOUTS, PARTITION)
    if kind in versions.dtypes:
        return fields_of(versions.rows(kind, [stored])[0])
    payload = versions.payload(stored)
    if kind == "a":
        return _told_counters(key, payload)
    if kind == "g" and len(key) > 1:
        return {"window": list(Window.of_key(key)), **msgspec.structs.asdict(Making.of_bytes(payload))}
    if kind == "r":
        return json.loads(msgspec.json.encode(msgspec.msgpack.decode(payload, type=Portfolio)))
    if kind == "m":
        return json.loads(msgspec.json.encode(made_row_of(payload)))
    if kind == "i":
        return json.loads(msgspec.json.encode(link_row_of(payload)))
    if kind == "t":
        return msgspec.msgpack.decode(payload)
    if kind == "q":
        return json.loads(msgspec.json.encode(asdict(InputWindow.of_bytes(payload))))
    if kind == "l":
        return msgspec.to_builtins(msgspec.msgpack.decode(payload, type=LaneState))
    if kind == "o":
        size = len(Window(0, 60, 0).key())
        return [list(Window.of_key(payload[at : at + size])) for at in range(0, len(payload), size)]
    return json.loads(payload)


def _told_counters(key: bytes, payload: bytes) -> dict[str, Any]:
    counters = Counters.of_bytes(payload)
    return {
        "window": list(Window.of_key(key)),
        "fence": np.frombuffer(payload[: COUNTS.itemsize], COUNTS)[0]["fence"].tolist(),
        "counts": counters.counts,
        "by_exposure": counters.by_exposure,
        "clicked_by_exposure": counters.clicked_by_exposure,
        "users": counters.users,
        "money": {str(currency): list(amounts) for currency, amounts in counters.money.items()},
    }


LANE = LaneState(
    41,
    7,
    RowVersions(LAYOUTS, PARTITION).known,
    {CLICK.name: "3f1c6a52-94c1-4e0e-8a83-5f2f8f1f0a11"},
    {CLICK.name: LostRecords(1_960, NOW_MS)},
)


def rows_of_today() -> dict[bytes, bytes]:
    """Rows of every kind: a user with a life, one with a single impression, one who denied, one erased."""
    story = Story(campaign(cap=[r.Cap(30, 86_400)]), campaign(campaign_id="c2", cap=[r.Cap(40, 86_400)]))
    _learn(story)
    _show_and_sell(story)
    _end(story)
    _others(story)
    _link(story)
    lane = story.lane
    lane._visit(lane.workload.before_flush)
    fence = np.zeros(1, HEADER)
    fence["fence"], fence["epoch"][0, 2] = [[60, 46, 3, 2, 4, 0, 5, -1]], 1
    versions = RowVersions(LAYOUTS, PARTITION)
    lane.variable.versions = versions
    lane.variable.put(LANE_ROW, msgspec.msgpack.encode(LANE))
    rows = [*lane.arena.dirty(), *lane.variable.dirty(fence[0])]
    return {key: value for key, value in sorted(rows) if value is not None}


def _learn(story: Story) -> None:
    story.consent()
    for i in range(20):
        story.click(i, f"shoes{i}")
    for n, slot in enumerate(("native", "text", "native", "banner_300x250")):
        story.creative(
            f"cr_00000000000000a{n}",
            slot=slot,
            campaign_id="c1" if n != 2 else "c2",
            expires=NOW_MS + 72 * HOUR,
        )


def _show_and_sell(story: Story) -> None:
    device = {"devicetype": 4, "geo": {"country": "DEU", "region": "BE", "utcoffset": 60}}
    for i in range(30):
        ts = NOW_MS + 20 * HOUR + i * 600_000
        own = {"creative_id": f"cr_00000000000000a{i % 5}" if i % 3 else None, "template_id": "t1"}
        price = {"cpm": 1.25 + i, "cur": "EUR"}
        where = {"campaign_id": f"c{1 + i % 2}", "slot": "native", "device": device}
        story.add(IMPRESSION.name, USER, ts, id=f"i{i}", price=price, **where, **own)
        if i % 4 == 0:
            story.add(IMPRESSION.name, USER, ts + 1_000, id=f"i{i}", event=3, **where, **own)
    for i in range(24):
        story.click(30 + i, f"guitars{i}", NOW_MS + (26 + i) * HOUR)
    own = {"creative_id": "cr_00000000000000a4", "campaign_id": "c2"}
    story.add(CLICK.name, USER, NOW_MS + 25 * HOUR, id="ki", imp_id="i29", item_id="tents3", **own)
    story.creative(
        "cr_00000000000000b1",
        request_id=requests_of(story)[-1].request_id,
        slot="text",
        item_id="guitars3",
        copy_id="cp_00000000000000c1",
        assets=[{"role": "ad", "url": "https://cdn.example/a.jpg", "shown": ["ph_a1", "ph_b2"]}],
    )
    for i, (value, cur) in enumerate(((12.34, "EUR"), (-2.0, "EUR"), (700, "JPY"), (1.005, "KWD"))):
        named = ({"order": "o1"}, {"order": "o1"}, {"click_id": "ki"}, {"imp_id": "i28"})[i]
        ts = NOW_MS + 51 * HOUR + i * 60_000
        story.add(CONVERSION.name, USER, ts, id=f"s{i}", type="purchase", value=value, cur=cur, **named)
    for what in ("like", "hide", "report"):
        named = {"creative_id": "cr_00000000000000a1", "item_id": "pans3"}
        story.add(BEHAVIOR.name, USER, NOW_MS + 52 * HOUR, id=what, type="feedback", feedback=what, **named)
    for n, reached in enumerate(("start", "firstQuartile", "complete")):
        how_far = {"creative_id": "cr_00000000000000a4", "kwarray": [reached]}
        story.add(BEHAVIOR.name, USER, NOW_MS + 52 * HOUR + n * 2_000, id=reached, type="video", **how_far)


def _end(story: Story) -> None:
    """One request ended with a creative, one without."""
    made = {"campaign_id": "c1", "slots": ["native"], "template_id": "t1", "arm": "plain|t1", "segment": "s1"}
    times = {"queue_ms": 3.5, "total_ms": 812.0, "cpu_ms": 96.5, "review": ["LONG"], "novelty": 0.4375}
    result(story.log, USER, "rq_1", "model", NOW_MS + 50 * HOUR, **made, **times)
    result(story.log, USER, "rq_2", "no_match", NOW_MS + 51 * HOUR)
    story.lane.apply(story.log.records[GENERATION.name])


def _others(story: Story) -> None:
    _, _, denied, erased, once = users_of_lane(5)
    story.consent(once, explicit={"measure": True})
    own = {"creative_id": None, "campaign_id": "c2", "slot": "text", "template_id": "t9"}
    story.add(IMPRESSION.name, once, NOW_MS, id="once", **own)
    story.consent(denied, NOW_MS, {"profile": False})
    story.add(CLICK.name, denied, NOW_MS + 5, id="den", item_id="shoes1")
    story.lane.apply([consent(story.log, erased)])
    request = json.dumps({"request_id": "p1", "type": "erasure", "iat": NOW_MS}).encode()
    story.lane.apply([story.log.add(PRIVACY_REQUEST.name, erased, request, NOW_MS + 7)])


def _link(story: Story) -> None:
    """A link that counts, and one that waits for its other half."""
    _, waits, *_ = users_of_lane(5)
    at = NOW_MS + 53 * HOUR
    story.lane.apply([link(story.log, USER, "partner", at), link(story.log, waits, "another", at + 1)])
    heard = {
        "allows": {"profile": True, "personalise": True, "measure": True, "train": True},
        "ts": at,
        "vector": "ADwAPA==",
        "mass": 12.5,
        "catalog_version": 2,
        "top": [{"name": "shoes", "weight": 0.75}, {"name": "tents", "weight": 0.25}],
        "caps": [{"key": 101, "total": 4, "times": [1_795_291_200, 1_795_291_230]}],
        "missed": 2**63 + 8,
        "missed_s": 1_795_291_100,
    }
    story.lane.apply([summary(story.log, USER, "partner", at + 2, term=3, flush=41, **heard)])


def keep() -> None:
    """Write the files that are missing."""
    rows = rows_of_today()
    for kind, layout in LAYOUTS.items():
        path = FOLDER / kind / f"{layout.version}.json"
        if path.exists():
            continue
        some = sorted((key for key in rows if key[:1] == kind.encode()), key=lambda key: -len(rows[key]))
        lines = [
            json.dumps(
                {
                    "key": key.decode("latin-1"),
                    "stored": base64.b64encode(rows[key]).decode(),
                    "says": told(key, rows[key]),
                }
            )
            for key in some[:KEPT]
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"kept {path}")


if __name__ == "__main__":
    keep()
