"""An ad server's answer: personal, segment, default, and never what expired or was revoked. What the README
shows of it decides the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.serving.lookup import CreativeLookup
from streams import records as r
from streams.topics import CREATIVE, REVOCATION
from tests.agents.creatives.generation_fixtures import NOW_MS

README = Path(__file__).resolve().parents[3] / "README.md"
KEYS = ("u:u1|c1|native", "s:k07|c1|native", "d|c1|native")


class ReadmeLookup:
    """The README's ad server, without its consumer."""

    def __init__(self) -> None:
        rule = re.search(r"^creatives, revocations = .*?(?=^async def)", README.read_text(), re.M | re.S)
        assert rule
        self.said: dict[str, Any] = {}
        exec(rule[0], self.said)

    def take(self, topic: str, key: str, record: r.Record | None) -> None:
        known = self.said["creatives" if topic == CREATIVE.name else "revocations"]
        if record is None:
            known.pop(key, None)
        else:
            known[key] = msgspec.json.decode(msgspec.json.encode(record))

    def best(self, *asked: Any) -> r.Creative | None:
        found = self.said["best"](*asked)
        return None if found is None else msgspec.convert(found, r.Creative)


def creative(key: str, tool: bool = False) -> r.Creative:
    audience = key.partition("|")[0]
    return r.Creative(
        creative_id=f"cr_{audience}",
        template_id=f"t_{audience}",
        campaign_id="c1",
        advertiser=r.Advertiser("Example"),
        audience=r.Audience("user", audience),
        slot="native",
        lang="en",
        version=1,
        created=NOW_MS,
        expires=NOW_MS + 1_000,
        copy=r.CopyText("h", "d", "c"),
        link=r.Link("https://shop.example/1"),
        audit=r.Audit(3),
        provenance=r.Provenance("x", ai_tool=r.AiTool("copy-lm") if tool else None),
        reason=r.CreativeReason("shift"),
        item_id=f"i_{audience}",
    )


Lookup = CreativeLookup | ReadmeLookup


@pytest.fixture(params=[CreativeLookup, ReadmeLookup])
def lookup(request: pytest.FixtureRequest) -> Lookup:
    found: Lookup = request.param()
    for key in KEYS:
        found.take(CREATIVE.name, key, creative(key, tool=key == KEYS[0]))
    return found


def answer(lookup: Lookup, now_ms: int = NOW_MS + 1) -> str | None:
    best = lookup.best("u1", "k07", "c1", "native", now_ms)
    return None if best is None else best.audience.key


def test_the_own_creative_then_the_segments_then_the_default(lookup: Lookup) -> None:
    assert answer(lookup) == "u:u1"
    assert lookup.best(None, None, "c1", "native", NOW_MS) == creative(KEYS[2])
    lookup.take(CREATIVE.name, KEYS[0], None)
    assert answer(lookup) == "s:k07"
    assert answer(lookup, NOW_MS + 1_000) is None, "all expired"


@pytest.mark.parametrize(
    ("kind", "id"), [("creative", "cr_u:u1"), ("template", "t_u:u1"), ("item", "i_u:u1")]
)
def test_what_was_revoked_falls_to_the_next_and_stands_again_when_it_is_taken_back(
    lookup: Lookup, kind: str, id: str
) -> None:
    def say(*said: Any) -> None:
        lookup.take(REVOCATION.name, f"{kind}|{id}", r.Revocation(kind, id, "said", *said))

    say(NOW_MS - 5, True)
    assert answer(lookup) == "s:k07"
    say(NOW_MS)
    assert answer(lookup) == "s:k07", "made at that moment"
    say(NOW_MS - 1)
    assert answer(lookup) == "u:u1", "made later"
    say(NOW_MS, True)
    lookup.take(REVOCATION.name, f"{kind}|{id}", None)
    assert answer(lookup) == "u:u1"


def test_a_paused_campaign_leaves_nothing(lookup: Lookup) -> None:
    said = r.Revocation("campaign", "c1", "paused", NOW_MS, lasting=True)
    lookup.take(REVOCATION.name, "campaign|c1", said)
    assert answer(lookup) is None


@pytest.mark.parametrize("id", ["*", "c1"])
@pytest.mark.parametrize(
    ("mode", "shown"), [("templates_only", "s:k07"), ("defaults_only", "d"), ("normal", "u:u1")]
)
def test_the_switch_needs_one_record(lookup: Lookup, id: str, mode: str, shown: str) -> None:
    lookup.take(REVOCATION.name, f"switch|{id}", r.Revocation("switch", id, "switched", NOW_MS, mode=mode))
    assert answer(lookup) == shown
