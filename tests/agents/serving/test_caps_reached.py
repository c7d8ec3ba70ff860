"""What a look-up knows of caps that were reached: from the withdrawal that says so, until there is room
again."""

from __future__ import annotations

import pytest

from agents.serving.caps_reached import CapsReached
from models.campaigns import Campaign, Cap
from streams.wire.withdrawals import CAP_REACHED, CREATIVE_CAP_REACHED, withdrawal_output

AT_MS = 1_795_291_200_000
DAY = Cap(3, 86_400, "campaign")
KEY = b"u:u1|c1|native"


def campaign(*caps: Cap, campaign_id: str = "c1") -> Campaign:
    return Campaign(campaign_id, 1, "active", "Fernway", caps=caps)


def withdrawn(
    known: CapsReached, why: str = CAP_REACHED, key: bytes = KEY, at_ms: int = AT_MS
) -> CapsReached:
    sent = withdrawal_output(key.decode(), "cr_0f3a5b7c9d1e2f40", why, 0, at_ms)
    known.creative(key, True, sent.headers, at_ms)
    return known


def test_it_holds_for_that_user_and_campaign_until_its_longest_window_is_over() -> None:
    known = withdrawn(CapsReached())
    both = campaign(Cap(1, 60, "campaign"), DAY)
    assert known.holds("u1", both, AT_MS + 86_399_999)
    assert not known.holds("u1", both, AT_MS + 86_400_000)
    assert known.holds("u1", campaign(Cap(9, None, "campaign"), DAY), AT_MS * 2), "for life"
    assert not known.holds("u2", both, AT_MS) and not known.holds(None, both, AT_MS)
    assert not known.holds("u1", campaign(DAY, campaign_id="c2"), AT_MS)


def test_a_cap_of_creatives_leaves_the_others_of_its_campaign() -> None:
    assert not withdrawn(CapsReached()).holds("u1", campaign(Cap(3, 86_400, "creative")), AT_MS)


def test_other_causes_and_what_is_shared_say_nothing_of_caps() -> None:
    for why, key in (
        ("rq_1", KEY),
        ("revoked", KEY),
        (CAP_REACHED, b"s:k07|c1|native"),
        (CAP_REACHED, b"d|c1|native"),
    ):
        known = withdrawn(CapsReached(), why, key)
        assert not any(known.holds(user, campaign(DAY), AT_MS) for user in ("u1", "k07", ""))
    withdrawn(CapsReached(), key=b"u:u1")
    unsaid = CapsReached()
    unsaid.creative(KEY, True, [("ce_id", b"cr_1-cap")], AT_MS)
    assert not unsaid.holds("u1", campaign(DAY), AT_MS), "a null of others"


def test_who_gets_another_creative_has_room_and_of_who_left_nothing_is_remembered() -> None:
    known = withdrawn(CapsReached())
    known.creative(KEY, False, [], AT_MS + 1)
    assert not known.holds("u1", campaign(DAY), AT_MS + 1)
    withdrawn(known)
    known.left("u2")
    assert known.holds("u1", campaign(DAY), AT_MS)
    known.left("u1")
    assert not known.holds("u1", campaign(DAY), AT_MS)


@pytest.mark.parametrize("why", ["erased", "denied"])
def test_a_withdrawal_that_says_so_forgets_the_user(why: str) -> None:
    known = withdrawn(withdrawn(CapsReached()), why, b"u:u1|c2|native")
    assert not known.holds("u1", campaign(DAY), AT_MS)


def test_a_creative_that_was_seen_enough_closes_no_campaign() -> None:
    both = campaign(Cap(3, 3_600, "creative"), Cap(100, 30 * 86_400, "campaign"))
    assert not withdrawn(CapsReached(), CREATIVE_CAP_REACHED).holds("u1", both, AT_MS)


def test_the_oldest_is_forgotten_where_there_is_no_room() -> None:
    known = CapsReached(most=2)
    for n in range(3):
        withdrawn(known, key=f"u:u{n}|c1|native".encode(), at_ms=AT_MS + n)
    withdrawn(known, key=b"u:u1|c1|text", at_ms=AT_MS + 9)
    assert [known.holds(f"u{n}", campaign(DAY), AT_MS + 9) for n in range(3)] == [False, True, True]
