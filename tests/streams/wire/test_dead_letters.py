"""Dead letters: what is kept, what comes back, at most once, and the alarm on their share."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from dataclasses import replace
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_topics
from streams.broker.send_again import chosen, dead_letters, send_again
from streams.metrics.lanes import DEAD_LETTERS
from streams.metrics.totals import total
from streams.settings import Settings
from streams.topics import ALL_TOPICS, CLICK, CREATIVE, DEAD, TopicSpec
from streams.wire.codecs import COMPOSITE_KEY_MAX_BYTES, Reason
from streams.wire.codecs import headers as sent_with
from streams.wire.dead_letters import (
    REASON,
    REPLAYED,
    DeadLetter,
    DeadLetterRate,
    dead_letter,
    dead_letters_of,
)
from streams.wire.output import Output
from streams.wire.partition import partition

NOW = 1_795_291_200_000


def consumed(
    value: bytes | None = b"{",
    key: bytes | None = b"user1",
    headers: Any = (),
    topic: str = CLICK.name,
    place: tuple[int, int] = (2, 7),
) -> Any:
    return ConsumerRecord(topic, place[0], place[1], NOW, 1, key, value, None, 0, 0, headers)


def as_stored(output: Output) -> Any:
    return ConsumerRecord(
        output.topic, 0, 0, NOW + 5, 1, output.key, output.value, None, 0, 0, tuple(output.headers)
    )


def letter(**about: Any) -> DeadLetter:
    return DeadLetter.of(
        as_stored(dead_letter(consumed(**about), "shiftcast-profiles", "decode", Reason.NOT_JSON, "not JSON"))
    )


def test_a_dead_letter_is_counted_once_by_where_it_came_from_and_why() -> None:
    counter = DEAD_LETTERS.labels(CLICK.name, "decode", str(Reason.NOT_JSON))
    before, all_before = counter._value.get(), total(DEAD_LETTERS)
    letter()
    assert (counter._value.get() - before, total(DEAD_LETTERS) - all_before) == (1, 1)


headers = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=8).filter(lambda name: not name.startswith("shiftcast.")),
        st.binary(max_size=9),
    )
)


@given(st.one_of(st.none(), st.binary(max_size=50)), st.one_of(st.none(), st.binary(max_size=20)), headers)
def test_what_was_refused_comes_back_as_it_was(
    value: bytes | None, key: bytes | None, original: list[tuple[str, bytes]]
) -> None:
    again = letter(value=value, key=key, headers=original).again(4)
    assert (again.topic, again.key, again.value) == (CLICK.name, key, value)
    assert again.headers[:-1] == original
    assert again.headers[-1] == (REPLAYED, b"ads.click.v1/2/7")


def test_where_and_why_stand_in_headers() -> None:
    output = dead_letter(consumed(), "shiftcast-profiles", "validate", Reason.TOO_OLD, "ts is old")
    about = dict(output.headers)
    assert output.topic == DEAD.name
    assert about["__connect.errors.topic"] == b"ads.click.v1"
    assert (about["__connect.errors.partition"], about["__connect.errors.offset"]) == (b"2", b"7")
    assert (about["__connect.errors.stage"], about[REASON]) == (b"validate", b"too_old")
    assert output == dead_letter(consumed(), "shiftcast-profiles", "validate", Reason.TOO_OLD, "ts is old"), (
        "a replay makes the same letter"
    )


def test_of_a_huge_value_only_hash_and_length_travel_on() -> None:
    value = b"x" * 70_000
    output = dead_letter(consumed(value=value), "app", "decode", Reason.TOO_LARGE, "large")
    assert output.value == b""
    assert dict(output.headers)["shiftcast.value.sha256"] == hashlib.sha256(value).hexdigest().encode()
    back = DeadLetter.of(as_stored(output))
    assert (back.size, back.whole) == (70_000, False)
    assert letter(value=b"x" * 65_536).whole


@pytest.mark.parametrize("spec", [each for each in ALL_TOPICS if each.record], ids=lambda each: each.name)
def test_whatever_a_topic_takes_is_kept_whole_and_can_be_sent_again(spec: TopicSpec) -> None:
    about = sent_with(spec.ce_type, "id", NOW)
    came = consumed(b"v" * spec.value_bytes, b"k" * COMPOSITE_KEY_MAX_BYTES, about, spec.name)
    output = dead_letter(came, "shiftcast-profiles", "validate", Reason.BAD_STRING, "\u4e3b" * 9_999)
    back = DeadLetter.of(as_stored(output))
    again = back.again(12)
    assert back.whole and (again.key, again.value) == (came.key, came.value)
    assert again.headers[: len(about)] == about
    assert record_bytes(output) < DEAD.max_bytes
    larger = consumed(b"v" * (spec.value_bytes + 1), b"k", about, spec.name)
    assert not DeadLetter.of(as_stored(dead_letter(larger, "a", "decode", Reason.TOO_LARGE, ""))).whole


def record_bytes(output: Output) -> int:
    """At most, in a record batch of its own."""
    fields = [
        output.key,
        output.value,
        *(part for name, data in output.headers for part in (name.encode(), data)),
    ]
    return 61 + 32 + sum(len(each or b"") + 5 for each in fields)


def test_a_letter_fits_the_dead_letter_topic_whatever_came() -> None:
    output = dead_letter(
        consumed(value=b"v" * 900_000, key=b"k" * 200_000, headers=[("h", b"x" * 300_000)]),
        "app",
        "s",
        Reason.TOO_LARGE,
        "m" * 9_999,
    )
    size = (
        len(output.value or b"")
        + len(output.key or b"")
        + sum(len(name) + len(data) for name, data in output.headers)
    )
    assert size < DEAD.max_bytes // 4


def test_a_users_record_goes_to_the_users_partition_and_others_where_they_were() -> None:
    assert letter(key=b"user1").again(16).partition == partition(b"user1", 16)
    assert letter(key=b"u:user1|c|native", topic=CREATIVE.name).again(16).partition == partition(b"user1", 16)
    assert letter(key=b"c1", topic="ads.campaign.v1").again(16).partition == 2


def test_producers_cannot_forge_our_headers() -> None:
    forged = [
        ("shiftcast.reason", b"fine"),
        ("shiftcast.value.null", b"1"),
        ("__connect.errors.topic", b"ads.creative.v1"),
        ("mine", b"1"),
    ]
    back = letter(value=b"{", headers=forged)
    assert (back.reason, back.topic, back.value, back.headers) == (
        "not_json",
        CLICK.name,
        b"{",
        (("mine", b"1"),),
    )


def test_the_same_letter_twice_is_listed_once_and_a_mark_is_no_letter() -> None:
    first, second = letter(), letter(place=(2, 8))
    stored = [as_stored(dead_letter(consumed(), "a", "decode", Reason.NOT_JSON, "m"))] * 2 + [
        as_stored(first.mark())
    ]
    letters, replayed = dead_letters_of(
        [*stored, as_stored(dead_letter(consumed(place=(2, 8)), "a", "decode", Reason.NOT_JSON, "m"))]
    )
    assert [each.id for each in letters] == [first.id, second.id]
    assert replayed == {first.id}


def test_what_is_sent_again_is_chosen_by_reason_id_and_history() -> None:
    letters = [letter(place=(0, i)) for i in range(3)] + [letter(place=(1, 0), value=b"x" * 70_000)]
    letters[2] = replace(letters[2], reason="too_old")
    send, left_out = chosen(letters, {letters[0].id}, reason=None, letter_id=None, again=False)
    assert send == [letters[1], letters[2]]
    assert sum(left_out.values()) == 2
    assert chosen(letters, {letters[0].id}, reason=None, letter_id=letters[0].id, again=True)[0] == [
        letters[0]
    ]
    assert chosen(letters, set(), reason="too_old", letter_id=None, again=False) == ([letters[2]], {})


def test_the_alarm_rises_above_a_fifth_and_falls_when_the_window_has_passed() -> None:
    rate = DeadLetterRate(window_ms=1000)
    rate.add(0, 50, 50)
    assert not rate.alarm(0), "a few records are no bad deploy"
    rate.add(100, 200, 0)
    assert rate.share(100) == pytest.approx(0.2)
    assert not rate.alarm(100)
    rate.add(200, 10, 10)
    assert rate.alarm(200)
    assert rate.share(1000) == pytest.approx(10 / 210)
    assert rate.share(9999) == 0.0


def test_the_share_can_be_observed_from_growing_totals() -> None:
    rate = DeadLetterRate(window_ms=1000)
    assert rate.observe(0, 100, 0) == 0.0
    assert rate.observe(500, 200, 50) == pytest.approx(0.25)
    assert rate.observe(1200, 300, 50) == pytest.approx(0.25), "the first hundred has left the window"


@pytest.mark.broker
def test_a_letter_is_sent_again_once_over_the_broker(broker: str) -> None:
    settings = Settings(broker=broker)
    user = uuid.uuid4().hex.encode()
    offsets = [hash((user, i)) & 0xFFFFFFFF for i in range(2)]
    refused = [
        consumed(value=b'{"id":"e%d"}' % i, key=user, headers=[("ce_id", b"e")], place=(3, offset))
        for i, offset in enumerate(offsets)
    ]

    async def run() -> list[Any]:
        await create(settings)
        producer = OutputProducer(settings)
        await producer.start()
        await producer.send(
            [dead_letter(each, "test", "validate", Reason.WRONG_PARTITION, "wrong") for each in refused]
        )
        await producer.stop()
        for _ in range(2):
            letters, replayed = await dead_letters(settings)
            mine = [each for each in letters if each.key == user]
            send, _left_out = chosen(mine, replayed, reason="wrong_partition", letter_id=None, again=False)
            await send_again(settings, send)
        return [each async for each in read_topics(settings, [CLICK.name]) if each.key == user]

    found = asyncio.run(run())
    assert sorted(each.value for each in found) == [b'{"id":"e0"}', b'{"id":"e1"}'], "each exactly once"
    assert {each.partition for each in found} == {partition(user, 4)}
    assert all(dict(each.headers)["ce_id"] == b"e" and REPLAYED in dict(each.headers) for each in found)
