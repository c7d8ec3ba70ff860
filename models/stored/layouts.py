"""Every kind of row of the profile app, by the character its keys begin with: today's layout and all before.

To change one: keep the dtype or the form that was in a module of this room, with the function that makes the
next version of it, and add both to `before` here. The new version's golden rows go to tests/golden/rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.earned.exposures import EXPOSURES
from models.event.consent import CONSENT_ROW
from models.interest.profile import PROFILE
from models.row import Earlier, RowLayout
from models.stored.counters import counters_with_plays, with_invalid_traffic, with_users
from models.stored.exposures import (
    EXPOSURES_1,
    EXPOSURES_2,
    EXPOSURES_3,
    with_cap_counts,
    with_touches,
    with_what_followed,
)
from models.stored.made import with_copy_ids, with_layout_chances
from models.stored.portfolio import with_headlines, with_origins, with_pictures, with_places, with_shown
from models.stored.profile import PROFILE_1, PROFILE_2, PROFILE_3, profile_with_room, with_ages, with_prices

ROW_LAYOUTS: Final[Mapping[str, RowLayout]] = {
    "c": RowLayout("consent", CONSENT_ROW),
    "p": RowLayout(
        "profile",
        PROFILE,
        (
            Earlier(PROFILE_1, profile_with_room),
            Earlier(PROFILE_2, with_prices),
            Earlier(PROFILE_3, with_ages),
        ),
    ),
    "x": RowLayout(
        "exposures",
        EXPOSURES,
        (
            Earlier(EXPOSURES_1, with_cap_counts),
            Earlier(EXPOSURES_2, with_touches),
            Earlier(EXPOSURES_3, with_what_followed),
        ),
    ),
    "r": RowLayout(
        "portfolio",
        before=(
            Earlier(None, with_places),
            Earlier(None, with_origins),
            Earlier(None, with_headlines),
            Earlier(None, with_pictures),
            Earlier(None, with_shown),
        ),
        deflated=True,
    ),
    "v": RowLayout("live creative", before=(Earlier(None, bytes),), deflated=True),  # version 1 never was
    "i": RowLayout("link", before=(Earlier(None, bytes),), deflated=True),  # version 1 ends without heard_ms
    "m": RowLayout(
        "made", before=(Earlier(None, with_copy_ids), Earlier(None, with_layout_chances)), deflated=True
    ),
    "a": RowLayout(
        "counters",
        before=(
            Earlier(None, with_invalid_traffic),
            Earlier(None, with_users),
            Earlier(None, counters_with_plays),
        ),
    ),
    "n": RowLayout("cell names"),
    "g": RowLayout("makings"),
    "o": RowLayout("outbox"),
    "t": RowLayout("triggers"),
    "q": RowLayout("inputs"),
}
