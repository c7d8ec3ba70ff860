"""Simulated users over a real catalogue: their interests, when these shift, and what they do; the truth is
known because it is made here.

Interest process of models/world/interests.py, one event at a time: theta ~ Dirichlet(a0 x popularity) over
leaf categories, sessions, stickiness within a session, noise by popularity; an abrupt shift draws theta anew.
What a user wants next never depends on what was shown, only who gets the click does
(models/world/true_effects.py), so the truth stays known while the loop runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.item import Item
from models.world.ad_server import AdServer, ShownCreative
from models.world.interests import NEW_SESSION, draw_theta, zipf
from models.world.markets import LanguageMarket, drawn_market, markets_of
from models.world.true_effects import CLICK_DELAY_S, SALE_DELAY_S, SEEN_S, USER_SHAPE, TrueEffects

WORLD_DAY_MS: Final = 86_400_000
SESSION_GAP_MS: Final = 45 * 60_000
NEWCOMERS: Final = 0.6
"""Users first come at any time in this first share of the past, not all at its beginning."""
EVENTS_PER_VISIT: Final = 2.3
"""Impression, positive and what follows, on average: turns a rate of events into positives per user."""
SLOT_SHARES: Final = {"native": 0.5, "social_1x1": 0.3, "banner_300x250": 0.2}
_COUNTRIES: Final = (("GBR", 0), ("DEU", 60), ("USA", -300), ("FRA", 60))
"""ISO 3166-1 alpha-3 and minutes from UTC."""
_DEVICES: Final = (4, 4, 2, 5)
"""AdCOM devicetype: phone, phone, personal computer, tablet."""


@dataclass(frozen=True)
class TrafficPlan:
    """How many live how long. `history` = mean positives per user, spread over `days` before now; `shifters`
    = share that shifts once."""

    users: int = 300
    history: int = 40
    days: float = 6.0
    shifters: float = 0.8
    live_positives: int = 36  # expected per user while live; the shift falls into the first third
    tag: str = "s1"


@dataclass
class Attraction:
    """What some impressions were truly worth: the sum of their chances of a click."""

    impressions: int = 0
    expected_clicks: float = 0.0
    clicks: int = 0


@dataclass(frozen=True)
class Act:
    """One thing a user did. `positive` numbers clicks and carts from 0 (-1: neither); `shift`: the first
    positive of a new interest."""

    kind: str  # impression | click | cart | product | dwell | conversion
    id: str
    user: str
    ts_ms: int
    item: Item
    slot: str
    device: int
    country: str
    utcoffset: int
    language: str = ""
    shown: ShownCreative | None = None
    imp_id: str | None = None
    dwell_ms: int = 0
    positive: int = -1
    shift: bool = False


@dataclass
class Visitor:
    """One user: interests, habits, and how far the life has come."""

    name: str
    market: LanguageMarket
    theta: NDArray[np.float64]  # (categories,), sums to 1
    stickiness: float
    noise: float
    slot: str
    device: int
    country: str
    utcoffset: int
    shift_at: int  # number of the positive that shifts, -1 never
    eagerness: float = 1.0  # a factor of every chance of a click
    taste: float = 0.0  # in [-1, 1]; another one with another interest
    category: int = -1  # of the last positive
    positives: int = 0
    acts: int = 0
    showings: dict[str, int] = field(default_factory=dict)  # creative -> how often it was shown
    worth: dict[str, Attraction] = field(default_factory=dict)  # campaign -> what its impressions were worth


class Traffic:
    """All users of one run; equal catalogue, plan and generator state give equal acts (until creatives come
    back to be shown)."""

    def __init__(
        self,
        items: Sequence[Item],
        plan: TrafficPlan,
        rng: np.random.Generator,
        sold: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """`sold`: what is sold in which language, item ids by language; None: all of it, to everybody."""
        self.plan, self.rng = plan, rng
        self.categories = sorted({item.category for item in items})
        self.items = {name: [item for item in items if item.category == name] for name in self.categories}
        self.by_id = {item.item_id: item for item in items}
        self.popularity = rng.permutation(zipf(len(self.categories)))
        self.markets = markets_of(self.items, self.popularity, sold or {})
        self.visitors = {v.name: v for v in (self._visitor(n) for n in range(plan.users))}
        self.effects = TrueEffects(int(rng.integers(2**31)))
        self.attraction: dict[tuple[str, str], Attraction] = {}  # (campaign, arm) -> what it was worth
        self.ads = AdServer()
        self._place = {name: at for at, name in enumerate(self.categories)}
        self._turn: list[Visitor] = []

    def _visitor(self, number: int) -> Visitor:
        rng, plan = self.rng, self.plan
        country, utcoffset = _COUNTRIES[int(rng.integers(len(_COUNTRIES)))]
        history = max(12, int(rng.normal(plan.history, plan.history / 6)))
        shifts = number < round(plan.users * plan.shifters)
        market = self.markets[0] if len(self.markets) == 1 else drawn_market(rng, self.markets)
        return Visitor(
            name=f"{plan.tag}u{number:05d}",
            market=market,
            theta=draw_theta(rng, market.popularity),
            stickiness=float(rng.beta(2, 3)),
            noise=float(rng.beta(2, 8)),
            slot=str(rng.choice(list(SLOT_SHARES), p=list(SLOT_SHARES.values()))),
            device=_DEVICES[int(rng.integers(len(_DEVICES)))],
            country=country,
            utcoffset=utcoffset,
            eagerness=float(rng.gamma(USER_SHAPE, 1 / USER_SHAPE)),
            taste=float(rng.uniform(-1, 1)),
            shift_at=history + int(rng.integers(1, max(2, plan.live_positives // 3))) if shifts else -1,
            positives=-history,
        )

    def history(self, now_ms: int) -> list[Act]:
        """All users' positives of the last `plan.days`, in sessions, oldest first. Call it once, before
        `visit`."""
        acts: list[Act] = []
        for visitor in self.visitors.values():
            count, visitor.positives = -visitor.positives, 0
            acts += self._past(visitor, count, now_ms)
        return sorted(acts, key=lambda act: act.ts_ms)

    def _past(self, visitor: Visitor, count: int, now_ms: int) -> list[Act]:
        fresh = self.rng.random(count) < NEW_SESSION
        fresh[0] = True
        known_ms = self.plan.days * WORLD_DAY_MS * (1 - self.rng.uniform(0, NEWCOMERS))
        steps = np.where(fresh, self.rng.exponential(1.0, count), 0.0)
        room = max(0.0, known_ms - (SESSION_GAP_MS + 60_000) * count)
        gaps = np.where(
            fresh, SESSION_GAP_MS + steps / steps.sum() * room * 0.98, self.rng.uniform(8_000, 60_000, count)
        )
        times = now_ms - int(known_ms) + np.cumsum(gaps).astype(np.int64)
        acts: list[Act] = []
        for ts_ms, session in zip(times.tolist(), fresh.tolist(), strict=True):
            acts += self._want(visitor, int(ts_ms), session, None)
        return acts

    def visit(self, ts_ms: int) -> list[Act]:
        """What the next user does at `ts_ms`: an impression, one positive, sometimes more. Users take turns
        in a new order each round."""
        if not self._turn:
            self._turn = [list(self.visitors.values())[n] for n in self.rng.permutation(len(self.visitors))]
        visitor = self._turn.pop()
        shown = self.ads.choose(self.rng, visitor.name, visitor.slot, self._interest_of(visitor))
        impression = replace(self._act(visitor, "impression", ts_ms, self._seen(visitor, shown)), shown=shown)
        return [
            impression,
            *self._want(visitor, ts_ms + 1, bool(self.rng.random() < NEW_SESSION), impression),
        ]

    def _interest_of(self, visitor: Visitor) -> Callable[[str], float]:
        return lambda category: (
            float(visitor.theta[self._place[category]]) if category in self._place else 0.0
        )

    def _clicks(self, visitor: Visitor, shown: ShownCreative, wanted: str) -> bool:
        """Whether the user clicks on what is shown; the chance is kept as the truth."""
        showing = visitor.showings[shown.creative_id] = visitor.showings.get(shown.creative_id, 0) + 1
        chance = 0.0
        if shown.category == wanted:
            chance = self.effects.click_chance(
                shown.slot, shown.arm, shown.features, visitor.eagerness, visitor.taste, showing
            )
        clicked = bool(self.rng.random() < chance)
        for worth in (
            self.attraction.setdefault((shown.campaign_id, shown.arm), Attraction()),
            visitor.worth.setdefault(shown.campaign_id, Attraction()),
        ):
            worth.impressions += 1
            worth.expected_clicks += chance
            worth.clicks += clicked
        return clicked

    def _seen(self, visitor: Visitor, shown: ShownCreative | None) -> Item:
        if shown is not None and shown.item_id in self.by_id:
            return self.by_id[shown.item_id]
        law = visitor.market.popularity
        return self._item(int(self.rng.choice(len(law), p=law)))

    def _item(self, category: int) -> Item:
        choice = self.items[self.categories[category]]
        return choice[min(int(self.rng.exponential(len(choice) / 3)), len(choice) - 1)]

    def _want(self, visitor: Visitor, ts_ms: int, session: bool, impression: Act | None) -> list[Act]:
        """One positive event and what goes with it; the category comes from the interest process alone."""
        rng = self.rng
        shift = visitor.positives == visitor.shift_at
        if shift:
            visitor.theta, visitor.category = draw_theta(rng, visitor.market.popularity), -1
            visitor.taste = float(rng.uniform(-1, 1))
        if session or visitor.category < 0 or rng.random() >= visitor.stickiness:
            law = visitor.market.popularity if rng.random() < visitor.noise else visitor.theta
            visitor.category = int(rng.choice(len(law), p=law))
        shown = impression.shown if impression is not None else None
        wanted = self.categories[visitor.category]
        by_advert = shown is not None and self._clicks(visitor, shown, wanted)
        if by_advert:
            ts_ms += int(1_000 * (SEEN_S + rng.exponential(CLICK_DELAY_S)))
        item = self.by_id.get(shown.item_id) if shown is not None and by_advert else None
        item = item or self._item(visitor.category)
        kind = "click" if by_advert or rng.random() < 0.8 else "cart"
        positive = replace(
            self._act(visitor, kind, ts_ms, item),
            shown=shown if by_advert else None,
            imp_id=impression.id if impression is not None and by_advert else None,
            positive=visitor.positives,
            shift=shift,
        )
        visitor.positives += 1
        return [positive, *self._after(visitor, positive)]

    def _after(self, visitor: Visitor, positive: Act) -> Iterator[Act]:
        """What may follow a click: reading, and buying the same item."""
        if positive.kind == "click" and self.rng.random() < 0.3:
            dwell_ms = int(np.clip(self.rng.lognormal(10.0, 0.7), 1_000, 600_000))
            yield replace(self._act(visitor, "dwell", positive.ts_ms + 1, positive.item), dwell_ms=dwell_ms)
        if positive.kind == "click" and self.rng.random() < 0.06:
            later_ms = 2 + int(1_000 * self.rng.exponential(SALE_DELAY_S))
            bought = self._act(visitor, "conversion", positive.ts_ms + later_ms, positive.item)
            yield replace(bought, shown=positive.shown, imp_id=positive.imp_id)

    def _act(self, visitor: Visitor, kind: str, ts_ms: int, item: Item) -> Act:
        visitor.acts += 1
        name = f"{visitor.name}-{visitor.acts}"
        place = (visitor.slot, visitor.device, visitor.country, visitor.utcoffset, visitor.market.language)
        return Act(kind, name, visitor.name, ts_ms, item, *place)
