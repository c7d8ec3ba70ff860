"""What time alone ends: expired creatives, idle users, old counter windows, old erasures. A bounded part per
visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.profiles.audience import withdraw_segment
from agents.profiles.erasure import ERASED_KEPT_MS
from agents.profiles.exposures import settle_users
from agents.profiles.linked import tell_partners
from agents.profiles.made.creatives import withdraw
from agents.profiles.rows import portfolio
from agents.profiles.rows.made import forget_made
from agents.profiles.rows.outcomes import MAKINGS
from agents.profiles.work import Users, Work, load_users
from models.campaigns import LOOK_BACK_S
from models.earned.counters import LIFE_S, Window
from models.earned.exposures import EXPOSURES, IS_LIVE
from models.earned.settled import count_due
from models.event.consent import CONSENT_ROW
from streams.topics import DAY_MS, HOUR_MS, OUTCOME
from streams.wire.view import MOST_SWEPT, View

_ROWS: Final = 2_000
"""Rows of each kind looked at per visit."""
FORGOTTEN: Final = 300
"""Idle users, and erased ones, whose rows go per visit: with the others at most MOST_SWEPT."""
SETTLED: Final = 200
"""Users whose exposures are settled per visit; where there are more, the next visit comes soon."""
WITHDRAWN: Final = MOST_SWEPT - 2 * FORGOTTEN - SETTLED
"""Users whose creatives are withdrawn per visit: ad servers must not be flooded when many end together."""
EXPIRED_FOR_MS: Final = HOUR_MS
IDLE_MS: Final = LOOK_BACK_S * 1000
LIVES_AGAIN_MS: Final = DAY_MS
BEHIND_MS: Final = 60_000
"""While full batches wait for a lane, its rows are visited only this often: nothing of this is urgent."""
FOR_EVER_S: Final = 1 << 40


@dataclass
class Cursors:
    """Where each kind's round through the lane stands; b"" = at its beginning."""

    after: dict[str, bytes] = field(default_factory=dict)
    lives_ms: dict[str, int] = field(default_factory=dict)  # when a kind's last round began that sends lives
    sending: set[str] = field(default_factory=set)  # kinds whose round does
    visited_ms: int = 0


def sweep(view: View, now_ms: int, cursors: Cursors, work: Work) -> bool:
    """Look at the next rows of each kind. True: more exposures are over than one visit settles."""
    if view.behind and 0 <= now_ms - cursors.visited_ms < BEHIND_MS:
        return False
    cursors.visited_ms = now_ms
    _counters(view, now_ms, cursors, work)
    idle, expired, over = _exposures(view, now_ms, cursors, work)
    forgotten = _erased(view, now_ms, cursors)
    keys = [*over, *idle, *expired, *forgotten]
    if not keys:
        return False
    index, users = load_users(view, keys)
    if over:
        # the first of the keys are the first of the rows
        settle_users(view, users, slice(0, len(over)), work, work.settled_until_s(view.heard_ms))
    for place, user in enumerate(index[len(over) :].tolist()):
        if place < len(idle):
            _forget_idle(view, users, user, work)
        elif place < len(idle) + len(expired):
            _withdraw_expired(view, users, user, now_ms)
        else:
            users.consent[user : user + 1] = np.zeros(1, CONSENT_ROW)
            users.changed_c[user] = True
    tell_partners(view, users, now_ms, work)
    users.mark(view)
    return len(over) == SETTLED


def _next(view: View, kind: str, cursors: Cursors) -> Iterator[tuple[bytes, bytes]]:
    """The next rows of a kind; the round begins anew behind the last."""
    seen = 0
    for key, value in islice(view.scan(kind.encode(), cursors.after.get(kind, b"")), _ROWS):
        seen += 1
        cursors.after[kind] = key
        yield key, value
    if seen < _ROWS:
        cursors.after[kind] = b""


def _kept_ms(work: Work, least_ms: int) -> int:
    """Nothing goes while events as old as itself are still accepted: a historical replay raises that
    bound."""
    return max(least_ms, int(work.settings.max_event_age_s * 1000) + DAY_MS)


