"""Trackers of ours: every creative of an operator with a collector carries them, they lead to the collector
from every format, and they say whose they are to nobody but it."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree.ElementTree import fromstring

import msgspec
import pytest

from agents.collecting.showings import NamedShowings
from agents.collecting.telling import NothingToldError, Told, told_by_call
from agents.creatives import publication
from agents.creatives.declarations import Declarations, undeclared
from agents.serving.answering import Question, answer_request
from agents.serving.bidding import answer_bid_request
from agents.serving.campaigns import KnownCampaigns
from models.beacon.beacon import Beacon, SealedShowing
from models.markup.adcom import adcom_ad
from streams import records as r
from streams.knobs.knob import SettingsError
from streams.mapping.ads import ad_of, rendering
from streams.settings import Settings
from tests.agents.collecting.beacons import KEY, SEAL
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, plan, request
from tests.agents.creatives.test_publication import written
from tests.agents.serving.test_answering import look_up
from tests.agents.serving.test_bidding import CLIP, CONSENTED, NATIVE

SETTINGS = Settings(collect_url="https://collect.example", collect_keys=KEY)
TRACKED = Declarations.of(SETTINGS).complete(CAMPAIGN)
USER = "9f2c1d7e"
ADDRESS = re.compile(r"https://collect\.example/v1/beacon/[^\"'<>\s\]]+")


def made(user: str = USER, slot: str = "native", **campaign: Any) -> r.Creative:
    planned = dataclasses.replace(plan(), campaign=dataclasses.replace(TRACKED, **campaign))
    return publication.make_creatives(request(user=user), planned, [written(slot)], NOW_MS)[0]


def everyones() -> r.Creative:
    occasion = publication.Occasion("cr_00000000000000dd", r.Audience("default", "d"), "en", 1, "shared")
    return publication.make_creative(occasion, TRACKED, BOOT, written(), NOW_MS)


def called(address: str, at_ms: int = NOW_MS) -> Told:
    where = urlsplit(address)
    sealed = where.path.removeprefix("/v1/beacon/")
    return told_by_call(sealed, dict(parse_qsl(where.query)), {}, SEAL, at_ms, NamedShowings())


def addresses(markup: str) -> list[str]:
    return ADDRESS.findall(html.unescape(markup))


def events(creative: r.Creative) -> list[int]:
    return [each.type for each in creative.trackers]


def test_a_creative_carries_what_its_slot_can_tell_beside_the_campaigns_own() -> None:
    assert events(made(trackers=())) == [2, 3, 511, 512, 513]
    assert events(made(slot="video_16x9", trackers=())) == [2, 5, 501, 502, 503, 504, 505, 511, 512, 513]
    with_own = made(click_trackers=("https://t.example/c",))
    assert len(with_own.link.trkr) == 2 and len(with_own.trackers) == len(CAMPAIGN.trackers) + 5
    assert made().trackers == made().trackers, "a replay makes the same creative"
    told_of = called(with_own.link.trkr[1]).record
    assert isinstance(told_of, r.Click) and told_of.user == USER


def test_without_a_collector_creatives_are_as_before_and_with_one_no_tracker_is_missed() -> None:
    plain = publication.make_creatives(request(), plan(), [written()], NOW_MS)[0]
    assert plain.link.redirect is None and plain.link.trkr == list(CAMPAIGN.click_trackers)
    bare = dataclasses.replace(CAMPAIGN, trackers=())
    assert "trackers" in [each.field for each in undeclared(bare)]
    assert "trackers" not in [each.field for each in undeclared(dataclasses.replace(TRACKED, trackers=()))]


def test_the_user_is_named_in_no_address() -> None:
    creative = made()
    for each in (*creative.link.trkr, creative.link.redirect or "", *(t.url for t in creative.trackers)):
        assert USER not in each and creative.creative_id not in each


def test_a_page_too_long_for_a_redirect_is_linked_as_it_is() -> None:
    long = dataclasses.replace(BOOT, url="https://shop.example/" + "p" * 1_900)
    planned = dataclasses.replace(plan(), campaign=TRACKED, item=long)
    creative = publication.make_creatives(request(), planned, [written()], NOW_MS)[0]
    assert creative.link.redirect is None and len(creative.link.trkr) == 1
    assert long.url in rendering(creative, "html")


def test_html_leads_through_the_redirect_also_behind_a_click_macro() -> None:
    creative = made(trackers=())
    click, *said, pixel = addresses(rendering(creative, "html"))
    assert (called(pixel).topic.name, called(click).topic.name) == ("ads.impression.v1", "ads.click.v1")
    assert called(click).beacon.target == creative.link.url
    reactions = [called(each).record for each in said]
    assert [each.feedback for each in reactions if isinstance(each, r.Behavior)] == ["like", "hide", "report"]
    behind = rendering(made(trackers=(), click_macro="${CLICK_URL}"), "html")
    [href] = re.findall(r'href="\$\{CLICK_URL\}([^"]+)"', behind)
    assert called(unquote(href)).beacon.target == creative.link.url


def test_structured_formats_lead_to_the_page_and_call_a_tracker_at_the_click() -> None:
    creative = made(trackers=())
    native = rendering(creative, "native")
    assert native["link"]["url"] == creative.link.url
    assert [called(url).topic.name for url in native["link"]["clicktrackers"]] == ["ads.click.v1"]
    assert [each["event"] for each in native["eventtrackers"]] == [1, 2]
    assert [_event(each) for each in native["ext"]["reactions"].values()] == [511, 512, 513]
    adcom = adcom_ad(ad_of(creative))["display"]
    assert [each["type"] for each in adcom["event"]] == [2, 3, 511, 512, 513]
    assert len(adcom["native"]["link"]["trkr"]) == 1
    video = msgspec.structs.replace(made(slot="video_16x9", trackers=()), assets=[CLIP])
    vast = fromstring(rendering(video, "vast"))
    names = [each.get("event") for each in vast.iter("{http://www.iab.com/VAST}Tracking")]
    assert names == ["start", "firstQuartile", "midpoint", "thirdQuartile", "complete"]
    said = [called(each).topic.name for each in addresses(rendering(video, "vast"))]
    assert sorted(said) == ["ads.behavior.v1"] * 8 + ["ads.click.v1"] + ["ads.impression.v1"] * 2


@pytest.mark.parametrize("accept", ["", "text/html", "application/vnd.openrtb.native+json"])
def test_a_look_up_says_to_whom_it_gave_everyones_creative(accept: str) -> None:
    lookup = look_up(everyones())
    question = Question(CAMPAIGN.campaign_id, "native", "u7")
    showing = SEAL.close(SealedShowing("req-1", "u7"))
    for sealed, user in ((showing, "u7"), ("", "")):
        body = answer_request(question, accept, lookup, (), NOW_MS + 1, sealed).body.decode()
        found = [each for each in addresses(body) if _event(each) == 2]
        assert found
        if user:
            assert called(found[0]).record.user == user
            assert called(found[0]).record.id == called(found[-1]).record.id
        else:
            with pytest.raises(NothingToldError):
                called(found[0])


def _event(address: str) -> int:
    return SEAL.open(urlsplit(address).path.rpartition("/")[2], Beacon).event


def test_a_bid_names_the_user_only_where_that_is_allowed() -> None:
    lookup, campaigns = look_up(everyones()), KnownCampaigns()
    priced = r.Campaign(CAMPAIGN.campaign_id, 1, "active", r.Advertiser("E"), bid=r.Bid(1.2, "EUR"))
    campaigns.take(priced.campaign_id.encode(), msgspec.json.encode(priced))

    def shown(request: Mapping[str, Any]) -> str:
        asked = {"id": "r1", "imp": [{"id": "1", **NATIVE}], **request}
        found = answer_bid_request(json.dumps(asked).encode(), lookup, campaigns, 0, NOW_MS + 1, SEAL)
        [bid] = json.loads(found.body)["seatbid"][0]["bid"]
        return next(each for each in addresses(bid["adm"]) if _event(each) == 2)

    agreed = {"user": {"buyeruid": "u7", "consent": CONSENTED}, "regs": {"gdpr": 1}}
    assert called(shown(agreed)).record.user == "u7"
    assert called(shown(agreed)).record.id == called(shown(agreed)).record.id, "one auction, one showing"
    for denied in ({"user": {"buyeruid": "u7"}, "regs": {"gdpr": 1}}, {**agreed, "device": {"lmt": 1}}):
        with pytest.raises(NothingToldError, match="nobody"):
            called(shown(denied))


def test_an_address_and_its_keys_are_set_together() -> None:
    with pytest.raises(SettingsError, match="SHIFTCAST_COLLECT_KEYS"):
        Settings(collect_url="https://collect.example")
    with pytest.raises(SettingsError, match="openssl"):
        Settings(collect_keys="short")
    for bad in ("http://collect.example", "https://localhost", "https://collect.example/?a=b"):
        with pytest.raises(SettingsError, match="SHIFTCAST_COLLECT_URL"):
            Settings(collect_url=bad, collect_keys=KEY)
    assert Settings(collect_keys=KEY).collector is None and SETTINGS.collector is not None
