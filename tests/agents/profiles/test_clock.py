"""Event time that a lane has reached."""

from __future__ import annotations

from agents.profiles.clock import SILENT_MS, TOPICS, LaneClock

NOW = 1_795_291_200_000
HOUR = 3_600_000
FIRST, SECOND = TOPICS[:2]


def clock_since(since: int = NOW - 9 * HOUR) -> LaneClock:
    return LaneClock(since)


def heard(at: int, *topics: str) -> dict[str, int]:
    return dict.fromkeys(topics or TOPICS, at)


def test_the_slowest_topic_says_how_far_event_time_has_come() -> None:
    clock = clock_since()
    assert clock.reached_ms(heard(NOW)) == 0
    clock.note(FIRST, NOW, NOW)
    clock.note(SECOND, NOW - 3 * HOUR, NOW)
    assert clock.reached_ms(heard(NOW)) == NOW - 3 * HOUR


def test_a_topic_on_which_nothing_stands_goes_on_with_the_workers_clock() -> None:
    clock = clock_since()
    clock.note(FIRST, NOW, NOW)
    clock.note(SECOND, NOW - 50, NOW)
    clock.note(FIRST, NOW + HOUR, NOW + HOUR)
    assert clock.reached_ms(heard(NOW + HOUR)) == NOW + HOUR - 50 - SILENT_MS
    assert clock.reached_ms(heard(NOW + SILENT_MS)) == NOW - 50


def test_a_topic_that_is_not_read_to_its_end_is_waited_for_however_long_it_brings_nothing() -> None:
    clock = clock_since()
    clock.note(FIRST, NOW + HOUR, NOW + HOUR)
    clock.note(SECOND, NOW - 50, NOW)
    others = heard(NOW + HOUR, FIRST, *TOPICS[2:])
    assert clock.reached_ms(others) == NOW - 50
    assert clock.reached_ms(others | heard(NOW - 1, SECOND)) == NOW - 50
    assert clock.reached_ms(others | heard(NOW + HOUR, SECOND)) == NOW - 50 + HOUR - SILENT_MS


def test_late_events_and_a_clock_that_is_set_back_do_not_turn_event_time_back() -> None:
    clock = clock_since()
    clock.note(FIRST, NOW, NOW)
    clock.note(FIRST, NOW - 9 * HOUR, NOW)
    assert clock.reached_ms(heard(NOW)) == NOW and clock.reached_ms(heard(NOW - HOUR)) == NOW


def test_history_that_is_replayed_is_waited_for() -> None:
    clock = clock_since()
    clock.note(FIRST, NOW - 900 * HOUR, NOW)
    clock.note(SECOND, NOW - 901 * HOUR, NOW + 5)
    assert clock.reached_ms(heard(NOW + 5)) == NOW - 901 * HOUR


def test_after_a_takeover_a_topic_that_was_not_read_to_its_end_yet_is_waited_for() -> None:
    clock = clock_since(NOW)
    clock.note(FIRST, NOW, NOW)
    assert clock.reached_ms(heard(NOW + HOUR, FIRST)) == 0
    assert clock.reached_ms(heard(NOW + SILENT_MS - 1)) == 0
    assert clock.reached_ms(heard(NOW + SILENT_MS)) == NOW
    for n, topic in enumerate(TOPICS):
        clock.note(topic, NOW - n, NOW)
    assert clock.reached_ms({}) == NOW - len(TOPICS) + 1
