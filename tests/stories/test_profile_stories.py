"""What users, ad servers and privacy officers see of the profile agent, told on one lane in memory."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from agents.profiles import requests
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import BEHAVIOR, CLICK, CONSENT, CONVERSION, CREATIVE, DEAD, IMPRESSION, OUTCOME, PRIVACY_ACK, PRIVACY_REQUEST, REQUEST
from tests.agents.catalogue import campaign, reference_of
from tests.agents.memory_lane import NOW_MS, Log, MemoryLane, users_of_lane
from tests.agents.traffic import ALL, add, consent, creative

SETTINGS = Settings()
USER, OTHER = users_of_lane(2)
ELSEWHERE = users_of_lane(1, lane=1)[0]
CAPPED = campaign(
    cap=[r.Cap(2, 86_400)], experiment=r.Experiment("e1", "salt", [r.ExperimentArm("a", 0.5), r.ExperimentArm("b", 0.5)], 0, 2 * NOW_MS)
)


class Story:
    """Records are applied as they are produced."""

    def __init__(self, *campaigns: r.Campaign, settings: Settings = SETTINGS) -> None:
        self.log = Log()
        self.lane = MemoryLane(reference_of(settings, *(campaigns or (CAPPED,))), settings)

    def add(self, topic: str, user: str, ts: int, **fields: Any) -> None:
        self.lane.apply([add(self.log, topic, user, ts, **fields)])

    def consent(self, user: str = USER, ts: int = NOW_MS - 1_000, explicit: dict[str, bool] | None = None) -> None:
        self.lane.apply([consent(self.log, user, ts, explicit)])

    def creative(self, creative_id: str, **fields: Any) -> None:
        self.lane.apply([creative(self.log, USER, creative_id, **fields)])

    def click(self, i: int, item: str, ts: int | None = None) -> None:
        self.add(CLICK.name, USER, NOW_MS + i * 3_600_000 if ts is None else ts, id=f"k{i}", item_id=item)

    def withdrawn(self) -> list[str]:
        return [dict(o.headers)["creative_id"].decode() for o in self.lane.sent(CREATIVE.name) if o.value is None]

    def reasons(self) -> list[str]:
        return [dict(o.headers)["shiftcast.reason"].decode() for o in self.lane.sent(DEAD.name)]

    def privacy(self, kind: str, append_ts: int = NOW_MS) -> r.PrivacyAck:
        body = {"request_id": f"p-{kind}", "type": kind, "iat": append_ts}
        self.lane.apply([self.log.add(PRIVACY_REQUEST.name, USER, json.dumps(body).encode(), append_ts)])
        return msgspec.json.decode(self.lane.sent(PRIVACY_ACK.name)[-1].value or b"", type=r.PrivacyAck)


def requests_of(story: Story) -> list[r.CreativeRequest]:
    return [msgspec.json.decode(o.value or b"", type=r.CreativeRequest) for o in story.lane.sent(REQUEST.name)]


def test_a_shift_becomes_one_request_with_everything_in_it() -> None:
    story = Story()
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    for i in range(12, 40):
        story.click(i, f"pans{i % 30}")
    first, *shifts = requests_of(story)
    assert first.trigger.kind == "first" and first.cause.id == "k7" and first.top[0].name == "shoes"
    shift = shifts[0]
    assert shift.trigger.kind == "shift" and "pans" in [each.name for each in shift.trigger.gained]
    assert shift.consent == r.Explicit(True, True, True, True) and set(shift.arms.values()) <= {"a", "b"} and shift.arms
    assert shift.items and shift.vector and shift.catalog_version == 1 and shift.n_trig == 2
    assert all(len(o.value or b"") <= requests.MAX_BYTES for o in story.lane.sent(REQUEST.name))
    again = Story()
    again.consent()
    for i in range(12):
        again.click(i, f"shoes{i}")
    assert requests_of(again)[0].request_id == first.request_id


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
    assert {store.name for store in ack.stores} >= {"rows:profile", CLICK.name, CREATIVE.name} and all(store.until for store in ack.stores)
    (null,) = [o for o in story.lane.sent(CONSENT.name) if o.key == USER.encode() and o.value is None]
    story.lane.apply([story.log.add(CONSENT.name, USER, None, NOW_MS + 5, null.headers)])
    story.add(CLICK.name, USER, NOW_MS - 10, append_ts=NOW_MS + 10, id="late", explicit=ALL)
    story.creative("cr_00000000000000bb", cause={"id": "k7", "ts": NOW_MS - 490, "topic": CLICK.name})
    story.lane.flush()
    assert {key[:1] for key in story.lane.store if USER.encode() in key[1:]} == {b"c"} and story.lane.row("c", USER)["known"] == 0
    assert story.withdrawn()[-1] == "cr_00000000000000bb"


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


def test_objection_and_access() -> None:
    story = Story()
    story.consent()
    for i in range(9):
        story.click(i, f"shoes{i}", NOW_MS - 500 + i)
    export = story.privacy("access").export
    assert export is not None and export["profile"]["interests"][0]["name"] == "shoes" and export["consent"]["granted"]
    story.creative("cr_00000000000000aa")
    assert story.privacy("object").tombstones == 1 and story.withdrawn() == ["cr_00000000000000aa"]
    story.click(9, "shoes9", NOW_MS)
    story.lane.flush()
    assert story.lane.row("p", USER)["n_click"] == 9  # only an erasure deletes; the objection ends the learning
    assert story.privacy("nonsense").status == "rejected"


def test_the_impression_that_reaches_a_cap_withdraws() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa")
    for i in range(2):
        assert not story.withdrawn()
        story.add(IMPRESSION.name, USER, NOW_MS + i, id=f"i{i}", creative_id="cr_00000000000000aa", campaign_id="c1", slot="native")
    assert story.withdrawn() == ["cr_00000000000000aa"]
    story.creative("cr_00000000000000bb", ts=NOW_MS + 10)
    assert story.withdrawn() == ["cr_00000000000000aa", "cr_00000000000000bb"]


def test_a_newer_request_replaces_other_keys_and_slots_of_one_request_stay() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa", slot="native")
    story.creative("cr_00000000000000ab", slot="text")
    assert not story.withdrawn()
    story.creative("cr_00000000000000ba", slot="native", request_id="rq_0000000000000002")
    assert story.withdrawn() == ["cr_00000000000000ab"]


def test_a_tombstone_read_after_a_newer_creative_publishes_that_one_again() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa")
    newer = creative(story.log, USER, "cr_00000000000000bb", request_id="rq_0000000000000002")
    story.lane.apply([newer])
    key = f"u:{USER}|c1|native"
    story.lane.apply([story.log.add(CREATIVE.name, key, None, NOW_MS, [("creative_id", b"cr_00000000000000aa")])])
    again = [o for o in story.lane.sent(CREATIVE.name) if o.value is not None]
    assert [(o.key, o.value) for o in again] == [(key.encode(), newer.value)]
    story.lane.apply([story.log.add(CREATIVE.name, key, None, NOW_MS, [("creative_id", b"cr_00000000000000bb")])])
    assert len([o for o in story.lane.sent(CREATIVE.name) if o.value is not None]) == 1


def test_a_returning_interest_brings_its_old_creative_along() -> None:
    story = Story()
    story.consent()
    for i in range(12):
        story.click(i, f"shoes{i}")
    story.creative("cr_00000000000000aa", request_id=requests_of(story)[0].request_id, item_id="shoes1")
    for i in range(12, 40):
        story.click(i, f"pans{i % 30}")
    for i in range(40, 75):
        story.click(i, f"shoes{i % 30}")
    returned = [request for request in requests_of(story) if request.regime]
    assert returned and returned[0].regime[0].item_id == "shoes1" and returned[0].regime[0].copy.cta == "Shop now"
    assert returned[0].live and returned[0].recent


def test_the_sweep_withdraws_what_expired_and_what_ended() -> None:
    story = Story()
    story.consent()
    story.creative("cr_00000000000000aa", expires=NOW_MS + 1_000)
    story.lane.flush()
    story.lane.sweep(NOW_MS + 1_000 + 3_500_000)
    assert not story.withdrawn()
    story.lane.sweep(NOW_MS + 1_000 + 3_700_000)
    assert story.withdrawn() == ["cr_00000000000000aa"]
    story.lane.flush()
    story.lane.sweep(NOW_MS + 200 * 86_400_000)
    story.lane.flush()
    assert story.lane.row("x", USER) is None and story.lane.row("c", USER) is not None


def test_the_sweep_keeps_who_is_not_measured_and_what_has_not_ended() -> None:
    story = Story(CAPPED, campaign(campaign_id="c2", status="ended"))
    story.consent(explicit={"profile": True, "personalise": True})  # such a user's events enter no metric
    story.click(0, "shoes0", NOW_MS)
    story.lane.flush()
    story.lane.sweep(NOW_MS + 1_000)
    story.creative("cr_00000000000000aa")
    story.lane.flush()
    story.lane.sweep(NOW_MS + 2_000)
    story.lane.flush()
    assert story.lane.row("p", USER)["n_click"] == 1 and not story.withdrawn()
    story.creative("cr_00000000000000bb", campaign_id="c2", request_id="rq_0000000000000002")
    story.lane.flush()
    assert story.withdrawn() == ["cr_00000000000000aa"]
    story.lane.sweep(NOW_MS + 3_000)
    assert story.withdrawn() == ["cr_00000000000000aa", "cr_00000000000000bb"]


def test_a_row_of_another_build_ends_the_worker_and_is_no_fault_of_the_event() -> None:
    workload = Story().lane.workload
    for kind in "pxc":
        with pytest.raises(RefusedError, match="start that one, or a newer one"):
            workload.upgrade(kind, bytes(40))


def test_bad_input_ends_in_dead_letters_each_with_its_reason() -> None:
    story = Story()
    story.consent()
    bad = [
        (b"{broken", NOW_MS, USER, "not_json"),
        (b'{"id": 5, "ts": 1, "user": "x"}', NOW_MS, USER, "wrong_type"),
        (json.dumps({"id": "k", "ts": NOW_MS, "user": ELSEWHERE}).encode(), NOW_MS, ELSEWHERE, "wrong_partition"),
        (json.dumps({"id": "k", "ts": NOW_MS, "user": USER, "campaign_id": "nobody"}).encode(), NOW_MS, USER, "unknown_campaign"),
        (json.dumps({"id": "k", "ts": NOW_MS + 10**7, "user": USER}).encode(), NOW_MS, USER, "in_future"),
        (json.dumps({"id": "k", "ts": NOW_MS - 10**9, "user": USER}).encode(), NOW_MS, USER, "too_old"),
    ]
    records = [story.log.add(CLICK.name, user, value, ts) for value, ts, user, _ in bad]
    records.append(add(story.log, CLICK.name, USER, NOW_MS, id="good"))
    story.lane.apply(records)
    story.lane.flush()
    assert sorted(story.reasons()) == sorted(reason for *_, reason in bad)
    assert story.lane.row("p", USER)["n_click"] == 1


def test_consent_in_the_wrong_partition_is_sent_on_at_once() -> None:
    story = Story()
    record = consent(story.log, ELSEWHERE)
    story.lane.apply([record])
    assert [(o.key, o.value, o.partition) for o in story.lane.sent(CONSENT.name)] == [(record.key, record.value, None)]
    assert not story.reasons()


def test_feedback_is_counted_where_the_creative_is() -> None:
    story = Story()
    story.consent()
    story.add(BEHAVIOR.name, USER, NOW_MS, id="b1", type="feedback", feedback="hide", creative_id="cr_00000000000000aa")
    story.creative("cr_00000000000000aa")
    story.lane.flush()
    day = [msgspec.json.decode(o.value or b"", type=r.Outcome) for o in story.lane.sent(OUTCOME.name)]
    assert {(o.arm, o.counts.hides) for o in day if o.window_s == 86_400} == {("plain|t1", 1), ("unattributed", 0)}


def test_after_a_crash_the_outbox_publishes_again() -> None:
    story = Story()
    story.consent()
    story.click(1, "shoes1")
    story.lane.flush()
    sent = {(o.key, msgspec.json.decode(o.value or b"", type=r.Outcome).counts.clicks) for o in story.lane.sent(OUTCOME.name)}
    reborn = story.lane.crashed(reference_of(SETTINGS, CAPPED), SETTINGS)
    again = {(o.key, msgspec.json.decode(o.value or b"", type=r.Outcome).counts.clicks) for o in reborn.sent(OUTCOME.name)}
    assert sent == again and sent


@pytest.mark.parametrize(("text", "ms"), [(b"1795291200000", 1_795_291_200_000), (b"9" * 5_000, None), (b"-1", None), (b"soon", None)])
def test_a_header_that_names_no_time_costs_no_event(text: bytes, ms: int | None) -> None:
    story = Story()
    story.consent()
    for i in range(9):
        record = add(story.log, CLICK.name, USER, NOW_MS + i * 3_600_000, id=f"k{i}", item_id=f"shoes{i}")
        record.headers = [(requests.INTENDED_HEADER, text)]
        story.lane.apply([record])
    assert [request.intended_ts for request in requests_of(story)] == [ms]
