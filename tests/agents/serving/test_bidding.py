"""OpenRTB: our ad at the stated price, or nothing; what a request forbids is not answered with."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.serving.answering import Answer
from agents.serving.bidding import answer_bid_request
from agents.serving.campaigns import KnownCampaigns
from agents.serving.caps_reached import CapsReached
from agents.serving.lookup import CreativeLookup, FoundCreative
from models.segments import context_cell
from streams import records as r
from streams.metrics.lookup import NOT_LABELLED
from streams.topics import AUDIENCE, CREATIVE
from streams.wire.withdrawals import CAP_REACHED, withdrawal_output
from tests.agents.creatives.generation_fixtures import NOW_MS
from tests.agents.serving.test_answering import creative
from tests.models.markup.test_banner import check_page
from tests.models.markup.test_native import RESPONSE
from tests.models.markup.test_vast import check_vast
from tests.models.privacy_strings.test_tcf import tc_string

ASSETS = [{"id": 4, "required": 1, "title": {"len": 90}}, {"id": 5, "data": {"type": 2}}]
NATIVE: dict[str, Any] = {"native": {"request": json.dumps({"ver": "1.2", "assets": ASSETS})}}
BANNER: dict[str, Any] = {"banner": {"format": [{"w": 1, "h": 1}, {"w": 300, "h": 250}]}}
VIDEO: dict[str, Any] = {"video": {"mimes": ["video/mp4"], "w": 1280, "h": 720, "maxduration": 15}}
CLIP = r.Asset("main", "https://cdn.example/1.mp4", mime="video/mp4", w=1280, h=720, dur=6)
CONSENTED = tc_string({3, 4}, {9})
BID = {
    "type": "object",
    "required": ["id", "impid", "price", "adm", "adomain", "cid", "crid", "mtype"],
    "additionalProperties": False,
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("id", "impid", "adm", "adid", "iurl", "cid", "crid", "language")
        },
        **{name: {"type": "integer", "minimum": 1} for name in ("w", "h", "dur", "mtype", "exp", "cattax")},
        **{name: {"type": "array", "items": {"type": "string"}} for name in ("adomain", "cat")},
        "price": {"type": "number", "exclusiveMinimum": 0},
        "attr": {"type": "array", "items": {"type": "integer"}},
        "ext": {"type": "object"},
    },
}

TRUE_OR_UNREAD: list[Any] = ["yes", "", "unknown", "1", 1.0, 2, "1.0", []]


def campaign(campaign_id: str, cpm: float | None, **changes: Any) -> r.Campaign:
    made = r.Campaign(campaign_id, 1, "active", r.Advertiser("Example"))
    bid = None if cpm is None else r.Bid(cpm, "EUR")
    return msgspec.structs.replace(made, bid=bid, **changes)


class World:
    def __init__(self) -> None:
        self.lookup, self.campaigns, self.reached = CreativeLookup(), KnownCampaigns(), CapsReached()
        self.add(campaign("c1", 1.2), campaign("c2", 2.5), campaign("c3", None))
        for key in ("u:u1|c1|native", "s:k07|c1|native", "d|c1|native", "d|c2|native", "d|c3|native"):
            self.publish(key)
        self.publish("d|c1|banner_300x250")
        self.publish("d|c1|video_16x9", assets=[CLIP])
        self.publish("d|c2|video_16x9")

    def add(self, *campaigns: r.Campaign) -> None:
        for each in campaigns:
            self.campaigns.take(each.campaign_id.encode(), msgspec.json.encode(each))

    def publish(self, key: str, **changes: Any) -> None:
        self.lookup.take(CREATIVE.name, key.encode(), msgspec.json.encode(creative(key, **changes)))

    def ask(
        self, imp: dict[str, Any] | list[dict[str, Any]] = NATIVE, vendor: int = 0, **request: Any
    ) -> Answer:
        imps = imp if isinstance(imp, list) else [{"id": "1", **imp}]
        asked = {"id": "r1", "imp": imps, "user": {"buyeruid": "u1"}, **request}
        body = json.dumps(asked).encode()
        return answer_bid_request(body, self.lookup, self.campaigns, vendor, NOW_MS + 1, reached=self.reached)


@pytest.fixture
def world() -> World:
    return World()


def bid(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer
    [seat] = json.loads(answer.body)["seatbid"]
    [made] = seat["bid"]
    jsonschema.validate(made, BID)
    return dict(made)


def test_the_users_own_creative_is_answered_at_its_campaigns_price(world: World) -> None:
    answer = world.ask()
    made = bid(answer)
    assert (made["price"], made["adid"], made["crid"], made["cid"]) == (1.2, "cr_u:u1", "t1", "c1")
    assert (made["mtype"], made["exp"], made["adomain"]) == (4, 59, ["shop.example"])
    assert json.loads(answer.body)["cur"] == "EUR" and answer.headers["x-openrtb-version"] == "2.6"
    native = json.loads(made["adm"])
    jsonschema.validate(native, RESPONSE)
    assert [each["id"] for each in native["assets"]] == [4, 5]


def test_a_creative_whose_label_has_no_room_gives_way_to_one_that_needs_none(world: World) -> None:
    label = r.Disclosure(True, [r.Jurisdiction("DEU", "eu_ai_act_article_50", "KI-generiert")])
    origin = r.Provenance("composite_with_trained_algorithmic_media", disclosure=label)
    world.publish("u:u1|c1|native", provenance=origin)
    told = {each["id"]: each for each in json.loads(bid(world.ask())["adm"])["assets"]}
    assert told[5]["data"]["value"].endswith(" · KI-generiert") and told[5]["required"] == 1
    counted = NOT_LABELLED.labels("native")._value.get
    earlier = counted()
    longest = len(json.loads(bid(world.ask())["adm"])["assets"][0]["title"]["text"])
    cramped = {"native": {"request": json.dumps({"assets": [{"id": 4, "title": {"len": longest}}]})}}
    assert bid(world.ask(cramped))["adid"] != "cr_u:u1"
    assert counted() == earlier + 1


def test_a_native_request_that_is_wrapped_is_answered_so(world: World) -> None:
    wrapped = {"native": {"request": json.dumps({"native": {"assets": ASSETS}})}}
    made = json.loads(bid(world.ask(wrapped))["adm"])
    assert made == {"native": json.loads(bid(world.ask())["adm"])}


def test_of_two_defaults_the_dearer_and_without_a_price_none(world: World) -> None:
    assert bid(world.ask(user={}))["cid"] == "c2"
    world.add(campaign("c2", None))
    assert bid(world.ask(user={}))["cid"] == "c1"
    world.add(campaign("c1", None))
    assert world.ask().status == 204


def test_banner_and_video(world: World) -> None:
    banner = bid(world.ask(BANNER))
    assert (banner["mtype"], banner["w"], banner["h"]) == (1, 300, 250)
    check_page(banner["adm"])
    video = bid(world.ask(VIDEO))
    assert (video["cid"], video["mtype"], video["dur"], video["w"]) == ("c1", 2, 6, 1280), "c2 has no clip"
    check_vast(fromstring(video["adm"]))


def test_each_impression_is_answered_for_itself_and_all_in_one_currency(world: World) -> None:
    world.add(campaign("c2", None), msgspec.structs.replace(campaign("c4", 9.0), bid=r.Bid(9.0, "USD")))
    world.publish("d|c4|banner_300x250")
    imps = [{"id": "1", **NATIVE}, {"id": "2", **BANNER}, {"id": "3", "banner": {"w": 7, "h": 7}}]
    [seat] = json.loads(world.ask(imp=imps).body)["seatbid"]
    assert [(each["impid"], each["cid"]) for each in seat["bid"]] == [("1", "c1"), ("2", "c1")]


@pytest.mark.parametrize(
    "denied",
    [
        {"regs": {"coppa": 1}},
        {"regs": {"gdpr": 1}},
        {"regs": {"ext": {"gdpr": 1}}},
        {"regs": {"gdpr": 1}, "user": {"buyeruid": "u1", "consent": tc_string({1, 2}, {9})}},
        {"user": {"buyeruid": "u1", "consent": tc_string({1, 2}, {9})}},
        {"regs": {"us_privacy": "1YYN"}},
        {"regs": {"ext": {"us_privacy": "1-Y-"}}},
        {"regs": {"gpp": "DBABLA~x", "gpp_sid": [7]}},
        {"regs": {"gpp": "DBABLA~BVQqAAAAAAA.YA", "gpp_sid": [7]}},
        {"regs": {"gpp": "DBABBg~BUUAAACA.QA"}},
        {"regs": {"gpp": "DBABBg~BUoAAAJA.QA", "gpp_sid": [7]}},
        {"regs": {"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": [7, 9]}},
        {"regs": {"gpp": "DBACNYA~x~1YYN", "gpp_sid": [6]}},
        {"regs": {"ext": {"gpp": "DBABLA~BVQqAAAAAAA.YA", "gpp_sid": [7]}}},
        {"regs": {"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": [7], "ext": {"gpp_sid": [9]}}},
        {"regs": {"ext": {"coppa": 1}}},
        {"regs": {"ext": {"gdpr": True}}},
        {"regs": {"ext": {"gpc": "1"}}},
        {"regs": {"ext": {"gpc": 1}}},
        {"regs": {"ext": {"gpc": True}}},
        {"regs": {"ext": {"gpc": 1.0}}},
        {"regs": {"ext": {"coppa": "unknown"}}},
        {"regs": {"coppa": "1"}},
        {"regs": {"ext": {"gpp": "DBABLA~BVQqAAAAAAA.YA", "gpp_sid": ["7"]}}},
        {"regs": {"ext": {"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": ["usnat"]}}},
        *({"regs": {"ext": {"gdpr": told}}} for told in TRUE_OR_UNREAD),
        {"regs": {"gdpr": "1"}},
        {"device": {"lmt": 1}},
        {"device": {"dnt": 1}},
    ],
    ids=json.dumps,
)
def test_who_denied_is_answered_as_everyone(world: World, denied: dict[str, Any]) -> None:
    world.lookup.take(AUDIENCE.name, b"u1", msgspec.json.encode(r.AudienceSegment("u1", "k07", 1, NOW_MS)))
    assert bid(world.ask())["adid"] == "cr_u:u1"
    assert bid(world.ask(**denied))["adid"] == "cr_d"
    for campaign_id in ("c1", "c2"):
        world.lookup.take(CREATIVE.name, f"d|{campaign_id}|native".encode(), None)
    assert world.ask(**denied).status == 204, "defaults or nothing"


@pytest.mark.parametrize(
    "allowed",
    [
        {"regs": {"gdpr": 1}, "user": {"buyeruid": "u1", "consent": CONSENTED}},
        {"regs": {"gdpr": 1}, "user": {"id": "u1", "ext": {"consent": CONSENTED}}},
        {"regs": {"gdpr": 0, "us_privacy": "1YNN"}},
        {"regs": {"ext": {"gdpr": False, "gpc": False, "coppa": "0"}}},
        *({"regs": {"ext": {"gdpr": each}}} for each in (0, "0", 0.0, None)),
        {"regs": {"ext": {"gpp": None, "gpp_sid": None, "coppa": None, "gpc": None, "dsa": None}}},
        {"regs": {"coppa": None, "gdpr": "0", "us_privacy": None, "gpp": None, "gpp_sid": None, "ext": None}},
        {"regs": {"ext": {"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": ["7"]}}},
        {"regs": {"ext": {"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": [7]}}},
        {"regs": {"us_privacy": "1YNN", "gpp": "x", "gpp_sid": [6]}},
        {"regs": {"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": [7]}},
        {"regs": {"gpp": "DBABBg~BUoAAAJA.QA"}},
        {"regs": {"gpp": "DBABBg~BUUAAACA.QA", "gpp_sid": [-1]}},
        {"regs": {"gpp": f"DBABMA~{CONSENTED}", "gpp_sid": [2]}},
    ],
    ids=json.dumps,
)
def test_who_agreed_is_answered_with_his_own(world: World, allowed: dict[str, Any]) -> None:
    assert bid(world.ask(**allowed))["adid"] == "cr_u:u1"


def test_a_vendor_of_ours_must_be_among_the_consented(world: World) -> None:
    asked: dict[str, Any] = {"regs": {"gdpr": 1}, "user": {"buyeruid": "u1", "consent": CONSENTED}}
    assert bid(world.ask(vendor=9, **asked))["adid"] == "cr_u:u1"
    assert bid(world.ask(vendor=8, **asked))["adid"] == "cr_d"


def test_segment_then_device_country_and_hour_then_default(world: World) -> None:
    world.lookup.take(CREATIVE.name, b"u:u1|c1|native", None)
    world.lookup.take(AUDIENCE.name, b"u1", msgspec.json.encode(r.AudienceSegment("u1", "k07", 1, NOW_MS)))
    assert bid(world.ask())["adid"] == "cr_s:k07"
    cell = f"s:{context_cell(4, 'DEU', NOW_MS // 3_600_000 % 24)}"
    world.publish(f"{cell}|c1|native")
    device = {"devicetype": 4, "lmt": 1, "geo": {"country": "DEU", "utcoffset": 0}}
    assert bid(world.ask(device=device))["adid"] == f"cr_{cell}"


@pytest.mark.parametrize(
    ("imp", "answered"),
    [
        ({"bidfloor": 1.2, "bidfloorcur": "EUR"}, True),
        ({"bidfloor": 1.21, "bidfloorcur": "EUR"}, False),
        ({"bidfloor": 0.01}, False),
    ],
)
def test_the_floor_is_reached_in_its_own_currency_or_not_at_all(
    world: World, imp: dict[str, Any], answered: bool
) -> None:
    world.add(campaign("c2", None))
    assert (world.ask(NATIVE | imp).status == 200) is answered


@pytest.mark.parametrize(
    "forbidding",
    [
        {"badv": ["shop.example"]},
        {"badv": ["EXAMPLE"]},
        {"bcat": ["1070"]},
        {"imp": [{"id": "1", **NATIVE, "pmp": {"private_auction": 1, "deals": [{"id": "d1"}]}}]},
        {"imp": [{"id": "1", **NATIVE, "pmp": {"private_auction": True}}]},
        {"wlang": ["de"]},
        {"cur": ["USD"]},
        {"regs": {"ext": {"dsa": {"dsarequired": 3}}}},
        {"imp": [{"id": "1", "native": NATIVE["native"] | {"battr": [12]}}]},
        {"imp": [{"id": "1", "native": {"request": "{"}}]},
        {
            "imp": [
                {
                    "id": "1",
                    "native": {"request": '{"assets": [{"id": 1, "required": 1, "img": {"type": 1}}]}'},
                }
            ]
        },
        {"imp": [{"id": "1", "banner": {"w": 300, "h": 250, "btype": [2]}}]},
        {"imp": [{"id": "1", "video": VIDEO["video"] | {"maxduration": 5}}]},
        {"imp": [{"id": "1", "video": VIDEO["video"] | {"protocols": [2, 3]}}]},
        {"imp": [{"id": "1", "video": VIDEO["video"] | {"mimes": ["video/webm"]}}]},
        {"imp": [{"id": "1", "audio": {"mimes": ["audio/mp4"]}}]},
    ],
    ids=json.dumps,
)
def test_what_the_request_forbids_is_not_answered_with(world: World, forbidding: dict[str, Any]) -> None:
    for key in ("u:u1|c1|native", "s:k07|c1|native", "d|c1|native", "d|c2|native"):
        world.publish(key, cat=["1070"], attr=[12])
    assert world.ask().status == 200
    assert world.ask(**forbidding).status == 204


@pytest.mark.parametrize(
    ("told", "asked", "answered"),
    [
        ({"cat": ["IAB25-3"]}, {"bcat": ["IAB25"]}, False),
        ({"cat": ["IAB25-3"], "cattax": 1}, {"bcat": ["iab25-3"], "cattax": 1}, False),
        ({"cat": ["IAB25-3"]}, {"bcat": ["IAB25-4", "IAB2"]}, True),
        ({"cat": ["IAB25"]}, {"bcat": ["IAB25-3"]}, True),
        ({"cat": ["1070"], "cattax": 8}, {"bcat": ["1071"], "cattax": 8}, True),
        ({"cat": ["1070"], "cattax": 8}, {"bcat": ["IAB25"], "cattax": 1}, False),
        ({"cat": ["1070"], "cattax": 8}, {"bcat": ["IAB25"]}, False),
        ({"cat": ["1070"], "cattax": 8}, {"cattax": 1}, True),
        ({}, {"bcat": ["IAB25"], "cattax": 1}, True),
    ],
    ids=json.dumps,
)
def test_a_category_bars_what_belongs_to_it_in_its_own_taxonomy(
    world: World, told: dict[str, Any], asked: dict[str, Any], answered: bool
) -> None:
    for key in ("u:u1|c1|native", "s:k07|c1|native", "d|c1|native", "d|c2|native"):
        world.publish(key, **told)
    assert (world.ask(**asked).status == 200) is answered


def test_deals_beside_an_open_auction_leave_it_open(world: World) -> None:
    assert bid(world.ask(NATIVE | {"pmp": {"private_auction": 0, "deals": [{"id": "d1"}]}}))
    assert bid(world.ask(NATIVE | {"pmp": None}))
    assert bid(world.ask(NATIVE | {"pmp": {"private_auction": False}}))


def test_a_clip_is_offered_in_the_types_that_are_played(world: World) -> None:
    webm = msgspec.structs.replace(CLIP, url="https://cdn.example/1.webm", mime="video/webm", w=640, h=360)
    world.publish("d|c1|video_16x9", assets=[CLIP, webm])
    both = bid(world.ask({"video": {"w": 1280, "h": 720}}))["adm"]
    played = bid(world.ask({"video": VIDEO["video"] | {"mimes": ["video/webm"]}}))
    assert (played["w"], played["h"]) == (640, 360)
    assert CLIP.url in both and webm.url in both
    assert CLIP.url not in played["adm"] and webm.url in played["adm"]


def test_a_campaign_that_is_over_elsewhere_or_for_others_is_not_offered(world: World) -> None:
    over = campaign("c2", 2.5, flight=r.Flight(NOW_MS - 2, NOW_MS))
    abroad = campaign("c2", 2.5, targeting=r.Targeting(geo=["FRA"]))
    others = campaign("c2", 2.5, targeting=r.Targeting(segment=["k09"]))
    for each in (over, abroad, others, campaign("c2", 2.5, status="paused")):
        world.add(each)
        assert bid(world.ask(user={}))["cid"] == "c1"
    world.add(abroad)
    assert bid(world.ask(user={}, device={"geo": {"country": "FRA"}}))["cid"] == "c2"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"id": "1"}',
        b'{"id": "1", "imp": []}',
        b'{"id": 1, "imp": [{"id": "1"}]}',
        b"\xff",
    ],
)
def test_what_is_no_bid_request_is_refused(world: World, body: bytes) -> None:
    assert answer_bid_request(body, world.lookup, world.campaigns, 0, NOW_MS).status == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 1 << 40) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ASSET = st.fixed_dictionaries(
    {},
    optional={
        name: JSON | st.fixed_dictionaries({}, optional={"type": JSON, "len": JSON, "mimes": JSON})
        for name in ("id", "required", "title", "img", "data", "video")
    },
)


@given(
    request=st.fixed_dictionaries(
        {"id": JSON, "imp": st.just([{"id": "1", **BANNER}])},
        optional=dict.fromkeys(("user", "regs", "device", "bcat", "badv", "cur", "wlang"), JSON),
    ),
    assets=st.lists(JSON | ASSET, max_size=4),
    buyer=st.text(max_size=8),
)
def test_whatever_is_sent_is_answered(request: dict[str, Any], assets: list[Any], buyer: str) -> None:
    world = World()
    native = {"id": "2", "native": {"request": json.dumps({"assets": assets})}}
    for body in (request, {"id": "r", "imp": [native], "user": {"buyeruid": buyer}}):
        answer = answer_bid_request(json.dumps(body).encode(), world.lookup, world.campaigns, 0, NOW_MS)
        assert answer.status in (200, 204, 400)


def test_each_slot_is_looked_for_once_however_often_it_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    found = world.lookup.found

    def counted(key: str, now_ms: int) -> FoundCreative | None:
        asked.append(key)
        return found(key, now_ms)

    monkeypatch.setattr(world.lookup, "found", counted)
    banner = {"format": [{"w": 300, "h": 250}] * 64, "battr": [21]}
    assert world.ask([{"id": str(n), "banner": banner} for n in range(8)]).status == 200
    assert len(asked) == len(set(asked)) > 0


@pytest.mark.parametrize(
    "asked",
    [
        {"imp": [{"id": "1", "banner": {"format": [{"w": 300, "h": 250}] * 65}}]},
        {"imp": [{"id": "1", "banner": {"w": 300, "h": 250, "battr": [1] * 65}}]},
        {"wlang": ["xx"] * 65},
        {"badv": ["a.example"] * 4_097},
    ],
)
def test_lists_longer_than_anybodys_are_refused(world: World, asked: dict[str, Any]) -> None:
    assert world.ask(**{"imp": NATIVE, **asked}).status == 400


@pytest.mark.parametrize("number", [1e30, 10**26, 2**31, -1, "9" * 5_000])
@pytest.mark.parametrize("field", ["id", "type", "len", "wmin"])
def test_a_native_request_with_numbers_beyond_all_has_no_place(
    world: World, field: str, number: float | str
) -> None:
    data: dict[str, Any] = {"type": 2}
    asset: dict[str, Any] = {"id": 4, "data": data}
    (asset if field == "id" else data)[field] = number
    imp = {"native": {"request": json.dumps({"assets": [asset]})}}
    assert world.ask(imp).status == 204


def test_a_campaign_whose_cap_the_user_has_reached_is_not_offered_to_him(world: World) -> None:
    world.add(campaign("c1", 3.0, cap=[r.Cap(3, 86_400)]))
    assert (bid(world.ask())["cid"], bid(world.ask(user={}))["cid"]) == ("c1", "c1")
    own = b"u:u1|c1|native"
    sent = withdrawal_output(own.decode(), "cr_u:u1", CAP_REACHED, 0, NOW_MS)
    world.lookup.take(CREATIVE.name, own, None)
    world.reached.creative(own, True, sent.headers, NOW_MS)
    assert bid(world.ask())["cid"] == "c2", "neither the segment's nor the default"
    assert bid(world.ask(user={}))["cid"] == bid(world.ask(user={"id": "u2"}))["cid"] == "c1"
    assert bid(world.ask(regs={"coppa": 1}))["cid"] == "c1", "who it is does not count there"


def test_what_the_asker_says_is_capped_is_not_offered(world: World) -> None:
    assert bid(world.ask(ext={"capped": ["cr_u:u1"]}))["adid"] == "cr_d"
    assert bid(world.ask(ext={"capped": ["c1"]}))["cid"] == "c2"
    assert world.ask(ext={"capped": ["c1", "c2"]}).status == 204
    assert bid(world.ask(ext={"capped": [*(f"cr_{n}" for n in range(4_000)), "c1"]}))["cid"] == "c2"


@pytest.mark.parametrize(
    "ext", [None, [], 7, "c1", {"capped": None}, {"capped": True}, {"capped": [1]}, {"ssp": {"capped": 1}}]
)
def test_what_else_an_exchange_says_in_its_ext_is_no_fault(world: World, ext: object) -> None:
    assert bid(world.ask(ext=ext))["cid"] == "c1"


def test_a_cap_of_nothing_is_never_offered_and_the_others_go_along(world: World) -> None:
    world.add(campaign("c1", 3.0, cap=[r.Cap(0, 60)]))
    assert bid(world.ask())["cid"] == "c2" and "ext" not in bid(world.ask())
    world.add(campaign("c1", 3.0, cap=[r.Cap(3, 60), r.Cap(9, None, "creative")]))
    hinted = [{"n": 3, "scope": "campaign", "per_s": 60}, {"n": 9, "scope": "creative"}]
    assert bid(world.ask())["ext"] == {"cap": hinted}
