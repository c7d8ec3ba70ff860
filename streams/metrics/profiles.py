"""What events do to profiles, and what follows."""

from __future__ import annotations

from prometheus_client import Counter

EVENTS_ADMITTED = Counter("shiftcast_events_total", "events by what admission decided", ["topic", "status"])
DUPLICATES = Counter("shiftcast_duplicates_total", "events whose id was seen before", ["topic"])
LATE = Counter(
    "shiftcast_late_events_total",
    "events older than the user's newest by more than the lateness bound",
    ["topic"],
)
CONSENT_DENIED = Counter("shiftcast_consent_denied_total", "events not learnt for lack of consent", ["topic"])
ERASURES = Counter("shiftcast_erasures_total", "users erased")
LINKS = Counter(
    "shiftcast_links_total", "users whose link with another pseudonym began to count, or ended", ["what"]
)
SHIFTS = Counter("shiftcast_shifts_total", "interest shifts noticed", ["kind"])
POSITIVE_EVENTS = Counter("shiftcast_positive_events_total", "events that move a profile")
REQUESTS = Counter("shiftcast_requests_total", "creative requests sent", ["trigger"])
REDECIDED = Counter("shiftcast_redecided_total", "creatives whose request this replay did not make again")
