"""What two linked users see: each serves what both like, neither is shown more than both may be, what one
denies is denied to both, and nothing of the other stays when the link ends."""

from __future__ import annotations

import itertools
from base64 import b64decode
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import records as r
from streams.metrics.profiles import LINKS
from streams.metrics.totals import total
from streams.topics import BEHAVIOR, CREATIVE, DEAD, IDENTITY, PARTNER, PRIVACY_ACK
from streams.wire.codecs import encode
from tests.agents.profiles.memory_lane import NOW_MS
from tests.agents.traffic import add
from tests.stories.linked_story import LAPTOP, PHONE, THIRD, LinkedStory

SHOES = [f"shoes{i}" for i in range(9)]
TENTS = [f"tents{i}" for i in range(12)]


def linked() -> LinkedStory:
    story = LinkedStory()
    story.agree()
    story.link()
    return story


def names(weighted: list) -> list[str]:  # type: ignore[type-arg]
    return [each.name for each in weighted]


def links_counted() -> tuple[int, int]:
    begun, ended = (total(LINKS.labels(what)) for what in ("begun", "ended"))
    return begun, ended


def test_links_are_counted_as_they_begin_and_end_to_count() -> None:
    begun, ended = links_counted()
    story = linked()
    assert links_counted() == (begun + 2, ended)
    story.state(PHONE, None)
    story.deliver()
    assert links_counted() == (begun + 2, ended + 2)


def test_a_link_counts_once_both_state_it() -> None:
    story = LinkedStory()
    story.agree()
    story.click(PHONE, *SHOES)
    story.state(PHONE, LAPTOP)
    story.deliver()
    one_sided = story.row(PHONE)
    assert one_sided is not None and one_sided.heard is None and story.row(LAPTOP) is None
    said = story.last_said(LAPTOP, PHONE)
    assert said is not None and said.allows is None and not said.top and not said.vector
    story.state(LAPTOP, PHONE)
    story.deliver()
    row = story.row(LAPTOP)
    assert row is not None and row.heard is not None and names(row.heard.top) == ["shoes"]
    assert story.row(PHONE).heard.allows.profile  # type: ignore[union-attr]


def test_a_request_is_for_what_both_like_and_the_rows_keep_ones_own() -> None:
    alone, story = LinkedStory(), linked()
    alone.agree()
    for each in (alone, story):
        each.click(PHONE, *SHOES[:6])
        each.click(LAPTOP, *TENTS)
    (own,), (request,) = alone.requests(LAPTOP), story.requests(LAPTOP)
    assert names(own.top) == ["tents"] and set(names(request.top)) == {"tents", "shoes"}
    assert sum(each.weight for each in request.top) == pytest.approx(1, abs=0.01)
    before, now = (np.frombuffer(b64decode(each.vector), "<f2").astype(float) for each in (own, request))
    assert np.linalg.norm(now) == pytest.approx(1, abs=0.01) and before @ now < 0.99
    story.flush()
    alone.flush()
    kept, other = (each.lanes[1].row("p", LAPTOP) for each in (story, alone))
    assert kept["n_click"] == other["n_click"] and (kept["hist"] > 0).tolist() == (other["hist"] > 0).tolist()
    assert b"shoes" not in (story.payload("m", LAPTOP) or b"")


def test_hidden_interests_stay_hidden_whoever_likes_them() -> None:
    story = linked()
    story.click(PHONE, *SHOES)
    ts = story.later()
    hidden: dict[str, Any] = {"type": "feedback", "feedback": "hide", "item_id": "shoes1"}
    add(story.logs[1], BEHAVIOR.name, LAPTOP, ts, id="hide", **hidden)
    story.deliver()
    story.click(LAPTOP, *TENTS)
    assert names(story.requests(LAPTOP)[0].top) == ["tents"]


