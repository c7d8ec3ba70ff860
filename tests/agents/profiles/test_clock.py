"""Event time that a lane has reached."""

from __future__ import annotations

from agents.profiles.clock import LaneClock

NOW = 1_795_291_200_000
HOUR = 3_600_000


def test_the_slowest_topic_says_how_far_event_time_has_come() -> None:
    clock = LaneClock()
    assert clock.reached_ms(NOW) == 0
    clock.note(0, NOW, NOW)
    clock.note(1, NOW - 3 * HOUR, NOW)
    assert clock.reached_ms(NOW) == NOW - 3 * HOUR


def test_a_topic_that_brings_nothing_goes_on_with_the_workers_clock() -> None:
    clock = LaneClock()
    clock.note(0, NOW, NOW)
    clock.note(1, NOW - 50, NOW)
    clock.note(0, NOW + HOUR, NOW + HOUR)
    assert clock.reached_ms(NOW + HOUR) == NOW + HOUR - 50


def test_late_events_and_a_clock_that_is_set_back_do_not_turn_event_time_back() -> None:
    clock = LaneClock()
    clock.note(0, NOW, NOW)
    clock.note(0, NOW - 9 * HOUR, NOW)
    assert clock.reached_ms(NOW) == NOW and clock.reached_ms(NOW - HOUR) == NOW


def test_history_that_is_replayed_is_waited_for() -> None:
    clock = LaneClock()
    clock.note(0, NOW - 900 * HOUR, NOW)
    clock.note(1, NOW - 901 * HOUR, NOW + 5)
    assert clock.reached_ms(NOW + 5) == NOW - 901 * HOUR
