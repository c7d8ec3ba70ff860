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
from models.row import RowLayout

ROW_LAYOUTS: Final[Mapping[str, RowLayout]] = {
    "c": RowLayout("consent", CONSENT_ROW),
    "p": RowLayout("profile", PROFILE),
    "x": RowLayout("exposures", EXPOSURES),
    "r": RowLayout("portfolio"),
    "v": RowLayout("live creative"),
    "a": RowLayout("counters"),
    "n": RowLayout("cell names"),
    "o": RowLayout("outbox"),
}
