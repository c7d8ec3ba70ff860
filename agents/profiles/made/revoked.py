"""Creatives that were revoked, or that their user is not to see while an experiment runs: found among all
rows of a lane, in rounds of bounded parts, and withdrawn.
Copy of the pool goes with a creative of it that a person denied: the lane alone knows which it was.

A round that began after a revocation was heard, or an experiment began, finds every creative that it touches:
those that arrive meanwhile are judged as they arrive. A new owner of the lane begins with a round.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

import msgspec

from agents.profiles.made.creatives import REVOKED_CAUSE, withdraw
from agents.profiles.made.trials import EXPERIMENT_CAUSE, Drawn, is_of_another_arm, narrowing
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
    the last one, knew when it began; `trials`: the experiments that narrow what some users see."""

    looked_for: int = 0
    trials: frozenset[str] = frozenset()
    under_way: bool = False
    _after: bytes = b""

    def begin(self, work: Work, now_ms: int) -> bool:
        """Begin a round when something was revoked, or an experiment began, since the last began. Whether one
        is under way."""
        grown, trials = work.revocations.grown, narrowing(work, now_ms)
        if grown != self.looked_for or not trials <= self.trials:
            self.looked_for, self.under_way, self._after = grown, True, b""
        self.trials = trials
        return self.under_way

    def go_on(self, view: View, work: Work, now_ms: int) -> bool:
        """The next part of the round. Whether more of it is left."""
        touched, seen = [], 0
        for key, payload in islice(view.scan(_KIND, self._after), ROWS):
            seen += 1
            self._after = key
            user = key[len(_KIND) :]
            if any(_why(each, user, work, now_ms) for each in _decoder.decode(payload).held):
                touched.append(user)
                if len(touched) == REVOKED:
                    break
        self.under_way = seen == ROWS or len(touched) == REVOKED
        if touched:
            index, users = load_users(view, touched)
            for user in index.tolist():
                _withdraw(view, users, user, work, now_ms)
            users.mark(view)
        return self.under_way


def _why(held: portfolio.Held, user: bytes, work: Work, now_ms: int) -> str | None:
    """The cause for which a creative must go, or None."""
    if work.revocations.why(held.made_of()) is not None:
        return REVOKED_CAUSE
    of = Drawn(held.campaign_id, held.template_id, held.arm)
    return EXPERIMENT_CAUSE if is_of_another_arm(user, of, now_ms, work) else None


def _withdraw(view: View, users: Users, user: int, work: Work, now_ms: int) -> None:
    """Live ones go from ad servers; all leave the row, so that the next round passes it by."""
    key = users.keys[user]
    held = portfolio.read_portfolio(view, key)
    causes = {each.key: _why(each, key, work, now_ms) for each in held.held}
    for each in held.held:
        _reject_copy(view, each, work.revocations)
    for cause in (REVOKED_CAUSE, EXPERIMENT_CAUSE):
        gone = {key for key, why in causes.items() if why == cause}
        withdraw(view, users, user, held, partial(_is_among, gone), cause)
    held.held = [each for each in held.held if causes[each.key] is None]
    portfolio.write(view, key, held)


def _is_among(keys: set[str], held: portfolio.Held) -> bool:
    return held.key in keys


def _reject_copy(view: View, held: portfolio.Held, revocations: Revocations) -> None:
    """State that copy must not be shown whose creative was denied, unless a newer word on it stands."""
    denied, said = revocations.get("creative", held.creative_id), revocations.get("copy", held.copy_id)
    if not held.copy_id or denied is None or not denied.lasting:
        return
    if said is None or said.since_ms < denied.since_ms:
        rejected = Revocation("copy", held.copy_id, denied.reason, view.now_ms, lasting=True)
        view.send(revocation_output(rejected, view.now_ms))
