"""What a tracker tells of a creative, and to whom and when the creative was shown."""

from __future__ import annotations

from typing import Final

import msgspec

CLICK: Final = 0
"""Stands beside AdCOM's event types, which have no click."""


class Beacon(msgspec.Struct, frozen=True, array_like=True):
    """One tracker of one creative. `event`: AdCOM's event type, a vendor's number of a clip's progress, or
    CLICK; `until_s`: Unix s after which it counts no more; `user`: '' when the creative is for everyone;
    `target`: where a click leads."""

    event: int
    creative_id: str
    campaign_id: str
    template_id: str
    slot: str
    until_s: int
    item_id: str = ""
    user: str = ""
    target: str = ""


class SealedShowing(msgspec.Struct, frozen=True, array_like=True):
    """One time that a creative was given out, by whoever gave it; `user` '' = nobody who may be followed."""

    id: str
    user: str = ""
