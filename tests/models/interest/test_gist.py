"""What a batch says as a whole."""

from __future__ import annotations

from models.event.gist import Gist, bits_of, gist_of
from models.event.layout import CONSENT_KNOWN, GDPR, EventKind, empty_events


def test_the_newest_time_and_every_bit_and_kind_of_all_events() -> None:
    events = empty_events(3)
    events["ts"] = 5, 9, 7
    events["consent"] = GDPR, 0, CONSENT_KNOWN
    events["kind"] = EventKind.CLICK, EventKind.COMPLETED, EventKind.CLICK
    kinds = bits_of([EventKind.CLICK, EventKind.COMPLETED])
    assert gist_of(events) == Gist(9, GDPR | CONSENT_KNOWN, kinds)
    assert gist_of(events[2:]) == Gist(7, CONSENT_KNOWN, bits_of([EventKind.CLICK, EventKind.CLICK]))
