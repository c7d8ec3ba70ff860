"""What simulated users saw and did, as the topics would bring it: foreign impressions, late touches, returns,
creatives that are published after they were shown."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

DAY_S: Final = 86_400
BEGIN_S: Final = 1_790_000_000
MOST_OWN: Final = 4
"""Creatives of one user."""
Kind = Literal["publish", "impression", "click", "conversion"]


@dataclass(frozen=True)
class CapRule:
    """At most `n` in `per_s` seconds (None = ever), of one creative or of the whole campaign."""

    n: int
    per_s: int | None
    creative: bool = False


@dataclass(frozen=True)
class Campaign:
    """What the advertiser asked for; None = as everybody."""

    caps: tuple[CapRule, ...] = ()
    click_s: int | None = None
    view_s: int | None = None


CAMPAIGNS: Final = (
    *(Campaign((CapRule(5, DAY_S),)) for _ in range(6)),
    *(Campaign((CapRule(2, 3_600, True), CapRule(20, 7 * DAY_S))) for _ in range(3)),
    *(Campaign((CapRule(9, None, True), CapRule(12, None))) for _ in range(3)),
    *(Campaign((CapRule(30, 7 * DAY_S),), view_s=0) for _ in range(3)),
    *(Campaign((CapRule(4, 30 * DAY_S),), click_s=14 * DAY_S, view_s=3 * DAY_S) for _ in range(3)),
    *(Campaign() for _ in range(6)),
)
"""Eighteen with caps: more than a user's row counts at a time."""


LATE_SHARE: Final = 0.1


@dataclass(slots=True)
class Happened:
    """One record. Ids are numbers, 0 = none; campaign None = not named."""

    kind: Kind
    ts: int  # s
    arrived: int  # s
    id: int = 0
    imp: int = 0
    click: int = 0
    creative: int = 0
    campaign: int | None = None
    order: int = 0
    value: int = 0


@dataclass
class _User:
    rng: random.Random
    ts: int
    late_share: float
    used: set[int] = field(default_factory=set)
    ids: int = 0
    log: list[Happened] = field(default_factory=list)
    own: dict[int, int] = field(default_factory=dict)  # creative -> campaign
    orders: list[tuple[int, int, int]] = field(default_factory=list)  # number, ts, value

    def id(self) -> int:
        self.ids += 1
        return self.ids

    def second(self, ts: int) -> int:
        """No two events of a user in one second: which came later must be plain."""
        while ts in self.used:
            ts += 1
        self.used.add(ts)
        return ts

    def add(self, kind: Kind, ts: int, **fields: int | None) -> Happened:
        ts = self.second(ts)
        late = int(self.rng.expovariate(1 / 40_000)) if self.rng.random() < self.late_share else 0
        made = Happened(kind, ts, ts + late, self.id(), **fields)  # type: ignore[arg-type]
        self.log.append(made)
        return made


def users(n: int, seed: int, late_share: float = LATE_SHARE) -> Iterator[list[Happened]]:
    """The records of one user after another, each in the order they arrive, until there are `n`.
    `late_share` of them arrive hours after they happened, behind what happened later."""
    rng = random.Random(seed)
    while n > 0:
        log = _life(rng, min(600, 1 + int(rng.lognormvariate(3, 1))), late_share)[:n]
        n -= len(log)
        yield log


def _life(rng: random.Random, length: int, late_share: float) -> list[Happened]:
    user, pace = _User(rng, BEGIN_S, late_share), rng.choice((600, 3_600, 20_000))
    favourites = rng.sample(range(len(CAMPAIGNS)), rng.choice((2, 4, len(CAMPAIGNS))))
    while len(user.log) < length:
        user.ts += 1 + int(rng.expovariate(1 / pace))
        if len(user.own) < MOST_OWN and rng.random() < 0.1:
            _publish(user, rng.choice(favourites), pace)
        else:
            _next(user, favourites)
    return sorted(user.log, key=lambda each: each.arrived)


def _publish(user: _User, campaign: int, pace: int) -> None:
    """A creative whose record is read somewhat after its first impressions may be."""
    creative = len(user.own) + 1
    user.own[creative] = campaign
    read = user.ts + int(user.rng.expovariate(1 / pace))
    user.log.append(Happened("publish", user.ts, read, creative=creative, campaign=campaign))


def _next(user: _User, favourites: list[int]) -> None:
    rng, chance = user.rng, user.rng.random()
    if chance < 0.4:
        imp = user.add("impression", user.ts, creative=900 + rng.randrange(9) if rng.random() < 0.1 else 0)
        if rng.random() < 0.1:
            user.add("click", user.ts + rng.randrange(1, 300), imp=imp.id)
    elif chance < 0.85:
        _own(user, favourites)
    elif chance < 0.97 or not user.orders:
        _buy(user)
    else:
        order, ts, value = rng.choice(user.orders)
        order = 0 if rng.random() < 0.1 else 77_777 if rng.random() < 0.1 else order
        user.add("conversion", max(user.ts, ts + 1), order=order, value=-rng.randrange(1, value))


def _own(user: _User, favourites: list[int]) -> None:
    rng = user.rng
    creative = rng.choice(list(user.own)) if user.own and rng.random() < 0.6 else 0
    campaign = None if creative else rng.choice(favourites)
    shown = user.add("impression", user.ts, creative=creative, campaign=campaign)
    if rng.random() < 0.15:
        names = {"imp": shown.id, "creative": creative}
        if creative and rng.random() < 0.3:
            names["imp"] = 0
        user.add("click", user.ts + rng.randrange(1, 300), **(names if rng.random() < 0.95 else {}))


def _buy(user: _User) -> None:
    rng = user.rng
    named: dict[str, int] = {}
    touched = [each for each in user.log if each.kind in ("impression", "click")]
    if touched and rng.random() < 0.2:
        touch = rng.choice(touched)
        named = {"imp" if touch.kind == "impression" else "click": touch.id}
    order, value = user.id(), rng.randrange(100, 20_000)
    user.orders.append((order, user.ts, value))
    user.add("conversion", user.ts, order=order, value=value, **named)
