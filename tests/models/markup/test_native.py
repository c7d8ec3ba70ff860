"""Native 1.2: numbers and names of its own, the assets that were asked for, texts whole or not at all."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import fromstring

import jsonschema
import pytest

from models.markup.ad import AdPicture, NotOfferedError
from models.markup.label import NoRoomForLabelError
from models.markup.native import WantedAsset, native_response
from tests.models.markup.sample_ad import AD, REACTING, REACTIONS, ad
from tests.models.markup.test_vast import check_vast

URL: dict[str, Any] = {"type": "string", "pattern": "^https?://"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}


def _object(needed: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": needed,
        "properties": properties,
        "additionalProperties": False,
    }


ASSET = _object(
    ["id"],
    id=COUNT,
    required={"enum": [0, 1]},
    title=_object(["text"], text=TEXT, len=COUNT),
    img=_object(["url"], url=URL, w=COUNT, h=COUNT, type={"enum": [1, 3]}),
    data=_object(["value"], value=TEXT, type={"enum": [*range(1, 13), 501]}, len=COUNT),
    video=_object(["vasttag"], vasttag=TEXT),
) | {"oneOf": [{"required": [kind]} for kind in ("title", "img", "data", "video")]}
RESPONSE = _object(
    ["link"],
    ver={"const": "1.2"},
    assets={"type": "array", "minItems": 1, "items": ASSET},
    link=_object(["url"], url=URL, clicktrackers={"type": "array", "items": URL}, fallback=URL),
    eventtrackers={
        "type": "array",
        "items": _object(["event", "method", "url"], event={"enum": [1, 2, 3, 4]}, method=COUNT, url=URL),
    },
    ext={"type": "object"},
)
"""The response object, from the text of Dynamic Native Ads 1.2 (chapter 5): nothing else may stand in it."""


def test_the_response_is_valid_and_has_the_numbers_of_native() -> None:
    made = native_response(AD)
    jsonschema.validate(made, RESPONSE)
    told = [(each["event"], each["method"], each["url"]) for each in made["eventtrackers"]]
    assert told == [
        (1, 1, "https://t.example/i?p=${AUCTION_PRICE}&c=cr"),
        (1, 2, "https://t.example/i.js"),
        (2, 1, "https://t.example/v"),
        (4, 1, "https://t.example/vv"),
    ], "AdCOM 2 is Native 1; loaded and quartiles have no number there"
    assert made["link"] == {
        "url": AD.link,
        "clicktrackers": list(AD.click_trackers),
        "fallback": AD.fallback_link,
    }
    assert {each["id"]: each["data"]["value"] for each in made["assets"] if "data" in each} == {
        3: "Stridewell",
        4: AD.description,
        5: "Shop now",
        6: "AI-generated",
    }
    assert made["assets"][-1]["required"] == 1, "it must be displayed"
    assert {each["id"] for each in native_response(ad(label=""))["assets"]} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ([WantedAsset(1, "title"), WantedAsset(2, "data", 2), WantedAsset(3, "data", 501)],
         {3: "AI-generated"}),
        ([WantedAsset(1, "title"), WantedAsset(2, "data", 2)], {2: f"{AD.description} · AI-generated"}),
        ([WantedAsset(1, "title", longest=40), WantedAsset(2, "data", 2, longest=50)],
         {1: "Boots for wet rock · AI-generated"}),
        ([WantedAsset(2, "img", 3)], {}),
    ],
    ids=["a place of its own", "a description", "a title", "no words"],
)  # fmt: skip
def test_a_label_that_is_due_stands_where_the_request_has_room(
    wanted: list[WantedAsset], said: dict[int, str]
) -> None:
    made = native_response(AD, wanted)
    jsonschema.validate(made, RESPONSE)
    texts = {each["id"]: (each.get("title") or each.get("data") or {}) for each in made["assets"]}
    told = {id_: each.get("text") or each.get("value") or "" for id_, each in texts.items()}
    assert {id_: text for id_, text in told.items() if "AI-generated" in text} == said
    assert {each["id"] for each in made["assets"] if "required" in each} == set(said)


def test_where_its_label_has_no_room_it_is_not_offered() -> None:
    cramped = [WantedAsset(1, "title", longest=25), WantedAsset(2, "data", 2, longest=50)]
    with pytest.raises(NoRoomForLabelError, match=r"AI-generated.*501"):
        native_response(AD, cramped)
    assert len(native_response(ad(label=""), cramped)["assets"]) == 2


def test_assets_answer_to_the_ids_that_were_asked_for() -> None:
    wanted = (
        WantedAsset(7, "title", required=True, longest=25),
        WantedAsset(9, "img", 3, w_least=1200, h_least=627, mimes=("image/jpeg",)),
        WantedAsset(11, "data", 6),
    )
    made = native_response(ad(label=""), wanted)
    jsonschema.validate(made, RESPONSE)
    assert [each["id"] for each in made["assets"]] == [7, 9], "nobody knows a price"


@pytest.mark.parametrize(
    "wanted",
    [
        WantedAsset(1, "title", required=True, longest=5),
        WantedAsset(1, "img", 1, required=True),
        WantedAsset(1, "img", 3, required=True, w_least=2_000),
        WantedAsset(1, "img", 3, required=True, mimes=("image/webp",)),
        WantedAsset(1, "data", 6, required=True),
        WantedAsset(1, "video", required=True, mimes=("video/webm",)),
        WantedAsset(1, "video", required=True, most_s=5),
        WantedAsset(1, "video", required=True, least_s=7),
        WantedAsset(1, "audio", required=True),
    ],
)
def test_what_cannot_be_given_as_asked_is_not_offered_and_nothing_is_cut(wanted: WantedAsset) -> None:
    with pytest.raises(NotOfferedError):
        native_response(ad(label=""), [wanted])


def test_a_clip_is_given_as_vast() -> None:
    made = native_response(AD, [WantedAsset(3, "video", required=True, least_s=5, most_s=15)])
    jsonschema.validate(made, RESPONSE)
    check_vast(fromstring(made["assets"][0]["video"]["vasttag"]))


def test_text_only_without_a_picture_that_a_secure_page_shows() -> None:
    for picture in (None, AdPicture("http://cdn.example/1.jpg")):
        made = native_response(ad(picture=picture))
        assert not [each for each in made["assets"] if "img" in each]


def test_what_users_may_say_of_it_stands_apart_from_the_numbers_that_are_the_exchanges() -> None:
    made = native_response(ad(trackers=REACTING))
    jsonschema.validate(made, RESPONSE)
    assert made["ext"] == {"reactions": REACTIONS}
    assert made["eventtrackers"] == native_response(AD)["eventtrackers"] and "ext" not in native_response(AD)


def test_what_the_response_tells_the_clip_in_it_does_not_tell_again() -> None:
    made = native_response(ad(trackers=REACTING), [WantedAsset(1, "video")])
    document = made["assets"][0]["video"]["vasttag"]
    told = [each["url"] for each in made["eventtrackers"]]
    assert "https://t.example/v" in told and "https://t.example/vv" in told
    called = {(each.text or "") for each in fromstring(document).iter()}
    assert not called & {*told, *REACTIONS.values()}
    assert {"about:blank", "https://t.example/l", "https://t.example/half"} <= called, "no events of native"
