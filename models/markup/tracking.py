"""Events of an ad under the numbers and names of each standard. AdCOM's are the ones that creatives carry.

AdCOM 1.0 and Native 1.2 number the same events differently; VAST has names. Quartiles of a clip and reactions
of users have no number in AdCOM: they are told under the numbers that it leaves to vendors.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from models.campaigns import EventTracker

LOADED: Final = 1
IMPRESSION: Final = 2
VIEWABLE: Final = 3
VIEWABLE_VIDEO: Final = 5
"""AdCOM event types; viewable as the MRC has it: half of a picture for a second, of a clip for two."""
EVENT_TYPES: Final = (LOADED, IMPRESSION, VIEWABLE, 4, VIEWABLE_VIDEO)
METHODS: Final = (1, 2)
FIRST_OF_VENDORS: Final = 500
"""What AdCOM numbers itself; from here on a vendor does."""
PLAYED: Final = {501: "start", 502: "firstQuartile", 503: "midpoint", 504: "thirdQuartile", 505: "complete"}
"""Vendor event types of creatives: how far a clip was played, named as in VAST."""
REACTIONS: Final = {511: "like", 512: "hide", 513: "report"}
"""Vendor event types of what a user says of the ad; the address may be a link that he follows."""
NATIVE_EVENTS: Final = {2: 1, 3: 2, 4: 3, 5: 4}
"""AdCOM event type -> Native 1.2 event; Native has none for `loaded` and for quartiles."""
PIXEL: Final = 1
"""AdCOM tracking method: an image; 2 is a script, which only structured formats pass on."""


def reaction_addresses(trackers: Iterable[EventTracker]) -> dict[str, str]:
    """Addresses by what a user who follows them says of the ad; of each the first."""
    found: dict[str, str] = {}
    for each in trackers:
        if each.type in REACTIONS and each.method == PIXEL:
            found.setdefault(REACTIONS[each.type], each.url)
    return found


def pixels(trackers: Iterable[EventTracker], *events: int) -> list[str]:
    """Addresses of image trackers of these events, the events in the order given."""
    known = list(trackers)
    return [each.url for event in events for each in known if each.type == event and each.method == PIXEL]
