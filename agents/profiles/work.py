"""What every step of the profile agent is given: settings, one snapshot of the reference data, the lane's
ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.profiles.clock import LaneClock
from agents.profiles.reference import ProfilesSnapshot
from agents.profiles.rows.outcomes import Ledger
from models.arrays import Rows
from models.event.consent import (
    ALL_PURPOSES,
    KIND_C,
    KIND_X,
    open_row,
    own_purposes,
    purposes_in_force,
)
from models.event.layout import Purpose
from models.revocations import Revocations
from models.row import CONSENT_VERSION, EXPOSURES_VERSION
from streams import records as r
from streams.columns.names import Cells
from streams.settings import Settings
from streams.wire.codecs import WireLimits
from streams.wire.dead_letters import dead_letter
from streams.wire.refusals import Reject
from streams.wire.view import RecordBatch, View

PROFILES_APP: Final = "profiles"


@dataclass(frozen=True)
class Work:
    """Handed from step to step while one batch or sweep runs."""

    settings: Settings
    limits: WireLimits
    ref: ProfilesSnapshot
    cells: Cells
    ledger: Ledger
    revocations: Revocations
    clock: LaneClock

    @property
    def default_purposes(self) -> int:
        """Purpose bits of a user without a statement, outside of GDPR."""
        return ALL_PURPOSES if self.settings.consent_default else 0

    def code_name(self, code: int) -> str:
        """An interest code in words."""
        names: Sequence[str] = self.ref.catalog.code_names if self.ref.catalog is not None else ()
        return names[code] if code < len(names) else str(code)

    def settled_until_s(self, heard_ms: Mapping[str, int]) -> int:
        """Event time up to which no event is waited for any more, in seconds; may be negative."""
        return (self.clock.reached_ms(heard_ms) - int(self.settings.settle_late_s * 1000)) // 1000


@dataclass
class Users:
    """Copies of the rows of a batch's users, and which of them changed; shape (n,) each."""

    keys: list[bytes]
    consent: Rows
    profiles: Rows
    exposures: Rows
    changed_c: NDArray[np.bool_] = field(init=False)
    changed_p: NDArray[np.bool_] = field(init=False)
    changed_x: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.changed_c, self.changed_p, self.changed_x = np.zeros((3, len(self.keys)), np.bool_)

    def mark(self, view: View) -> None:
        """Hand the changes over. A row that is all zero goes."""
        for kind, changed in (("c", self.changed_c), ("p", self.changed_p), ("x", self.changed_x)):
            view.mark(kind, changed)

    def purposes(self, user: int, default: int) -> int:
        """Purpose bits in force for a user now."""
        return int(purposes_in_force(self.consent[user], False, default))

    def own_purposes(self, user: int, default: int) -> int:
        """Purpose bits that a user allows, whatever a partner denies."""
        return int(own_purposes(self.consent[user], False, default))

    def link(self, user: int, linked: bool, denies: int) -> None:
        """Note in row c whether the user states a link, and what the partner denies."""
        open_row(self.consent[user], KIND_C, CONSENT_VERSION)
        self.consent["linked"][user], self.consent["partner_denies"][user] = linked, denies
        self.changed_c[user] = True

    def may(self, user: int, purpose: Purpose, default: int) -> bool:
        return bool(self.purposes(user, default) & purpose)

    def fence_consent(self, user: int, source: int, offset: int) -> None:
        """Note in row c that an offset was applied."""
        open_row(self.consent[user], KIND_C, CONSENT_VERSION)
        self.consent["fence"][user, source] = offset
        self.changed_c[user] = True

    def fence_exposures(self, user: int, source: int, offset: int) -> None:
        """Note in row x that an offset was applied."""
        open_row(self.exposures[user], KIND_X, EXPOSURES_VERSION)
        self.exposures["fence"][user, source] = offset
        self.changed_x[user] = True

    def applied(self, user: int, source: int, offset: int) -> bool:
        """Whether an offset of a source was applied before."""
        c, x = self.consent[user], self.exposures[user]
        return any(row["version"] != 0 and offset <= row["fence"][source] for row in (c, x))

    def drop(self, kind: str, user: int) -> None:
        """Remove a row: all zero, as if it had never been."""
        rows, changed = (self.profiles, self.changed_p) if kind == "p" else (self.exposures, self.changed_x)
        rows[user : user + 1] = np.zeros(1, rows.dtype)
        changed[user] = True


def load_users(view: View, keys: list[bytes]) -> tuple[NDArray[np.int32], Users]:
    """Rows of these users, and for each key the index of its user."""
    index, rows = view.rows(keys)
    return index, Users(view.users(), rows["c"], rows["p"], rows["x"])


def refuse(view: View, batch: RecordBatch, rejects: Iterable[Reject], settings: Settings) -> None:
    """Dead letters, each with its reason."""
    for reject in rejects:
        view.send(
            dead_letter(
                batch.records[reject.index],
                settings.app_id(PROFILES_APP),
                reject.stage,
                reject.reason,
                reject.message,
            )
        )


def explicit_of(purposes: int) -> r.Explicit:
    """Purpose bits as messages say them."""
    return r.Explicit(**{each.name.lower(): bool(purposes & each) for each in Purpose if each.name})
