"""Which logged events calibrate the detector: positives of users who agreed, each once, in sessions."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from agents.calibration.logged import PositiveLog, logged_by
from agents.calibration.threshold import proposal
from agents.calibration.visits import SESSION_MS
from streams import records as r
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import CLICK, DAY_MS, IMPRESSION, TopicSpec
from streams.topics import CONSENT as CONSENT_TOPIC
from streams.wire.codecs import COLLECTOR, WireLimits, encode, headers
from tests.agents.profiles.memory_lane import Consumed
from tests.models.privacy_strings.test_tcf import tc_string
from tests.models.small_catalogue import catalogue

ROWS = {"boots": 3, "lamp": 7}
YES, NO = r.Explicit(profile=True), r.Explicit(profile=False)


def logged(*events: r.Record, default: bool = False) -> list[tuple[int, int, int, int]]:
    log = PositiveLog(ROWS, default)
    for event in events:
        log.add(event)
    found = log.arrays()
    return [tuple(int(column[n]) for column in found[:4]) for n in range(len(found.user))]  # type: ignore[misc]


def click(
    id: str, ts: int, user: str = "u", item: str = "boots", explicit: r.Explicit | None = None
) -> r.Click:
    return r.Click(id=id, ts=ts, user=user, item_id=item, explicit=explicit)


def sale(id: str, ts: int, item: str = "boots") -> r.Conversion:
    return r.Conversion(id=id, ts=ts, user="u", type="purchase", items=[r.ConversionItem(item)])


def arrived(spec: TopicSpec, said: r.Record | None, append_ts: int) -> Any:
    """The record as `read_decoded` gives it."""
    value = None if said is None else encode(said)
    (given,) = logged_by(Consumed(spec.name, 0, 0, append_ts, b"u", value), WireLimits())
    return given.record


CONSENT = r.Consent(user="u", ts=0, explicit=YES)


@pytest.mark.parametrize(
    "regs",
    [r.Regs(gdpr=1), r.Regs(coppa=1), r.Regs(us_privacy="1YYN"), r.Regs(ext=r.RegsExt(gpc=1))],
    ids=["gdpr", "child", "sale", "gpc"],
)
def test_the_default_speaks_for_nobody_for_whom_the_law_does(regs: r.Regs) -> None:
    silent, guarded = click("a", 1), msgspec.structs.replace(click("b", 2), regs=regs)
    assert len(logged(silent, default=True)) == 1
    assert logged(silent, guarded, default=True) == []
    assert len(logged(silent, guarded, CONSENT, default=True)) == 2, "who says yes is learnt from"


def test_clicks_carts_and_sales_of_a_user_who_agreed_in_order_of_time() -> None:
    cart = r.Behavior(id="b", ts=5, user="u", type="cart", item_id="lamp")
    page = r.Behavior(id="p", ts=6, user="u", type="page", item_id="lamp")
    assert logged(CONSENT, sale("c", 9), cart, page, click("a", 1, item="lamp")) == [
        (0, 0, 7, 1),
        (0, 0, 7, 5),
        (0, 0, 3, 9),
    ]


def test_every_line_that_was_taken_is_a_positive_and_a_return_is_none() -> None:
    def order(id: str, *lines: tuple[str, float], value: float | None = None) -> r.Conversion:
        items = [r.ConversionItem(*line) for line in lines]
        return r.Conversion(id=id, ts=9, user="u", type="purchase", value=value, items=items)

    both = order("c", ("boots", 1), ("lamp", 2))
    assert logged(CONSENT, both, both) == [(0, 0, 3, 9), (0, 0, 7, 9)]
    assert logged(CONSENT, order("c", ("boots", -1)), order("d", ("lamp", 1), value=-4)) == []
    log = PositiveLog(ROWS, True)
    log.add(order("d", ("lamp", 1), value=-4))
    assert not len(log.bought().item)


def test_a_user_who_did_not_agree_is_left_out() -> None:
    assert logged(click("a", 1)) == []
    assert logged(click("a", 1), default=True) == [(0, 0, 3, 1)]
    assert logged(click("a", 1), r.Consent(user="u", ts=0, explicit=NO), default=True) == []


def test_the_latest_statement_counts_and_a_tie_denies() -> None:
    assert logged(CONSENT, click("a", 1), r.Consent(user="u", ts=5, explicit=NO)) == []
    assert logged(CONSENT, click("a", 1), r.Consent(user="u", ts=0, explicit=NO)) == []
    assert logged(r.Consent(user="u", ts=5, explicit=NO), click("a", 6, explicit=YES)) == [(0, 0, 3, 6)]


@pytest.mark.parametrize("said", [None, r.Consent(user="u", ts=50, explicit=NO)])
def test_a_denial_outranks_a_grant_whose_clock_was_ahead(said: r.Consent | None) -> None:
    granted = arrived(CONSENT_TOPIC, r.Consent(user="u", ts=90_000, explicit=YES), append_ts=10)
    denied = arrived(CONSENT_TOPIC, said, append_ts=50)
    assert len(logged(granted, click("a", 1))) == 1
    assert logged(granted, denied, click("a", 1)) == []


def shown(ts: int, consent: str | None = None, explicit: r.Explicit | None = None) -> r.Impression:
    return r.Impression("i", ts, "u", creative_id="cr_1", consent=consent, explicit=explicit)


def test_whoever_takes_it_back_in_an_impression_is_left_out() -> None:
    assert len(logged(CONSENT, click("a", 1), shown(2, explicit=YES))) == 1
    assert logged(CONSENT, click("a", 1), shown(2, explicit=NO)) == []
    assert logged(CONSENT, click("a", 1), shown(2, consent=tc_string({4}, {7}, updated_ms=200))) == []
    log = PositiveLog(ROWS, False)
    log.add(shown(2, explicit=NO))
    assert not log.consent, "nothing is kept of who did nothing else"


def test_impressions_that_state_nothing_are_not_even_decoded() -> None:
    def said(value: bytes) -> int:
        return len(list(logged_by(Consumed(IMPRESSION.name, 0, 0, 5, b"u", value), WireLimits())))

    plain, stating = encode(shown(2)), encode(shown(2, explicit=NO))
    assert said(plain) == 0 and said(stating) == said(stating.replace(b'"explicit', b'"\\u0065xplicit')) == 1


@pytest.mark.parametrize(
    ("updated_ms", "learnt"), [(DAY_MS, 0), (DAY_MS + 500, 0), (DAY_MS + 2_000, 1), (2 * DAY_MS, 1)]
)
def test_a_string_is_as_old_as_its_last_update_whatever_event_it_rides_on(
    updated_ms: int, learnt: int
) -> None:
    string = tc_string({3}, {7}, updated_ms=updated_ms)
    denied = r.Consent(user="u", ts=DAY_MS + 1_000, explicit=NO)
    late = msgspec.structs.replace(click("a", 5 * DAY_MS), consent=string)
    assert len(logged(denied, late)) == learnt


def test_a_string_of_a_day_that_refuses_counts_until_its_end() -> None:
    string = tc_string({4}, {7}, updated_ms=DAY_MS)
    late = msgspec.structs.replace(click("a", 5 * DAY_MS), consent=string)
    for ts, learnt in ((DAY_MS + 1_000, 0), (2 * DAY_MS, 1)):
        assert len(logged(r.Consent(user="u", ts=ts, explicit=YES), late)) == learnt


def test_what_the_collector_is_told_refuses_and_does_not_agree() -> None:
    log = PositiveLog(ROWS, False)
    log.add(msgspec.structs.replace(click("a", 1), consent=tc_string({3}, {7})), narrows=True)
    assert not log.users()
    log.add(CONSENT)
    assert log.users()
    log.add(msgspec.structs.replace(click("b", 9), consent=tc_string({4}, {7})), narrows=True)
    assert not log.users()
    (said,) = logged_by(
        Consumed(CLICK.name, 0, 0, 5, b"u", encode(click("a", 1)), headers(CLICK.ce_type, "a", 1, COLLECTOR)),
        WireLimits(),
    )
    assert said.narrows


def test_a_tc_string_agrees_and_refuses() -> None:
    yes, no = (
        r.Consent(user="u", ts=1_000, consent=tc_string(purposes, {7}, updated_ms=k))
        for k, purposes in ((100, {3}), (200, {4}))
    )
    assert len(logged(yes, click("a", 1))) == 1 and logged(yes, no, click("a", 1)) == []
    assert logged(no, click("a", 1), default=True) == []
    unreadable = msgspec.structs.replace(click("b", 2), consent="nonsense")
    assert logged(click("a", 1), unreadable, default=True) == []


def test_a_sale_of_what_was_clicked_in_the_same_session_is_not_another_wish() -> None:
    assert logged(CONSENT, click("a", 1), sale("c", 2)) == [(0, 0, 3, 1)]
    assert logged(CONSENT, click("a", 1), sale("c", 2 + SESSION_MS)) == [
        (0, 0, 3, 1),
        (0, 1, 3, 2 + SESSION_MS),
    ]


def test_repeated_ids_and_items_nobody_knows_are_left_out() -> None:
    assert logged(CONSENT, click("a", 1), click("a", 2), click("b", 3, item="spoon")) == [(0, 0, 3, 1)]


def test_of_more_than_may_be_held_users_are_left_out_whole_and_a_flood_drives_nobody_out() -> None:
    log = PositiveLog(ROWS, True, most=2_000)
    for n in range(5_000):
        log.add(click(f"f{n}", n, "flood"))
    assert (len(log.events), log.halvings) == (8, 0)
    for n in range(5):
        for user in range(600):
            log.add(click(f"e{n}", n, f"u{user}"))
            log.add(r.Consent(f"u{user}", n, explicit=YES))
            assert len(log.events) <= 2_000
    found = log.arrays()
    users, counts = np.unique(found.user, return_counts=True)
    assert log.halvings == 1 and 240 < len(users) < 360
    assert set(counts.tolist()) <= {5, 8}
    assert len(log.consent) <= len(log.events), "nothing else grows on"


def test_too_few_positives_are_refused_with_what_to_do() -> None:
    log = PositiveLog(ROWS, True)
    log.add(click("a", 1))
    with pytest.raises(RefusedError, match=r"1 positive events; at least 1,000 .* --since-hours"):
        proposal(catalogue(), log.arrays(), Settings(), 5.0)


def wandering() -> PositiveLog:
    """Forty users who take whatever comes."""
    rng = np.random.default_rng(2)
    log = PositiveLog({f"i{code}": code for code in range(8)}, True)
    for user in range(40):
        for n, code in enumerate(rng.integers(0, 8, 40).tolist()):
            log.add(click(f"e{n}", n * 4_000_000, f"u{user:02d}", f"i{code}"))
    return log


def test_a_proposal_keeps_the_identity_kernel_of_curated_categories() -> None:
    made = proposal(catalogue(), wandering().arrays(), Settings(), 5.0)
    assert made.calibration.positives == 1600 and made.calibration.false_per_1000 <= 5.0
    assert made.part.settings.threshold == made.calibration.threshold
    assert made.part.pi.sum() == pytest.approx(1.0, abs=1e-5) and made.part.pi.min() > 0


def test_what_was_calibrated_and_published_can_be_calibrated_again() -> None:
    before, log = catalogue(), wandering().arrays()
    again = dataclasses.replace(before, kernel=published(before.kernel))
    assert (
        proposal(again, log, Settings(), 5.0).calibration
        == proposal(before, log, Settings(), 5.0).calibration
    )


def published(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """As a record has it: bytes that nobody can write to."""
    return np.frombuffer(kernel.tobytes(), np.float32).reshape(kernel.shape)
