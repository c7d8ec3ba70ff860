"""An ad server's answer: personal, segment, default, and never what expired or was revoked. What the README
shows of it decides the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.serving.lookup import ENTRY_BYTES, EVICTED_AT_ONCE, CreativeLookup
from streams import records as r
from streams.topics import AUDIENCE, CREATIVE, REVOCATION
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

    def take(self, topic: str, key: bytes, value: bytes | None) -> None:
        known = self.said["creatives" if topic == CREATIVE.name else "revocations"]
        if value is None:
            known.pop(key.decode(), None)
        else:
            known[key.decode()] = msgspec.json.decode(value)

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
        tell(found, CREATIVE.name, key, creative(key, tool=key == KEYS[0]))
    return found


def tell(lookup: Lookup, topic: str, key: str, record: r.Record | None) -> None:
    lookup.take(topic, key.encode(), None if record is None else msgspec.json.encode(record))


def answer(lookup: Lookup, now_ms: int = NOW_MS + 1) -> str | None:
    best = lookup.best("u1", "k07", "c1", "native", now_ms)
    return None if best is None else best.audience.key


def test_the_own_creative_then_the_segments_then_the_default(lookup: Lookup) -> None:
    assert answer(lookup) == "u:u1"
    assert lookup.best(None, None, "c1", "native", NOW_MS) == creative(KEYS[2])
    tell(lookup, CREATIVE.name, KEYS[0], None)
    assert answer(lookup) == "s:k07"
    assert answer(lookup, NOW_MS + 1_000) is None, "all expired"


@pytest.mark.parametrize(
    ("kind", "id"), [("creative", "cr_u:u1"), ("template", "t_u:u1"), ("item", "i_u:u1")]
)
def test_what_was_revoked_falls_to_the_next_and_stands_again_when_it_is_taken_back(
    lookup: Lookup, kind: str, id: str
) -> None:
    def say(*said: Any) -> None:
        tell(lookup, REVOCATION.name, f"{kind}|{id}", r.Revocation(kind, id, "said", *said))

    say(NOW_MS - 5, True)
    assert answer(lookup) == "s:k07"
    say(NOW_MS)
    assert answer(lookup) == "s:k07", "made at that moment"
    say(NOW_MS - 1)
    assert answer(lookup) == "u:u1", "made later"
    say(NOW_MS, True)
    tell(lookup, REVOCATION.name, f"{kind}|{id}", None)
    assert answer(lookup) == "u:u1"


def test_a_paused_campaign_leaves_nothing(lookup: Lookup) -> None:
    said = r.Revocation("campaign", "c1", "paused", NOW_MS, lasting=True)
    tell(lookup, REVOCATION.name, "campaign|c1", said)
    assert answer(lookup) is None


def test_of_the_other_copies_of_a_search_ad_the_revoked_ones_are_left_out() -> None:
    lookup = CreativeLookup()
    also = [r.AlsoSaid(f"cp_{n}", f"h{n}", f"d{n}") for n in range(3)]
    searched = msgspec.structs.replace(creative(KEYS[2]), also=also)
    tell(lookup, CREATIVE.name, KEYS[2], searched)
    before = lookup.found(KEYS[2], NOW_MS)
    assert before is not None and before.raw == msgspec.json.encode(searched)
    tell(lookup, REVOCATION.name, "copy|cp_1", r.Revocation("copy", "cp_1", "rejected", NOW_MS, True))
    found = lookup.found(KEYS[2], NOW_MS)
    assert found is not None and [each.copy_id for each in found.creative.also] == ["cp_0", "cp_2"]
    assert b"cp_1" not in found.raw and b"cp_2" in found.raw


@pytest.mark.parametrize("id", ["*", "c1"])
@pytest.mark.parametrize(
    ("mode", "shown"), [("templates_only", "s:k07"), ("defaults_only", "d"), ("normal", "u:u1")]
)
def test_the_switch_needs_one_record(lookup: Lookup, id: str, mode: str, shown: str) -> None:
    tell(lookup, REVOCATION.name, f"switch|{id}", r.Revocation("switch", id, "switched", NOW_MS, mode=mode))
    assert answer(lookup) == shown


def test_the_segment_of_a_user_is_followed() -> None:
    lookup = CreativeLookup()
    placed = r.AudienceSegment("u1", "k07", 1, NOW_MS)
    tell(lookup, AUDIENCE.name, "u1", placed)
    lookup.take(AUDIENCE.name, b"u1", b"{")
    assert (lookup.segment_of("u1"), lookup.segment_of("u2"), lookup.unreadable) == ("k07", None, 1)
    tell(lookup, AUDIENCE.name, "u1", None)
    assert lookup.segment_of("u1") is None and lookup.bytes == 0


def test_personal_creatives_published_longest_ago_make_room_and_shared_ones_stay() -> None:
    one = len(msgspec.json.encode(creative("u:u0000|c1|native"))) + len("u:u0000|c1|native") + ENTRY_BYTES
    lookup = CreativeLookup(most_bytes=(2 * EVICTED_AT_ONCE + 4) * one)
    tell(lookup, CREATIVE.name, KEYS[2], creative(KEYS[2]))
    keys = [f"u:u{n:04}|c1|native" for n in range(2 * EVICTED_AT_ONCE + 10)]
    for key in keys:
        tell(lookup, CREATIVE.name, key, creative(key))
        if key == keys[EVICTED_AT_ONCE + 5]:
            tell(lookup, CREATIVE.name, keys[0], creative(keys[0]))
    assert lookup.evicted == EVICTED_AT_ONCE and lookup.bytes <= (2 * EVICTED_AT_ONCE + 4) * one
    shown = [key for key in keys if lookup.shown(key, NOW_MS) is not None]
    assert shown == [keys[0], *keys[EVICTED_AT_ONCE + 1 :]], "published again, it is new"
    assert lookup.shown(KEYS[2], NOW_MS) is not None
    for key in (*keys, KEYS[2]):
        tell(lookup, CREATIVE.name, key, None)
    assert (len(lookup), lookup.bytes) == (0, 0)


def test_many_segments_leave_personal_creatives_their_room() -> None:
    segment = len("u00000") + ENTRY_BYTES
    lookup = CreativeLookup(most_bytes=3 * EVICTED_AT_ONCE * segment)
    own = [f"u:u{n:05}|c1|native" for n in range(50)]
    for key in own:
        tell(lookup, CREATIVE.name, key, creative(key))
    for n in range(5 * EVICTED_AT_ONCE):
        tell(lookup, AUDIENCE.name, f"u{n:05}", r.AudienceSegment(f"u{n:05}", "k07", 1, NOW_MS))
    assert lookup.bytes <= 3 * EVICTED_AT_ONCE * segment and lookup.evicted
    assert all(lookup.shown(key, NOW_MS) is not None for key in own)
    assert lookup.segment_of("u00000") is None, "placed longest ago"
    assert lookup.segment_of(f"u{5 * EVICTED_AT_ONCE - 1:05}") == "k07"


def test_who_has_seen_enough_is_shown_the_next_or_nothing() -> None:
    lookup = CreativeLookup()
    for key in KEYS:
        tell(lookup, CREATIVE.name, key, creative(key))

    def shown(*capped: str) -> list[str]:
        return [
            each.creative.audience.key
            for each in lookup.ladder("u1", "k07", "c1", "native", NOW_MS, frozenset(capped))
        ]

    assert shown() == ["u:u1", "s:k07", "d"]
    assert shown("cr_u:u1") == ["s:k07", "d"]
    assert shown("c1") == []


def test_a_creative_that_cannot_be_read_is_not_shown() -> None:
    lookup = CreativeLookup()
    tell(lookup, CREATIVE.name, KEYS[2], creative(KEYS[2]))
    lookup.take(CREATIVE.name, KEYS[0].encode(), b"{")
    best = lookup.best("u1", None, "c1", "native", NOW_MS)
    assert best is not None and best.audience.key == "d" and lookup.unreadable == 1