def test_caps_count_what_both_were_shown() -> None:
    story = linked()
    story.creative(PHONE, "cr_00000000000000aa")
    story.creative(LAPTOP, "cr_00000000000000bb")
    story.show(PHONE, "cr_00000000000000aa", 2)
    story.show(LAPTOP, "cr_00000000000000bb", 1)
    assert not story.withdrawn(PHONE) and not story.withdrawn(LAPTOP)
    story.show(PHONE, "cr_00000000000000aa", 1)  # the fourth of both
    assert story.withdrawn(PHONE) == ["cr_00000000000000aa"]
    assert story.withdrawn(LAPTOP) == ["cr_00000000000000bb"]
    story.creative(LAPTOP, "cr_00000000000000cc")
    assert story.withdrawn(LAPTOP)[-1] == "cr_00000000000000cc"
    story.click(LAPTOP, *TENTS)
    assert story.requests(LAPTOP)[0].caps == {"c1": 4}
    story.state(PHONE, None)
    story.deliver()
    story.creative(LAPTOP, "cr_00000000000000dd")
    assert story.withdrawn(LAPTOP)[-1] == "cr_00000000000000cc", "alone there was one"


def test_what_one_denies_is_denied_to_both_until_the_link_ends() -> None:
    story = linked()
    story.creative(LAPTOP, "cr_00000000000000bb")
    story.click(LAPTOP, *TENTS)
    story.agree(PHONE, explicit={"measure": True})
    assert story.withdrawn(LAPTOP) == ["cr_00000000000000bb"]
    story.flush()
    assert story.lanes[1].row("p", LAPTOP) is None
    assert story.lanes[1].row("c", LAPTOP)["granted"] == 15, "the user's own statement stays as it was"
    story.click(LAPTOP, *TENTS)
    story.flush()
    assert story.lanes[1].row("p", LAPTOP) is None
    assert story.row(PHONE).heard.allows.profile, "and is what the partner is told"  # type: ignore[union-attr]
    story.agree(PHONE)
    story.click(LAPTOP, *TENTS)
    story.flush()
    assert story.lanes[1].row("p", LAPTOP)["n_click"] == len(TENTS)


def test_an_objection_keeps_to_what_the_user_said_himself() -> None:
    story = linked()
    story.agree(PHONE, explicit={"profile": True, "personalise": True})
    story.privacy(LAPTOP, "object")
    story.flush()
    assert story.lanes[1].row("c", LAPTOP)["granted"] == 12, "measure and train are the partner's to deny"
    story.state(LAPTOP, None)
    story.deliver()
    story.flush()
    assert story.lanes[1].row("c", LAPTOP)["partner_denies"] == 0


@pytest.mark.parametrize("end", ["unlink", "erasure"])
@pytest.mark.parametrize("who", [PHONE, LAPTOP])
def test_nothing_of_the_other_stays_when_either_ends_the_link(end: str, who: str) -> None:
    story = linked()
    story.click(PHONE, *SHOES)
    story.click(LAPTOP, *TENTS)
    assert story.traces(PHONE, [LAPTOP]) and story.traces(LAPTOP, [PHONE])
    if end == "unlink":
        story.state(who, None)
        story.deliver()
    else:
        story.privacy(who, "erasure")
    for user, other in itertools.permutations((PHONE, LAPTOP)):
        assert story.row(user) is None and story.traces(user, [other]) == []
    assert not any(topic in (IDENTITY.name, PARTNER.name) for topic, _ in story.compacted())
    for n in (0, 1):
        row = story.lanes[n].row("c", (PHONE, LAPTOP)[n])
        assert row["linked"] == 0 and row["partner_denies"] == 0
    left = story.lanes[1].row("p", LAPTOP)
    assert (left is None) == (end == "erasure" and who == LAPTOP)


def test_an_erasure_says_what_became_of_the_link_and_an_export_names_it() -> None:
    story = linked()
    story.privacy(PHONE, "access")
    story.privacy(PHONE, "erasure")
    exported, erased = (
        msgspec.json.decode(o.value or b"", type=r.PrivacyAck) for o in story.lanes[0].sent(PRIVACY_ACK.name)
    )
    assert exported.export is not None and exported.export["link"]["partner"] == LAPTOP
    assert exported.export["link"]["counts"] is True
    said = {store.name: store.deleted for store in erased.stores}
    assert said["rows:link"] == said[IDENTITY.name] == said[PARTNER.name] == 1


