"""What privacy officers see of the profile agent: consent, withdrawal, erasure, objection, access."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agents.creatives.publication import LIFE_MS
from agents.rendering.files.file_names import KEPT_AFTER_MS, LET_GO_MS
from models.event.consent import ALL_PURPOSES
from models.event.layout import Purpose
from streams import records as r
from streams.settings import Settings
from streams.topics import (
    AUDIENCE,
    BEHAVIOR,
    CLICK,
    CONSENT,
    CONVERSION,
    CREATIVE,
    DAY_MS,
    IDENTITY,
    IMPRESSION,
    OUTCOME,
    PARTNER,
    PRIVACY_REQUEST,
    RENDER_REQUEST,
)
from streams.wire.codecs import COLLECTOR, encode, headers
from tests.agents.profiles.memory_lane import NOW_MS
from tests.agents.traffic import ALL, add, consent
from tests.models.privacy_strings.test_tcf import tc_string
from tests.stories.profile_story import ELSEWHERE, USER, Story, requests_of


def test_without_consent_nothing_is_kept_or_asked() -> None:
    story = Story()
    for i in range(12):
        story.click(i, f"shoes{i}")
    story.lane.flush()
    assert not requests_of(story) and not story.lane.sent(OUTCOME.name)
    assert story.lane.row("p", USER) is None and story.lane.row("x", USER) is None
    story.consent()
    story.lane.apply(story.log.records[CLICK.name])  # a replay after the grant
    story.lane.flush()
    assert story.lane.row("p", USER) is None


@pytest.mark.parametrize(
    ("regs", "learnt"),
    [
        ({"us_privacy": "1YNN"}, True),
        ({"us_privacy": "1YYN"}, False),
        ({"gpp": "DBABLA~BVQqAAAAAAA.QA", "gpp_sid": [7]}, True),
        ({"gpp": "DBABLA~BVQqAAAAAAA.YA", "gpp_sid": [7]}, False),
    ],
)
def test_an_event_that_opts_out_itself_is_not_learnt_from(regs: dict[str, Any], learnt: bool) -> None:
    story = Story(settings=Settings(consent_default=True))
    story.add(CLICK.name, USER, NOW_MS, id="k1", item_id="shoes1", regs=regs)
    story.lane.flush()
    assert (story.lane.row("p", USER) is not None) is learnt


def test_revenue_is_counted_with_the_measuring_purpose_alone() -> None:
    story = Story()
    story.consent(explicit={"measure": True})
    story.add(CONVERSION.name, USER, NOW_MS, id="s1", type="purchase", value=12.34, cur="EUR")
    story.add(CONVERSION.name, USER, NOW_MS, id="s2", type="purchase", value=-2.34, cur="EUR")
    story.lane.flush()
    outcomes = [msgspec.json.decode(o.value or b"", type=r.Outcome) for o in story.lane.sent(OUTCOME.name)]
    day = next(o for o in outcomes if o.window_s == 86_400)
    assert day.value_minor == {"EUR": 1_000} and day.counts.conversions == 2 and day.arm == "unattributed"
    assert story.lane.row("p", USER) is None


@pytest.mark.parametrize("explicit", [{"profile": False}, {"measure": True}])
def test_withdrawal_deletes_and_withdraws(explicit: dict[str, bool]) -> None:
    story = Story()
    story.consent()
    for i in range(9):
        story.click(i, f"shoes{i}")
    story.creative("cr_00000000000000aa")
    story.lane.flush()
    assert story.lane.row("p", USER) is not None
    story.consent(ts=NOW_MS, explicit=explicit)
    story.lane.flush()
    assert story.lane.row("p", USER) is None and story.lane.store.get(b"r" + USER.encode()) is None
    assert (story.lane.row("x", USER) is None) == ("measure" not in explicit)
    assert story.withdrawn() == ["cr_00000000000000aa"]
    story.creative("cr_00000000000000bb")
    assert story.withdrawn()[-1] == "cr_00000000000000bb"


AHEAD_MS = 4 * 60_000


def grant_from_the_future(story: Story) -> None:
    """The clock of whoever states it is ahead, as far as events may be."""
    said = add(story.log, CONSENT.name, USER, NOW_MS + AHEAD_MS, NOW_MS, explicit=ALL)
    story.lane.apply([said])
    story.click(0, "shoes0", NOW_MS + 1)
    story.lane.flush()
    assert story.lane.row("p", USER) is not None


@pytest.mark.parametrize(
    "denied",
    [None, {"explicit": {"profile": False}}, {"consent": tc_string(set(), set(), updated_ms=NOW_MS + 1_000)}],
)
def test_a_denial_counts_though_the_grant_came_from_a_clock_that_is_ahead(
    denied: dict[str, Any] | None,
) -> None:
    story = Story()
    grant_from_the_future(story)
    if denied is None:
        story.lane.apply([story.log.add(CONSENT.name, USER, None, NOW_MS + 1_000)])
    else:
        story.add(CONSENT.name, USER, NOW_MS + 1_000, **denied)
    story.lane.flush()
    assert story.lane.row("p", USER) is None and story.lane.row("c", USER)["granted"] == 0


@pytest.mark.parametrize(
    ("kind", "granted"),
    [("restrict", 0), ("object", Purpose.MEASURE | Purpose.TRAIN), ("erasure", 0)],
)
def test_a_request_is_obeyed_though_the_grant_came_from_a_clock_that_is_ahead(
    kind: str, granted: int
) -> None:
    story = Story()
    grant_from_the_future(story)
    assert story.privacy(kind, NOW_MS + 1_000).status == "done"
    story.lane.flush()
    assert story.lane.row("c", USER)["granted"] == granted


@pytest.mark.parametrize("kind", ["object", "restrict"])
def test_a_request_that_a_newer_statement_overtook_is_not_said_to_be_done(kind: str) -> None:
    story = Story()
    story.consent(ts=NOW_MS + 1_000)
    story.creative("cr_00000000000000aa", created=NOW_MS + 1_000)
    ack = story.privacy(kind, NOW_MS)
    story.lane.flush()
    assert ack.status == "superseded" and ack.tombstones == 0 and not story.withdrawn()
    assert story.lane.row("c", USER)["granted"] == ALL_PURPOSES


def test_a_tc_string_in_an_event_lets_it_be_learnt_until_one_refuses() -> None:
    story = Story()
    story.add(CLICK.name, USER, NOW_MS, id="k1", item_id="shoes1", consent=tc_string({3, 4, 7}, {700}))
    story.lane.flush()
    assert story.lane.row("p", USER)["n_click"] == 1
    story.add(CLICK.name, USER, NOW_MS + 1, id="k2", item_id="shoes1", consent=tc_string({1}, {700}))
    story.lane.flush()
    assert story.lane.row("p", USER) is None


STRING = tc_string({3, 4, 7, 10}, {700}, updated_ms=NOW_MS - 5_000)
NOTHING = dict.fromkeys(ALL, False)


def click_with(story: Story, i: int, string: str, source: str = "shop") -> int:
    """What the user allows after a click with a TC string."""
    ts = NOW_MS + i * 1_000
    said = encode(r.Click(f"k{i}", ts, USER, item_id="shoes1", consent=string))
    stamped = headers(CLICK.ce_type, f"k{i}", ts, source)
    story.lane.apply([story.log.add(CLICK.name, USER, said, ts, stamped)])
    story.lane.flush()
    row = story.lane.row("c", USER)
    return 0 if row is None else int(row["granted"])


def test_a_string_that_goes_on_riding_on_events_takes_back_no_objection_and_no_withdrawal() -> None:
    story = Story()
    assert click_with(story, 0, STRING) == ALL_PURPOSES
    assert story.privacy("object", NOW_MS + 1_000).status == "done"
    assert click_with(story, 2, STRING) == Purpose.MEASURE | Purpose.TRAIN
    story.consent(ts=NOW_MS + 3_000, explicit=NOTHING)
    assert click_with(story, 4, STRING) == 0 and story.lane.row("p", USER) is None
    assert click_with(story, 5, tc_string({3, 7}, {700}, updated_ms=NOW_MS + 4_500)) == (
        Purpose.PROFILE | Purpose.MEASURE
    ), "a new one counts"


@pytest.mark.parametrize(("days", "granted"), [(0, 0), (1, ALL_PURPOSES)])
def test_a_string_that_tells_but_its_day_takes_back_nothing_of_that_day(days: int, granted: int) -> None:
    story = Story()
    story.consent(ts=NOW_MS, explicit=NOTHING)
    midnight = NOW_MS - NOW_MS % DAY_MS + days * DAY_MS
    string = tc_string({3, 4, 7, 10}, {700}, updated_ms=midnight)
    assert click_with(story, 86_400 if days else 1, string) == granted


def test_a_string_that_tells_but_its_day_refuses_what_was_granted_on_that_day() -> None:
    story = Story()
    story.consent(ts=NOW_MS)
    string = tc_string({7}, {700}, updated_ms=NOW_MS - NOW_MS % DAY_MS)
    assert click_with(story, 1, string) == Purpose.MEASURE
    story = Story()
    story.consent(ts=NOW_MS + 2_000)
    assert click_with(story, 1, string) == ALL_PURPOSES, "it was there before that"


def test_the_same_string_again_writes_no_row_of_consent() -> None:
    story = Story()
    click_with(story, 0, STRING)
    story.add(CLICK.name, USER, NOW_MS + 1_000, id="again", item_id="shoes1", consent=STRING)
    written = {key[:1] for key, _ in story.lane.arena.dirty()}
    assert b"x" in written and b"c" not in written


def test_what_the_collector_is_told_by_an_address_takes_back_and_grants_nothing() -> None:
    story = Story()
    assert click_with(story, 0, STRING, COLLECTOR) == 0
    assert click_with(story, 1, STRING) == ALL_PURPOSES, "nor does it stand in the way of who may grant"
    narrower = tc_string({3, 7, 10}, {700}, updated_ms=NOW_MS + 1_500)
    assert click_with(story, 2, narrower, COLLECTOR) == ALL_PURPOSES - Purpose.PERSONALISE
    wider = tc_string({3, 4, 7, 10}, {700}, updated_ms=NOW_MS + 2_500)
    assert click_with(story, 3, wider, COLLECTOR) == ALL_PURPOSES - Purpose.PERSONALISE
    default = Story(settings=Settings(consent_default=True))
    assert click_with(default, 0, tc_string({7}, {700}), COLLECTOR) == Purpose.MEASURE


def test_by_default_consent_does_not_outweigh_a_tc_string_that_refuses() -> None:
    story = Story(settings=Settings(consent_default=True))
    story.add(CLICK.name, USER, NOW_MS, id="k1", item_id="shoes1", consent=tc_string({1}, {700}))
    story.add(CLICK.name, USER, NOW_MS + 1, id="k2", item_id="shoes1")
    story.lane.flush()
    assert story.lane.row("p", USER) is None


def test_erasure_leaves_one_row_and_says_so() -> None:
    story = Story()
    story.consent()
    for i in range(9):
        story.click(i, f"shoes{i}", NOW_MS - 500 + i)
    story.creative("cr_00000000000000aa")
    ack = story.privacy("erasure")
    story.lane.flush()
    kept = {key[:1] for key in story.lane.store if USER.encode() in key[1:]}
    assert kept == {b"c"}
    row = story.lane.row("c", USER)
    assert row["erased_ts"] == NOW_MS and row["known"] == 0 and row["fence"][1] == 8
    assert ack.status == "done" and ack.tombstones == 1 and story.withdrawn() == ["cr_00000000000000aa"]
    assert {store.name for store in ack.stores} >= {"rows:profile", CLICK.name, CREATIVE.name} and all(
        store.until for store in ack.stores
    )
    until = {store.name: store.until or 0 for store in ack.stores}
    assert until["files:pictures"] >= NOW_MS + LET_GO_MS
    held_ms = LIFE_MS + KEPT_AFTER_MS
    assert until["files:pictures:forgotten"] >= NOW_MS + held_ms, "no file of the user alone is held longer"
    said = {store.name: store.deleted for store in ack.stores}
    assert [said[topic.name] for topic in (CONSENT, CREATIVE, AUDIENCE, IDENTITY, PARTNER)] == [1, 1, 1, 1, 0]
    assert {PRIVACY_REQUEST.name, RENDER_REQUEST.name} <= said.keys(), "what only time removes is told too"
    (null,) = [o for o in story.lane.sent(CONSENT.name) if o.key == USER.encode() and o.value is None]
    story.lane.apply([story.log.add(CONSENT.name, USER, None, NOW_MS + 5, null.headers)])
    story.add(CLICK.name, USER, NOW_MS - 10, append_ts=NOW_MS + 10, id="late", explicit=ALL)
    story.creative("cr_00000000000000bb", cause={"id": "k7", "ts": NOW_MS - 490, "topic": CLICK.name})
    story.lane.flush()
    assert {key[:1] for key in story.lane.store if USER.encode() in key[1:]} == {b"c"} and story.lane.row(
        "c", USER
    )["known"] == 0
    assert story.withdrawn()[-1] == "cr_00000000000000bb"


def drawn(name: str) -> dict[str, Any]:
    """Fields of a creative with a picture of its own."""
    return {"assets": [{"role": "ad", "url": f"https://cdn.example/{name * 40}.jpg", "sha256": "0" * 64}]}


def files_let_go(story: Story) -> dict[str, str]:
    """Names of files by creative, as tombstones say."""
    said = [dict(each.headers) for each in story.lane.sent(CREATIVE.name) if each.value is None]
    return {each["creative_id"].decode(): each["files"].decode() for each in said if "files" in each}


def test_an_erasure_lets_the_files_go_that_the_users_creatives_name() -> None:
    """The live one, one that it replaced, and one that arrives later."""
    story = Story()
    story.consent()
    story.click(0, "shoes0", NOW_MS - 500)
    story.creative("cr_00000000000000aa", **drawn("a"))
    story.creative("cr_00000000000000ab", **drawn("b"))
    assert files_let_go(story) == {}, "replaced, it may be shown for a while"
    ack = story.privacy("erasure")
    story.creative(
        "cr_00000000000000bb",
        cause={"id": "k7", "ts": NOW_MS - 490, "topic": CLICK.name},
        **drawn("c"),
    )
    ids = ("cr_00000000000000aa", "cr_00000000000000ab", "cr_00000000000000bb")
    assert files_let_go(story) == {each: name * 40 for each, name in zip(ids, "abc", strict=True)}
    said = {store.name: store.deleted for store in ack.stores}
    assert said["files:pictures"] == 2 and said[CREATIVE.name] == ack.tombstones == 2


def test_who_comes_back_after_an_erasure_can_withdraw_by_a_null_again() -> None:
    story = Story()
    story.consent()
    story.privacy("erasure")
    story.consent(ts=NOW_MS + 1_000)
    story.click(0, "shoes0", NOW_MS + 2_000)
    story.lane.flush()
    assert story.lane.row("p", USER)["n_click"] == 1
    story.lane.apply([story.log.add(CONSENT.name, USER, None, NOW_MS + 3_000)])
    story.lane.flush()
    assert story.lane.row("p", USER) is None and story.lane.row("c", USER)["granted"] == 0


def test_rows_that_were_lost_come_back_as_their_user_wants_it() -> None:
    """A lane without its rows reads consent and then privacy requests again: who came back after an erasure
    stays, who did not is forgotten, and an objection still holds."""
    story = Story()
    story.consent()
    story.privacy("erasure")
    (null,) = [o for o in story.lane.sent(CONSENT.name) if o.value is None]
    story.lane.apply([story.log.add(CONSENT.name, USER, None, NOW_MS + 5, null.headers)])
    gone = Story()
    gone.lane.apply(story.log.records[CONSENT.name])
    gone.lane.apply(story.log.records[PRIVACY_REQUEST.name])
    gone.lane.flush()
    assert gone.lane.row("c", USER)["erased_ts"] == NOW_MS and gone.lane.row("c", USER)["known"] == 0
    story.consent(ts=NOW_MS + 1_000)
    story.privacy("object", NOW_MS + 500)
    back = Story()
    back.lane.apply(story.log.records[CONSENT.name])
    back.lane.apply(story.log.records[PRIVACY_REQUEST.name])
    back.click(0, "shoes0", NOW_MS + 2_000)
    back.lane.flush()
    assert back.lane.sent(CONSENT.name) == [], "a null would take the new statement back"

    assert back.lane.row("c", USER)["erased_ts"] == NOW_MS and back.lane.row("p", USER)["n_click"] == 1
    story.privacy("object", NOW_MS + 3_000)
    back.lane.apply(story.log.records[PRIVACY_REQUEST.name][-1:])
    back.lane.flush()
    assert not back.lane.row("c", USER)["granted"] & Purpose.PROFILE


def test_objection_and_access() -> None:
    story = Story()
    story.consent()
    for i in range(9):
        story.click(i, f"shoes{i}", NOW_MS - 500 + i)
    export = story.privacy("access").export
    assert (
        export is not None
        and export["profile"]["interests"][0]["name"] == "shoes"
        and export["consent"]["granted"]
    )
    story.creative("cr_00000000000000aa")
    assert story.privacy("object").tombstones == 1 and story.withdrawn() == ["cr_00000000000000aa"]
    story.click(9, "shoes9", NOW_MS)
    story.lane.flush()
    assert (
        story.lane.row("p", USER)["n_click"] == 9
    )  # only an erasure deletes; the objection ends the learning
    assert story.privacy("nonsense").status == "rejected"


def test_an_access_request_is_told_what_was_shown_done_and_kept() -> None:
    story = Story()
    story.consent()
    for i in range(9):
        story.click(i, f"shoes{i}", NOW_MS + i)
    own = "cr_00000000000000aa"
    asked = requests_of(story)[0].request_id
    story.creative(own, request_id=asked)
    at = NOW_MS + 60_000
    story.add(IMPRESSION.name, USER, at, id="i1", creative_id=own, slot="native")
    story.add(CLICK.name, USER, at + 1_000, id="k", imp_id="i1")
    story.add(BEHAVIOR.name, USER, at + 2_000, id="l", type="feedback", feedback="like", creative_id=own)
    story.add(CONVERSION.name, USER, at + 3_000, id="s", type="purchase", value=12.34, cur="EUR")
    export = story.privacy("access", at + 4_000).export
    assert export is not None
    done = export["exposures"]
    assert done["impressions"] == [{"ts": at, "campaign_id": "c1", "slot": "native", "viewable": False}]
    assert done["clicks"] == [{"ts": at + 1_000, "campaign_id": "c1"}]
    assert done["reactions"] == [{"ts": at + 2_000, "campaign_id": "c1", "what": "like"}]
    sold = {"ts": at + 3_000, "value_minor": 1_234, "cur": "EUR", "campaign_id": "c1"}
    assert done["conversions"] == [sold]
    assert done["campaigns"] == [{"campaign_id": "c1", "impressions": 1, "newest_ts": at}]
    assert done["slots"] == ["native"]
    assert [(each["creative_id"], each["campaign_id"]) for each in export["creatives"]] == [(own, "c1")]
    assert [each["headline"] for each in export["kept_copies"]] == ["Trail shoes 0aa"]


def test_consent_in_the_wrong_partition_is_sent_on_at_once() -> None:
    story = Story()
    record = consent(story.log, ELSEWHERE)
    story.lane.apply([record])
    assert [(o.key, o.value, o.partition) for o in story.lane.sent(CONSENT.name)] == [
        (record.key, record.value, None)
    ]
    assert not story.reasons()
