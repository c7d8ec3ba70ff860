"""Creatives that were revoked: found among all rows of a lane, in rounds of bounded parts, and withdrawn.
Copy of the pool goes with a creative of it that a person denied: the lane alone knows which it was.

A round that began after a revocation was heard finds every creative that it touches: those that arrive
meanwhile are judged as they arrive. A new owner of the lane begins with a round.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec

from agents.profiles.made.creatives import REVOKED_CAUSE, withdraw
from agents.profiles.rows import portfolio
from agents.profiles.work import Users, Work, load_users
from models.revocations import Revocation, Revocations
from streams.mapping.revocations import revocation_output
from streams.wire.view import View

ROWS: Final = 1_000
"""Rows looked at per visit."""
REVOKED: Final = 200
"""Users whose creatives are withdrawn per visit: ad servers must not be flooded."""
_KIND: Final = b"r"


class _Live(msgspec.Struct, array_like=True):
    """What a row's beginning says; the rest is left undecoded."""

    held: list[portfolio.Held] = []


_decoder: Final = msgspec.msgpack.Decoder(_Live)


@dataclass
class RevokingRounds:
    """How far one lane has come. `looked_for`: the revocations (Revocations.grown) that the round at hand, or
    the last one, knew when it began."""

    looked_for: int = 0
    under_way: bool = False
    _after: bytes = b""

    def begin(self, work: Work) -> bool:
        """Begin a round when something was revoked since the last began. Whether one is under way."""
        grown = work.revocations.grown
        if grown != self.looked_for:
            self.looked_for, self.under_way, self._after = grown, True, b""
        return self.under_way

    def go_on(self, view: View, work: Work) -> bool:
        """The next part of the round. Whether more of it is left."""
        touched, seen = [], 0
        for key, payload in islice(view.scan(_KIND, self._after), ROWS):
            seen += 1
            self._after = key
            if _is_touched(payload, work.revocations):
                touched.append(key[len(_KIND) :])
                if len(touched) == REVOKED:
                    break
        self.under_way = seen == ROWS or len(touched) == REVOKED
        if touched:
            index, users = load_users(view, touched)
            for user in index.tolist():
                _withdraw_revoked(view, users, user, work.revocations)
            users.mark(view)
        return self.under_way


def _is_touched(payload: bytes, revocations: Revocations) -> bool:
    return any(revocations.why(each.made_of()) for each in _decoder.decode(payload).held)


def _withdraw_revoked(view: View, users: Users, user: int, revocations: Revocations) -> None:
    """Live ones go from ad servers; all leave the row, so that the next round passes it by."""
    held = portfolio.read_portfolio(view, users.keys[user])
    for each in held.held:
        _reject_copy(view, each, revocations)
    withdraw(view, users, user, held, lambda each: revocations.why(each.made_of()) is not None, REVOKED_CAUSE)
    held.held = [each for each in held.held if revocations.why(each.made_of()) is None]
    portfolio.write(view, users.keys[user], held)


def _reject_copy(view: View, held: portfolio.Held, revocations: Revocations) -> None:
    """State that copy must not be shown whose creative was denied, unless a newer word on it stands."""
    denied, said = revocations.get("creative", held.creative_id), revocations.get("copy", held.copy_id)
    if not held.copy_id or denied is None or not denied.lasting:
        return
    if said is None or said.since_ms < denied.since_ms:
        rejected = Revocation("copy", held.copy_id, denied.reason, view.now_ms, lasting=True)
        view.send(revocation_output(rejected, view.now_ms))
