"""Event time that a lane has reached."""

from __future__ import annotations

from agents.profiles.clock import SILENT_MS, TOPICS, UNHEARD_MS, LaneClock

NOW = 1_795_291_200_000
HOUR = 3_600_000


def clock_since(since: int = NOW - 9 * HOUR) -> LaneClock:
    return LaneClock(since)


def test_the_slowest_topic_says_how_far_event_time_has_come() -> None:
    clock = clock_since()
    assert clock.reached_ms(NOW) == 0
    clock.note(0, NOW, NOW)
    clock.note(1, NOW - 3 * HOUR, NOW)
    assert clock.reached_ms(NOW) == NOW - 3 * HOUR


def test_a_topic_that_brings_nothing_goes_on_with_the_workers_clock() -> None:
    clock = clock_since()
    clock.note(0, NOW, NOW)
    clock.note(1, NOW - 50, NOW)
    clock.note(0, NOW + HOUR, NOW + HOUR)
    assert clock.reached_ms(NOW + HOUR) == NOW + HOUR - 50 - SILENT_MS
    assert clock.reached_ms(NOW + SILENT_MS) == NOW - 50


def test_late_events_and_a_clock_that_is_set_back_do_not_turn_event_time_back() -> None:
    clock = clock_since()
    clock.note(0, NOW, NOW)
    clock.note(0, NOW - 9 * HOUR, NOW)
    assert clock.reached_ms(NOW) == NOW and clock.reached_ms(NOW - HOUR) == NOW


def test_history_that_is_replayed_is_waited_for() -> None:
    clock = clock_since()
    clock.note(0, NOW - 900 * HOUR, NOW)
    clock.note(1, NOW - 901 * HOUR, NOW + 5)
    assert clock.reached_ms(NOW + 5) == NOW - 901 * HOUR


def test_after_a_takeover_a_topic_that_was_not_heard_yet_is_waited_for() -> None:
    clock = clock_since(NOW)
    clock.note(0, NOW, NOW)
    assert clock.reached_ms(NOW + UNHEARD_MS - 1) == 0
    assert clock.reached_ms(NOW + UNHEARD_MS) == NOW + UNHEARD_MS - SILENT_MS
    for source in TOPICS:
        clock.note(source, NOW - source, NOW)
    assert clock.reached_ms(NOW) == NOW - max(TOPICS)
