"""What an ad server gets for a question: the ladder, the format, nothing, or what was wrong with it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from agents.serving.accepting import MEDIA_TYPES, accepted_formats
from agents.serving.answering import Answer, Question, answer_request, question_of
from agents.serving.lookup import CreativeLookup
from models.campaigns import Cap
from streams import records as r
from streams.metrics.lookup import NOT_LABELLED
from streams.topics import AUDIENCE, CREATIVE, REVOCATION
from tests.agents.creatives.generation_fixtures import NOW_MS

KEYS = ("u:u1|c1|native", "s:k07|c1|native", "d|c1|native")
KINDS = {"u": "user", "s": "segment", "d": "default"}


def creative(key: str, **changes: Any) -> r.Creative:
    audience, campaign_id, slot = key.split("|")
    made = r.Creative(
        creative_id=f"cr_{audience}",
        template_id="t1",
        campaign_id=campaign_id,
        advertiser=r.Advertiser("Example", ["shop.example"]),
        audience=r.Audience(KINDS[audience[0]], audience),
        slot=slot,
        lang="en",
        version=1,
        created=NOW_MS,
        expires=NOW_MS + 60_000,
        copy=r.CopyText("Boots for wet rock", "Grip for wet rock.", "Shop now", "Example"),
        link=r.Link("https://shop.example/1"),
        audit=r.Audit(3),
        provenance=r.Provenance("human_edits"),
        reason=r.CreativeReason("shift"),
        trackers=[r.Tracker(2, 1, "https://t.example/i")],
    )
    return msgspec.structs.replace(made, **changes)


def look_up(*creatives: r.Creative) -> CreativeLookup:
    made = CreativeLookup()
    for each in creatives:
        key = f"{each.audience.key}|{each.campaign_id}|{each.slot}"
        made.take(CREATIVE.name, key.encode(), msgspec.json.encode(each))
    return made


@pytest.fixture
def lookup() -> CreativeLookup:
    return look_up(*map(creative, KEYS))


def asked(lookup: CreativeLookup, accept: str = "", caps: tuple[Cap, ...] = (), **question: Any) -> Answer:
    return answer_request(
        Question(**({"campaign_id": "c1", "slot": "native"} | question)), accept, lookup, caps, NOW_MS + 1
    )


def test_the_ladder_and_what_it_says_of_itself(lookup: CreativeLookup) -> None:
    own = asked(lookup, user="u1")
    assert (own.status, own.outcome, own.headers["X-Shiftcast-Creative"]) == (200, "user", "cr_u:u1")
    assert json.loads(own.body)["audience"]["key"] == "u:u1"
    assert asked(lookup, user="u2", segment="k07").outcome == "segment"
    assert asked(lookup, user="u2").outcome == asked(lookup).outcome == "default"
    lookup.take(AUDIENCE.name, b"u2", msgspec.json.encode(r.AudienceSegment("u2", "k07", 1, NOW_MS)))
    assert asked(lookup, user="u2").outcome == "segment", "the segment that the topic says"
    assert asked(lookup, slot="text") == Answer(204, "none")


def test_what_the_user_has_seen_often_enough_is_not_shown_and_caps_go_along(lookup: CreativeLookup) -> None:
    caps = (Cap(3, 86_400), Cap(1, None, "creative"))
    assert asked(lookup, caps=caps).headers["X-Shiftcast-Cap"] == (
        "n=3;per_s=86400;scope=campaign, n=1;scope=creative"
    )
    assert asked(lookup, user="u1", capped=frozenset({"cr_u:u1"})).outcome == "default"
    assert asked(lookup, user="u1", capped=frozenset({"c1"})).status == 204


def test_expiry_withdrawal_and_switches_are_obeyed(lookup: CreativeLookup) -> None:
    late = answer_request(Question("c1", "native", "u1"), "", lookup, (), NOW_MS + 60_000)
    assert late.status == 204
    lookup.take(CREATIVE.name, KEYS[0].encode(), None)
    assert asked(lookup, user="u1").outcome == "default"
    said = r.Revocation("switch", "*", "switched", NOW_MS, mode="defaults_only")
    lookup.take(REVOCATION.name, b"switch|*", msgspec.json.encode(said))
    assert asked(lookup, segment="k07").outcome == "default"
    said = r.Revocation("campaign", "c1", "paused", NOW_MS, lasting=True)
    lookup.take(REVOCATION.name, b"campaign|c1", msgspec.json.encode(said))
    assert asked(lookup).status == 204


@pytest.mark.parametrize("name", [each for each in MEDIA_TYPES if each != "vast"])
def test_accept_chooses_the_format(lookup: CreativeLookup, name: str) -> None:
    made = asked(lookup, MEDIA_TYPES[name])
    assert (made.status, made.media_type) == (200, MEDIA_TYPES[name])
    assert made.body.startswith(b"<!DOCTYPE html>") if name == "html" else json.loads(made.body)


def test_the_stored_rendering_is_the_one_that_is_served() -> None:
    stored = look_up(creative(KEYS[2], render={"html": "<p>as published</p>", "native": {"ver": "1.2"}}))
    assert asked(stored, "text/html").body == b"<p>as published</p>"
    assert json.loads(asked(stored, MEDIA_TYPES["native"]).body) == {"ver": "1.2"}


def test_what_cannot_be_had_so_is_said_and_the_next_format_is_tried(lookup: CreativeLookup) -> None:
    made = asked(lookup, "application/xml")
    assert made.status == 406 and b"no clip" in made.body
    assert asked(lookup, "application/xml, text/html;q=0.5").media_type == "text/html"
    assert asked(lookup, "image/png").status == 406


def test_a_form_without_room_for_its_label_is_refused_with_the_reason_and_counted() -> None:
    label = r.Disclosure(True, [r.Jurisdiction("CHN", "cn_ai_content_labelling_measures_2025", "AI生成")])
    origin = r.Provenance("composite_with_trained_algorithmic_media", disclosure=label)
    long = r.CopyText("x" * 90, "y" * 120, "Shop now", "Example")
    known = look_up(creative("d|c1|native", provenance=origin, copy=long))
    counted = NOT_LABELLED.labels("search")._value.get
    earlier, search = counted(), MEDIA_TYPES["search"]
    refused = asked(known, search)
    assert refused.status == 406 and "AI生成" in refused.body.decode()
    assert counted() == earlier + 1
    assert asked(known, f"{search}, {MEDIA_TYPES['adcom']};q=.5").status == 200


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("", ("json",)),
        ("*/*", ("json",)),
        ("text/html, application/json;q=0.9", ("html", "json")),
        ("application/json;q=0.1, text/html;q=0.2", ("html", "json")),
        ("application/json;q=0", ()),
        ("text/html;q=x", ()),
        ("text/*", ("html",)),
        ("text/xml", ("vast",)),
        ("image/webp", ()),
    ],
)
def test_accept_headers_are_weighed(header: str, names: tuple[str, ...]) -> None:
    assert accepted_formats(header) == names


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"campaign": "c1"},
        {"slot": "native", "user": "u1"},
        {"campaign": "c1", "slot": "native", "user": "u 1"},
        {"campaign": "c1", "slot": "native", "user": "ü"},
        {"campaign": "c1", "slot": "native", "user": "u" * 129},
        {"campaign": "c1|x", "slot": "native"},
        {"campaign": "c1", "slot": "native", "segment": "k|"},
        {"campaign": "c1", "slot": "nat\x00ive"},
        {"campaign": "c\udcff", "slot": "native", "user": "u\udcff"},
        {"campaign": "c" * 2_000, "slot": "native"},
        {"campaign": "c1", "slot": "native", "capped": ",".join(map(str, range(65)))},
    ],
)
def test_a_question_that_is_none_is_told_what_to_give(query: dict[str, str]) -> None:
    made = question_of(query)
    assert isinstance(made, Answer) and made.status == 400 and json.loads(made.body)["error"]


def test_a_question_is_read_whole() -> None:
    query = {"campaign": "c1", "slot": "native", "user": "u1", "segment": "k1", "capped": "c2,cr_1"}
    assert question_of(query) == Question("c1", "native", "u1", "k1", frozenset({"c2", "cr_1"}))