def test_another_partner_takes_the_place_of_the_first() -> None:
    story = linked()
    story.agree(THIRD)
    story.state(LAPTOP, THIRD)
    story.deliver()
    assert story.row(PHONE) is None and story.last_said(PHONE, LAPTOP) is None
    story.state(THIRD, LAPTOP)
    story.deliver()
    assert story.row(LAPTOP).heard.sender == THIRD  # type: ignore[union-attr]


def test_who_states_it_again_is_told_all_again() -> None:
    story = linked()
    story.click(PHONE, *SHOES)
    story.state(LAPTOP, None)
    story.deliver()
    story.link()
    assert names(story.row(LAPTOP).heard.top) == ["shoes"]  # type: ignore[union-attr]
    assert story.row(PHONE).heard.allows.train  # type: ignore[union-attr]


def test_who_was_erased_and_comes_back_may_link_again() -> None:
    story = linked()
    story.privacy(PHONE, "erasure")
    story.agree(PHONE)
    story.link()
    assert story.row(PHONE).heard is not None and story.row(LAPTOP).heard is not None  # type: ignore[union-attr]
    story.lanes[0].sweep(NOW_MS + 40 * 86_400_000)
    story.flush()
    assert story.lanes[0].row("c", PHONE)["linked"] == 1


def test_a_lane_that_lost_its_rows_is_believed_again() -> None:
    story = linked()
    story.flush()
    story.crash(0, _read(story, 0))
    story.click(PHONE, *SHOES)
    assert story.row(LAPTOP).heard.term == 2  # type: ignore[union-attr]
    story.lose(0)
    story.deliver()
    assert story.row(PHONE).heard == story.last_said(PHONE, LAPTOP)  # type: ignore[union-attr]
    assert story.row(LAPTOP).heard == story.last_said(LAPTOP, PHONE)  # type: ignore[union-attr]
    story.agree(PHONE, explicit={"measure": True})
    story.flush()
    assert story.lanes[1].row("c", LAPTOP)["partner_denies"] == 11


def test_a_link_made_anew_counts_and_ends_though_a_lane_lost_its_rows_after_the_last_one_ended() -> None:
    story = linked()
    for _ in range(9):
        story.flush()
    story.state(LAPTOP, None)
    story.state(PHONE, LAPTOP)  # anew, before that end is known
    story.deliver()
    row = story.row(PHONE)
    assert row is not None and row.heard is None
    story.lose(1)
    story.state(LAPTOP, PHONE)
    story.deliver()
    row = story.row(PHONE)
    assert row is not None and row.heard is not None and row.heard.allows is not None
    story.state(LAPTOP, None)
    story.deliver()
    assert story.row(PHONE) is None and story.traces(LAPTOP, [PHONE]) == []


def test_a_lane_that_lost_its_rows_and_never_read_the_statement_tells_the_partner_so() -> None:
    story = linked()
    story.click(PHONE, *SHOES)
    for _ in range(9):
        story.flush()
    story.lose(0)
    statements = story.logs[0].records[IDENTITY.name]
    story.state(PHONE, None)
    del statements[:-1]  # what compaction leaves
    story.deliver()
    row = story.row(LAPTOP)
    assert row is not None and row.heard is None, "a statement that waits for its other half"
    assert "shoes" not in str(story.compacted())
    said = story.last_said(PHONE, LAPTOP)
    assert said is not None and said.allows is None and not said.top


def test_what_is_told_wrongly_costs_no_event() -> None:
    story = linked()
    said = story.last_said(LAPTOP, PHONE)
    assert said is not None
    for flush, vector in ((7, "no base64"), (8, "ADwAPA=="), (9, "AH4=" * 64)):
        wrong = msgspec.structs.replace(said, flush=flush, vector=vector, mass=9.0)
        story.logs[1].add(PARTNER.name, f"{LAPTOP}|{PHONE}", encode(wrong), story.later())
    story.logs[1].add(PARTNER.name, f"{LAPTOP}|{PHONE}", None, story.later(), [("term", b"x"), ("of", b"-1")])
    story.deliver()
    story.click(LAPTOP, *TENTS)
    assert len(story.requests(LAPTOP)) == 1 and not story.lanes[1].sent(DEAD.name)


def test_a_statement_in_the_wrong_partition_is_sent_on_at_once() -> None:
    story = LinkedStory()
    story.logs[0].add(IDENTITY.name, LAPTOP, None, story.later())
    story.deliver()
    assert [(o.key, o.value, o.partition) for o in story.lanes[0].sent(IDENTITY.name)] == [
        (LAPTOP.encode(), None, None)
    ]


