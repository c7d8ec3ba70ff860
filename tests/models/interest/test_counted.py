"""Numbers of a batch for metrics: by status, and of the applied ones those that came late or are positive."""

from __future__ import annotations

from models.event.layout import EventKind, Status, empty_events
from models.interest.counted import COUNTED_LATE_MS, event_counts_of
from models.interest.profile import empty_profiles


def test_applied_events_are_late_against_their_own_user_and_positive_by_kind() -> None:
    profiles = empty_profiles(2)
    profiles["t_seen"] = 2 * COUNTED_LATE_MS, 0
    events = empty_events(6)
    events["user"] = 0, 0, 0, 1, 0, 0
    events["ts"] = COUNTED_LATE_MS, COUNTED_LATE_MS - 1, 2 * COUNTED_LATE_MS, 5, 0, 0
    events["kind"] = (
        EventKind.CLICK,
        EventKind.IMPRESSION,
        EventKind.CONVERSION,
        EventKind.DWELL,
        EventKind.CLICK,
        EventKind.CART,
    )
    events["status"] = *[Status.APPLIED] * 4, Status.DENIED, Status.DUPLICATE
    by_status = [0] * len(Status)
    by_status[Status.APPLIED], by_status[Status.DENIED], by_status[Status.DUPLICATE] = 4, 1, 1
    assert event_counts_of(events, profiles).tolist() == [*by_status, 1, 2]


def test_nothing_counts_nothing() -> None:
    assert event_counts_of(empty_events(0), empty_profiles(0)).tolist() == [0] * (len(Status) + 2)