def _counters(view: View, now_ms: int, cursors: Cursors, work: Work) -> None:
    """Windows that no event may change any more, and that ads.outcome.v1 has forgotten, go. A campaign's life
    has no end: its rows are sent again before the topic forgets them."""
    before_s = (now_ms - _kept_ms(work, OUTCOME.retention_ms or 0)) // 1000
    for kind in ("a", MAKINGS.decode()):
        again = _sends_lives(kind, now_ms, cursors)
        for key, _ in list(_next(view, kind, cursors)):
            if len(key) == len(MAKINGS):  # the last result counted
                continue
            window = Window.of_key(key)
            if window.size_s == LIFE_S and again:
                work.ledger.touched[key] = window
            elif window.size_s != LIFE_S and window.start_s + window.size_s < before_s:
                view.put(key, None)


def _sends_lives(kind: str, now_ms: int, cursors: Cursors) -> bool:
    """Whether this round through the rows of a kind sends those of campaigns' lives again."""
    if not cursors.after.get(kind):  # it begins
        cursors.sending.discard(kind)
        if not 0 <= now_ms - cursors.lives_ms.get(kind, 0) < LIVES_AGAIN_MS:
            cursors.lives_ms[kind] = now_ms
            cursors.sending.add(kind)
    return kind in cursors.sending


def _exposures(view: View, now_ms: int, cursors: Cursors, work: Work) -> tuple[list[bytes], ...]:
    """Idle users, users with creatives that expired, users with exposures whose click window is over."""
    pairs = list(_next(view, "x", cursors))
    x = np.frombuffer(b"".join([value for _, value in pairs]), EXPOSURES)
    live = x["live_state"] == IS_LIVE
    gone = x["live_expires"].astype(np.int64) * 1000 < now_ms - EXPIRED_FOR_MS
    idle = (x["newest_s"] < (now_ms - _kept_ms(work, IDLE_MS)) // 1000) & ~live.any(axis=1)
    expired = (live & gone).any(axis=1)
    over = count_due(x, work.ref.joins, work.settled_until_s(view.heard_ms)) > 0
    seen = _rows_with(pairs, cursors, (idle, FORGOTTEN), (expired, WITHDRAWN), (over, SETTLED))
    return _users(pairs, idle[:seen]), _users(pairs, expired[:seen]), _users(pairs, over[:seen])


def _rows_with(
    pairs: list[tuple[bytes, bytes]], cursors: Cursors, *bounded: tuple[NDArray[np.bool_], int]
) -> int:
    """How many of the rows just read hold at most so many of each; the next visit goes on behind them."""
    seen = len(pairs)
    for found, most in bounded:
        places = np.flatnonzero(found[:seen])
        if len(places) > most:
            seen = int(places[most])
    if seen < len(pairs):
        key = pairs[seen - 1][0]
        cursors.after[key[:1].decode()] = key
    return seen


def _users(pairs: list[tuple[bytes, bytes]], chosen: NDArray[np.bool_]) -> list[bytes]:
    return [pairs[i][0][1:] for i in np.flatnonzero(chosen).tolist()]


def _withdraw_expired(view: View, users: Users, user: int, now_ms: int) -> None:
    held = portfolio.read_portfolio(view, users.keys[user])
    withdraw(view, users, user, held, lambda each: each.expires < now_ms - EXPIRED_FOR_MS, "expired")


def _erased(view: View, now_ms: int, cursors: Cursors) -> list[bytes]:
    """Users whose erasure no event can precede any more."""

    pairs = list(_next(view, "c", cursors))
    c = np.frombuffer(b"".join([value for _, value in pairs]), CONSENT_ROW)
    over = (c["erased_ts"] > 0) & (c["erased_ts"] < now_ms - ERASED_KEPT_MS)
    over &= (c["known"] == 0) & (c["linked"] == 0)
    return _users(pairs, over[: _rows_with(pairs, cursors, (over, FORGOTTEN))])


def _forget_idle(view: View, users: Users, user: int, work: Work) -> None:
    """Nothing came for 90 days: what was learnt goes, a statement of consent stays. No click window is
    longer."""
    settle_users(view, users, slice(user, user + 1), work, FOR_EVER_S)
    if users.profiles["audience"][user]:
        withdraw_segment(view, users, user, int(users.exposures["newest_s"][user]) * 1000)
    users.drop("p", user)
    users.drop("x", user)
    view.put(portfolio.row_key(users.keys[user]), None)
    forget_made(view, users.keys[user])