def test_a_partner_that_nobody_can_be_is_refused() -> None:
    story = LinkedStory()
    for partner in (PHONE, "a|b"):
        story.state(PHONE, partner)
    story.deliver()
    assert story.row(PHONE) is None
    reasons = [dict(o.headers)["shiftcast.reason"].decode() for o in story.lanes[0].sent(DEAD.name)]
    assert reasons == ["bad_key", "bad_key"]


def test_what_a_partner_takes_back_counts_though_the_brokers_clock_stepped_back() -> None:
    story = linked()
    before = story.row(PHONE)
    story.behind_ms = 3_600_000
    story.agree(LAPTOP, explicit={"profile": False, "personalise": False, "measure": True})
    row = story.row(PHONE)
    assert before and row and row.heard and row.heard.allows
    assert row.heard_ms == before.heard_ms and row.heard.allows.profile is False
    story.state(LAPTOP, None)
    story.deliver()
    assert story.row(PHONE) is None


def test_who_is_not_linked_sends_and_keeps_nothing() -> None:
    story = LinkedStory()
    story.agree()
    story.click(PHONE, *SHOES)
    story.flush()
    assert not story.lanes[0].sent(PARTNER.name) and not any(key[:1] == b"i" for key in story.lanes[0].store)


def test_the_partner_hears_of_what_changes_a_request_not_of_every_event() -> None:
    story = linked()
    told = len(story.lanes[0].sent(PARTNER.name))
    for _ in range(20):
        story.show(PHONE, None, campaign_id="c9")
    assert len(story.lanes[0].sent(PARTNER.name)) == told
    story.click(PHONE, *SHOES[:1])
    assert len(story.lanes[0].sent(PARTNER.name)) == told + 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.integers(0, 2), st.integers(0, 9), st.integers(1, 3)),
        st.tuples(st.just("crash"), st.integers(0, 2), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("flush"), st.integers(0, 2), st.just(0), st.just(0)),
        st.tuples(st.just("lose"), st.integers(0, 2), st.just(0), st.just(0)),
        st.tuples(st.just("state"), st.integers(0, 2), st.integers(0, 2), st.just(0)),
    ),
    max_size=40,
)
WANTED = (PHONE, LAPTOP, THIRD)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_the_order_the_last_word_of_both_decides(steps: list[tuple[str, int, int, int]]) -> None:
    """Statements, deaths, losses and readings in any order between topics: in the end a user has heard of
    another if and only if the newest statement of each names the other, and has heard the newest summary."""
    story = LinkedStory()
    story.agree(*WANTED)
    story.flush()
    committed = {n: dict(_read(story, n)) for n in story.lanes}
    for what, n, a, b in steps:
        if what == "state":
            story.state(WANTED[n], None if a == n else WANTED[a])
        elif what == "flush":
            story.lanes[n].flush()
            committed[n] = dict(_read(story, n))
        elif what == "crash":
            story.crash(n, committed[n])
        elif what == "lose":
            story.lose(n)
            committed[n] = {}
        elif waiting := story.waiting(n):
            story.step(n, waiting[a % len(waiting)], b)
    story.deliver()
    says = {user: story.compacted().get((IDENTITY.name, user.encode())) for user in WANTED}
    for user, other in itertools.permutations(WANTED, 2):
        both = _names(says[user], other) and _names(says[other], user)
        row, said = story.row(user), story.last_said(user, other)
        assert (row is not None and row.partner == other) == _names(says[user], other)
        heard = row.heard if row is not None and row.partner == other else None
        assert (heard is not None and heard.allows is not None) == both
        if both:
            assert heard == said
        else:
            assert said is None or said.allows is None, "a statement alone may wait for its other half"
            assert not said or _names(says[other], user)


def _names(statement: bytes | None, partner: str) -> bool:
    return f'"partner": "{partner}"'.encode() in (statement or b"")


def _read(story: LinkedStory, lane: int) -> dict[str, int]:
    return {topic: at for (n, topic), at in story.read.items() if n == lane and topic != CREATIVE.name}
