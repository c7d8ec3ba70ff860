"""One tombstone of a creative, whoever makes it."""

from __future__ import annotations

from agents.creatives.publication import withdraw_creative
from streams.topics import CREATIVE
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.withdrawals import withdrawal_output, withdrawn_because, withdrawn_creative
from tests.agents.profiles.memory_lane import NOW_MS
from tests.stories.profile_story import Story

KEY, ID = "u:u1|c1|native", "cr_00000000000000aa"


def named(output: Output) -> tuple[bytes, bytes, str | None]:
    """Type, id and creative of a tombstone."""
    said = dict(output.headers)
    return said["ce_type"], said["ce_id"], withdrawn_creative(output.headers)


def test_it_is_a_legal_null_that_names_the_creative() -> None:
    made = withdrawal_output(KEY, ID, "denied", 3, NOW_MS)
    assert (made.topic, made.key, made.value, made.partition) == (CREATIVE.name, KEY.encode(), None, 3)
    assert named(made) == (b"ads.creative.withdrawn.v1", b"cr_00000000000000aa-denied", ID)
    assert decode(CREATIVE, None, made.key, made.headers, NOW_MS, WireLimits()) is None


def test_one_that_names_nothing_means_whatever_stands() -> None:
    assert withdrawn_creative([("ce_id", b"x")]) is None


def test_the_generators_is_the_same() -> None:
    made = withdraw_creative(KEY, ID, "ended", 8, NOW_MS)
    assert made == withdrawal_output(KEY, ID, "ended", partition(b"u1", 8), NOW_MS)


def test_the_profile_lanes_is_the_same() -> None:
    story = Story()
    story.consent()
    story.creative(ID)
    story.lane.flush()
    story.consent(ts=NOW_MS, explicit={"profile": False})
    story.lane.flush()
    (gone,) = [each for each in story.lane.sent(CREATIVE.name) if each.value is None]
    kind, ce_id, creative = named(gone)
    assert (kind, creative) == (b"ads.creative.withdrawn.v1", ID)
    assert ce_id == b"cr_00000000000000aa-denied"
    assert withdrawn_because(gone.headers) == "denied"
    assert withdrawn_because([("ce_id", b"cr_00000000000000aa-denied")]) is None, "a null of others"
