"""What a called tracker becomes: one record, the same however often it is called, good for its topic whatever
stands in the address."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.collecting.showings import MOST_SHOWINGS, CountingPlace, NamedShowings
from agents.collecting.telling import NothingToldError, Told, told_by_call
from models.beacon.beacon import CLICK
from models.beacon.seal import LEAST_KEY, Seal
from models.campaigns import Cap
from models.earned.cap_limits import cap_faults
from streams import records as r
from streams.topics import BEHAVIOR, IMPRESSION
from streams.topics import CLICK as CLICK_TOPIC
from streams.wire.codecs import WireLimits, decode, encode
from tests.agents.collecting.beacons import NOW_MS, SEAL, SHOWN, click, sealed, showing

LATER_MS = NOW_MS + 60_000


def heard(
    text: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    at_ms: int = NOW_MS,
    named: NamedShowings | None = None,
) -> Told:
    return told_by_call(text, query or {}, headers or {}, SEAL, at_ms, named or NamedShowings())


def refused(text: str, query: Mapping[str, str] | None = None, at_ms: int = NOW_MS) -> str:
    with pytest.raises(NothingToldError) as nothing:
        heard(text, query, at_ms=at_ms)
    return nothing.value.why


def test_a_showing_its_view_and_its_click_are_one_story() -> None:
    asked = {"s": showing("req-1")}
    shown, seen = heard(sealed(), asked), heard(sealed(event=3), asked, at_ms=LATER_MS)
    clicked = heard(click(), asked, at_ms=LATER_MS)
    assert isinstance(shown.record, r.Impression) and isinstance(clicked.record, r.Click)
    assert (shown.topic, seen.topic, clicked.topic) == (IMPRESSION, IMPRESSION, CLICK_TOPIC)
    assert shown.record.id == seen.record.id == clicked.record.imp_id
    assert (shown.record.event, shown.record.user, shown.record.ts) == (2, "u1", NOW_MS)
    assert (shown.record.creative_id, shown.record.campaign_id, shown.record.template_id) == (
        SHOWN.creative_id, "c1", "t-native",
    )  # fmt: skip
    assert (clicked.record.creative_id, clicked.record.slot, clicked.record.item_id) == (
        SHOWN.creative_id, "native", "sku-1",
    )  # fmt: skip


@pytest.mark.parametrize("parameter", ["s", "a"])
def test_one_address_names_a_bounded_number_of_showings_an_hour(parameter: str) -> None:
    named, text = NamedShowings(), sealed()

    def ids(n: int, at_ms: int = NOW_MS, prefix: str = "") -> set[str]:
        calls = ({parameter: f"{prefix}{k}"} for k in range(n))
        return {heard(text, each, at_ms=at_ms, named=named).record.id for each in calls}

    first = ids(MOST_SHOWINGS)
    assert len(first) == MOST_SHOWINGS == len(ids(MOST_SHOWINGS) & first), "a repeat is none more"
    rest = ids(50, prefix="other")
    assert rest == {heard(text).record.id}, "what is more belongs to its hour"
    followed = heard(click(), {parameter: "another"}, named=named).record
    assert isinstance(followed, r.Click) and followed.imp_id is None
    assert len(ids(5, NOW_MS + 3_600_000, "later")) == 5
    assert len({heard(text, {"s": showing(f"r{k}")}, named=named).record.id for k in range(50)}) == 50


def test_showings_that_nobody_sealed_reach_the_largest_cap_in_rolling_time() -> None:
    largest = max(n for n in range(1, 1_000) if not list(cap_faults([Cap(n, 60)])))
    named, text = NamedShowings(), sealed()
    shown = {heard(text, {"s": f"{k}"}, named=named).record.id for k in range(largest)}
    assert len(shown) == largest


def test_of_showings_that_are_named_the_newest_places_are_kept() -> None:
    named = NamedShowings(2)
    places = [CountingPlace("cr_1", f"u{k}", 1) for k in range(3)]
    for place in places:
        assert all(named.takes(place, f"{k}") for k in range(MOST_SHOWINGS))
    assert not named.takes(places[2], "one more") and named.takes(places[0], "one more")


def test_a_repeat_has_the_id_of_the_first_and_another_showing_has_not() -> None:
    for text in (sealed(), click(), sealed(event=503)):
        first = heard(text, {"s": showing("req-1")}).record.id
        assert heard(text, {"s": showing("req-1")}, at_ms=LATER_MS).record.id == first
        assert heard(text, {"s": showing("req-2")}).record.id != first
    assert heard(sealed(), {"a": "auction-1"}).record.id == heard(sealed(), {"s": "auction-1"}).record.id
    assert heard(sealed(event=501), {"s": "x"}).record.id != heard(sealed(event=502), {"s": "x"}).record.id


def test_without_a_showing_an_hour_is_one_and_a_click_is_joined_by_its_creative() -> None:
    unfilled = {"s": "${SHIFTCAST_SHOWING}", "a": "${AUCTION_ID}"}
    hour_ms = NOW_MS // 3_600_000 * 3_600_000
    at = [heard(sealed(), unfilled, at_ms=hour_ms + each).record.id for each in (0, 3_599_999)]
    assert at[0] == at[1] and heard(click(), unfilled).record == heard(click()).record
    record = heard(click()).record
    assert isinstance(record, r.Click) and record.imp_id is None and record.creative_id == SHOWN.creative_id
    later = heard(sealed(until_s=NOW_MS), unfilled, at_ms=hour_ms + 3_600_000).record.id
    assert later != at[0]


def test_a_clip_tells_how_far_it_was_played() -> None:
    record = heard(sealed(event=504), {"s": "x"}).record
    assert isinstance(record, r.Behavior)
    assert (record.type, record.kwarray, record.creative_id) == (
        "video",
        ["thirdQuartile"],
        SHOWN.creative_id,
    )
    assert heard(sealed(event=504)).topic is BEHAVIOR


@pytest.mark.parametrize(("event", "reaction"), [(511, "like"), (512, "hide"), (513, "report")])
def test_a_reaction_is_feedback_on_the_creative_and_its_item_once_a_showing(
    event: int, reaction: str
) -> None:
    first, again = (heard(sealed(event=event), {"s": "x"}, at_ms=at) for at in (NOW_MS, LATER_MS))
    assert first.topic is BEHAVIOR and isinstance(first.record, r.Behavior)
    assert (first.record.type, first.record.feedback) == ("feedback", reaction)
    assert (first.record.creative_id, first.record.item_id) == (SHOWN.creative_id, SHOWN.item_id)
    assert again.record.id == first.record.id != heard(sealed(event=511), {"s": "y"}).record.id
    assert len({heard(sealed(event=each), {"s": "x"}).record.id for each in (511, 512, 513)}) == 3


def test_consent_and_regulation_are_taken_along() -> None:
    asked = {
        "gdpr": "1", "gdpr_consent": "CPxyz", "gpp": "DBABMA~x", "gpp_sid": "2,6", "us_privacy": "1YNN",
        "a": "auction-1",
    }  # fmt: skip
    record = heard(sealed(), asked, {"Sec-GPC": "1"}).record
    assert record.consent == "CPxyz" and isinstance(record, r.Impression) and record.auction_id == "auction-1"
    assert record.regs == r.Regs(1, None, "DBABMA~x", [2, 6], "1YNN", r.RegsExt(1))
    left = {name: f"${{{name.upper()}}}" for name in asked}
    plain = heard(sealed(), left).record
    assert plain.regs is None and plain.consent is None
    assert heard(sealed(), {"gdpr": "yes"}).record.regs is None, "what cannot be read is not known"


@pytest.mark.parametrize(
    ("asked", "refuses"),
    [
        ({"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": "7"}, False),
        ({"gpp": "DBABLA~BVQqAAAAAAA.YA", "gpp_sid": "7"}, True),
        ({"gpp": "DBABBg~BUUAAACA.QA"}, True),
        ({"gpp": "DBABBg~BUUAAACA.QA", "gpp_sid": "2"}, False),
        ({"gpp": "DBABTA~1YYN", "gpp_sid": "6"}, True),
        ({"gpp": "DBABTA~1YNN", "gpp_sid": "6"}, False),
        ({"gpp": "DBABTA~1YNN", "gpp_sid": "9"}, True),
        ({"gpp": "", "us_privacy": "1YYN"}, True),
    ],
)
def test_a_gpp_string_that_opts_out_is_told_as_the_privacy_control_is(
    asked: dict[str, str], refuses: bool
) -> None:
    regs = heard(sealed(), asked).record.regs
    assert regs is not None and regs.gpp == (asked["gpp"] or None)
    assert regs.ext == (r.RegsExt(1) if refuses else None)


def test_of_the_browser_only_kind_system_and_language_are_kept() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
    said = {"Sec-CH-UA-Mobile": "?1", "Sec-CH-UA-Platform": '"Android"', "Accept-Language": "de-AT,de;q=0.9"}
    for event, name in ((2, "Impression"), (0, "Click"), (501, "Behavior")):
        record = heard(sealed(event=event), {}, {**said, "User-Agent": agent}).record
        assert type(record).__name__ == name and record.device == r.Device(1, "Android", None, "de-AT")
        assert b"Mozilla" not in encode(record)
    for nonsense in (
        {"Sec-CH-UA-Platform": '"' + "x" * 99 + '"'},
        {"Accept-Language": "*"},
        {"User-Agent": agent},
    ):
        assert heard(sealed(), {}, nonsense).record.device is None


def test_a_creative_for_everyone_is_told_of_whom_the_look_up_named_and_of_nobody_else() -> None:
    everyones = sealed(user="")
    assert heard(everyones, {"s": showing("req-1", "u7")}).record.user == "u7"
    for query in ({}, {"s": "u7"}, {"s": showing("req-1")}, {"user": "u7", "u": "u7"}):
        assert refused(everyones, query) == "nobody"
    assert heard(sealed(), {"s": showing("req-1", "u7")}).record.user == "u1", "its own creative"


def test_what_is_not_ours_or_over_says_nothing() -> None:
    assert refused(sealed()[:-1] + ("A" if sealed()[-1] != "A" else "B")) == "unsealed"
    assert refused(Seal(["x" * LEAST_KEY]).close(SHOWN)) == "unsealed"
    assert refused(showing("req-1", "u7")) == "unsealed"
    assert refused(sealed(), at_ms=(SHOWN.until_s + 1) * 1000) == "expired"
    assert refused(sealed(event=1)) == "unknown" and refused(sealed(event=999)) == "unknown"


@given(
    st.dictionaries(
        st.sampled_from(["s", "a", "gdpr", "gdpr_consent", "gpp", "gpp_sid", "us_privacy", "x"]),
        st.one_of(
            st.text(st.characters(categories=["Cs", "Cc", "L", "Zs", "P"]), max_size=400),
            st.text("0123456789,._-~", max_size=400),
            st.integers(1, 9_000).map("Z".__mul__),
        ),
    ),
    st.dictionaries(
        st.sampled_from(["Sec-GPC", "Sec-CH-UA-Mobile", "Sec-CH-UA-Platform", "Accept-Language"]),
        st.text(max_size=100),
    ),
    st.sampled_from([CLICK, 2, 3, 5, 501, 505]),
)
@example({"gdpr_consent": "\U0002f800", "a": "e\u0301"}, {}, CLICK).via("not in normal form C")
def test_whatever_stands_in_the_address_its_topic_takes_the_record(
    query: dict[str, str], headers: dict[str, str], event: int
) -> None:
    found = heard(sealed(event=event), query, headers)
    value, key = encode(found.record), found.record.user.encode()
    assert decode(found.topic, value, key, (), NOW_MS, WireLimits()) == found.record
    assert len(value) <= found.topic.value_bytes
