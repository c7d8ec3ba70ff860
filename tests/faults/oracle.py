"""What the rows must be: the rules again in plain Python, one event at a time, obvious and slow.

Feed events in any order that keeps each topic's own. Consent, fences, event ids, exposures, joins, money and
counters are compared exactly; profiles are compared with the product's own kernel fed one event per batch
(tests/agents/profiles/test_update_profiles.py).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

DAY_S = 86_400
SIZES_S = (60, 3_600, DAY_S, 0)
ANY = ("*", "*", "*", "*")
"""Of a cell's names but the campaign."""
TOO_FAST_MS = 300
PURPOSES = ("profile", "personalise", "measure", "train")
PLAYED = {
    "start": "starts", "firstQuartile": "first_quartiles", "midpoint": "midpoints",
    "thirdQuartile": "third_quartiles", "complete": "completions",
}  # fmt: skip
"""How far a clip was played, and what counts it."""
SOURCES = (
    "ads.impression.v1", "ads.click.v1", "ads.conversion.v1", "ads.behavior.v1",
    "ads.consent.v1", "ads.privacy.request.v1", "ads.creative.v1",
)  # fmt: skip
CENTS = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KWD": 3}

Cell = tuple[str, str, str, str, str]


@dataclass
class Shown:
    ts: int
    ms: int
    imp: str
    creative: str | None
    cell: Cell | None
    micros: int
    currency: str
    nth: int
    viewed: bool = False
    clicked: bool = False  # by a click that left `acts`
    clicked_counted: bool = False


@dataclass
class Act:
    ts: int
    ms: int
    id: str
    imp: str | None
    creative: str | None
    cell: Cell
    field: str
    attributed: bool
    fit: bool = True  # there is an exposure, and it was not clicked too soon after it
    first: bool = True  # on its exposure

    @property
    def counted(self) -> str:
        """The counter it counts under."""
        return self.field if self.fit and self.first else "invalid_clicks"


@dataclass
class Sale:
    ts: int
    value: int
    currency: str
    imp: str | None
    click: str | None
    order: str | None
    cell: Cell
    touch: tuple[int, int] = (0, 0)  # 1 a view, 2 a click, 3 what was named; ts


@dataclass
class User:
    """Everything kept of one user."""

    granted: frozenset[str] | None = None
    stated_ts: int = 0
    erased_ts: int = 0
    fences: dict[str, int] = field(default_factory=dict)
    ids: list[tuple[str, str, int]] = field(default_factory=list)  # topic, id, append hour
    shown: list[Shown] = field(default_factory=list)
    lost_ts: int = -DAY_S  # of the newest exposure that left `shown`
    acts: list[Act] = field(default_factory=list)
    clicked: list[Act] = field(default_factory=list)  # attributed clicks that left `acts`
    sales: list[Sale] = field(default_factory=list)
    live: dict[str, Cell] = field(
        default_factory=dict
    )  # creatives of the user's own, oldest first, at most 6
    key_of: dict[str, str] = field(
        default_factory=dict
    )  # creative -> its topic key, while it is not replaced


class Oracle:
    """`counters[(cell, window_s, start_s)]` counts by name; money under "value:EUR" (minor units) and
    "micros:EUR"."""

    def __init__(self, default: Sequence[str] = (), click_s: int = 7 * DAY_S, view_s: int = DAY_S) -> None:
        self.users: dict[str, User] = defaultdict(User)
        self.counters: dict[tuple[Cell, int, int], Counter[str]] = defaultdict(Counter)
        self.statuses: Counter[str] = Counter()
        self.evicted = 0
        self._default = frozenset(default)
        self._click_s, self._view_s = click_s, view_s

    def apply(self, topic: str, key: bytes, value: bytes, offset: int, append_ts: int) -> None:
        """One record that passed the codec."""
        event = json.loads(value)
        name = key.decode()
        if topic == "ads.creative.v1":
            name = name.removeprefix("u:").split("|")[0]
        user = self.users[name]
        if offset <= user.fences.get(topic, -1):
            self.statuses["replayed"] += 1
            return
        if topic == "ads.creative.v1":
            user.fences[topic] = offset
            self._creative(user, event, key.decode())
            return
        if user.erased_ts and min(event["ts"], append_ts) <= user.erased_ts:
            self.statuses["erased"] += 1
            return
        self._state(user, event)
        allowed = self._default if user.granted is None else user.granted
        user.fences[topic] = offset
        if topic == "ads.consent.v1":
            self.statuses["applied"] += 1
        elif not allowed & {"profile", "measure"}:
            self.statuses["denied"] += 1
        elif self._seen(user, topic, event, append_ts):
            self.statuses["duplicate"] += 1
        else:
            self.statuses["applied"] += 1
            if "measure" in allowed:
                self._join(user, topic, event)

    def totals(self, window_s: int = DAY_S) -> Counter[str]:
        """All counters of one window size together."""
        total: Counter[str] = Counter()
        for (_, size, _), counts in self.counters.items():
            if size == window_s:
                total.update(counts)
        return total

    def _state(self, user: User, event: Mapping[str, Any]) -> None:
        stated = event.get("explicit")
        if not stated:
            return
        grants = frozenset(name for name in PURPOSES if stated.get(name))
        if user.granted is None or event["ts"] > user.stated_ts:
            user.granted, user.stated_ts = grants, event["ts"]
        elif event["ts"] == user.stated_ts:
            user.granted &= grants

    def _seen(self, user: User, topic: str, event: Mapping[str, Any], append_ts: int) -> bool:
        hour = append_ts // 3_600_000
        name = event["id"] + ("+viewable" if event.get("event", 2) > 2 else "")
        if any(t == topic and i == name and hour - h <= 24 for t, i, h in user.ids):
            return True
        user.ids = [*user.ids, (topic, name, hour)][-64:]
        return False

    def _join(self, user: User, topic: str, event: Mapping[str, Any]) -> None:
        ts = event["ts"] // 1000
        if topic == "ads.impression.v1":
            self._viewable(user, event, ts) if event.get("event", 2) > 2 else self._impression(
                user, event, event["ts"]
            )
        elif topic == "ads.click.v1":
            self._act(user, event, event["ts"], "clicks", event.get("campaign_id"))
        elif topic == "ads.conversion.v1" and event["type"] != "add_to_cart":
            self._sale(user, event, ts)
        elif topic == "ads.behavior.v1" and event.get("creative_id") and event["type"] == "video":
            self._play(user, event, event["ts"])
        elif topic == "ads.behavior.v1" and event.get("creative_id") and event["type"] == "feedback":
            self._act(
                user,
                event,
                event["ts"],
                {"like": "likes", "hide": "hides", "report": "reports"}[event["feedback"]],
                None,
            )

    def _impression(self, user: User, event: Mapping[str, Any], ts_ms: int) -> None:
        creative, cell = event.get("creative_id"), self._shown_cell(user, event)
        if creative is None and cell is None:
            return
        nth = min(7, sum(s.creative == creative for s in user.shown)) if creative else 0
        price = event.get("price") or {}
        micros = int(Fraction(str(price["cpm"])) * 1000) if price else 0
        at = divmod(ts_ms, 1000)
        shown = Shown(*at, event["id"], creative, cell, micros, price.get("cur", ""), nth)
        self._count_shown(user, shown, cell, 1)
        user.shown = sorted([*user.shown, shown], key=lambda s: s.ts)
        if len(user.shown) > 24:
            self.evicted += 1
            waiting = [s for s in user.shown if s.cell is None]
            lost = waiting[0] if len(waiting) > 4 else user.shown[0]
            user.shown.remove(lost)
            user.lost_ts = max(user.lost_ts, lost.ts)
        self._settle(user)

    def _shown_cell(self, user: User, event: Mapping[str, Any]) -> Cell | None:
        campaign = event.get("campaign_id")
        guess = (
            (campaign, event.get("slot") or "none", "none", event.get("template_id") or "none", "none")
            if campaign
            else None
        )
        return user.live.get(event.get("creative_id") or "", guess)

    def _count_shown(
        self, user: User, shown: Shown, cell: Cell | None, sign: int, within: bool = False
    ) -> None:
        if cell is None:
            return
        self._count_user(user, shown, cell, sign, within)
        money = {f"micros:{shown.currency}": shown.micros} if shown.micros else {}
        self._count(cell, shown.ts, sign, impressions=1, **{f"nth{shown.nth}": 1}, **money)
        if shown.viewed:
            self._count(cell, shown.ts, sign, viewable=1)
        if shown.clicked_counted:
            self._count(cell, shown.ts, sign, **{f"clicked{shown.nth}": 1})

    def _count_user(self, user: User, shown: Shown, cell: Cell, sign: int, within: bool) -> None:
        """Which of its cells counts a campaign's user depends on the order of events: here all do."""
        campaign = (cell[0], *ANY)
        others = [each for each in user.shown if each is not shown and each.cell is not None]
        for size in SIZES_S:
            start = window_start(shown.ts, size)
            lost = user.lost_ts > 0 and user.lost_ts >= start
            there = [each.cell for each in others if window_start(each.ts, size) == start]
            if cell not in there and (sign < 0 or not lost):
                self.counters[cell, size, start]["users"] += sign
            if cell[0] not in {each[0] for each in there if each} and (not lost or (sign < 0 and not within)):
                self.counters[campaign, size, start]["campaign_users"] += sign

    def _recount_clicked(self, user: User) -> None:
        clicked = [self._shown_for(user, a) for a in user.acts if a.counted == "clicks"]
        for shown in user.shown:
            now = shown.clicked or any(each is shown for each in clicked)
            if now != shown.clicked_counted and shown.cell is not None:
                self._count(shown.cell, shown.ts, 1 if now else -1, **{f"clicked{shown.nth}": 1})
            shown.clicked_counted = now

    def _viewable(self, user: User, event: Mapping[str, Any], ts: int) -> None:
        shown = next((s for s in user.shown if s.imp == event["id"]), None)
        if shown is not None:
            if not shown.viewed and shown.cell:
                self._count(shown.cell, shown.ts, 1, viewable=1)
            shown.viewed = True
        elif cell := self._shown_cell(user, event):
            self._count(cell, ts, 1, viewable=1)

    def _play(self, user: User, event: Mapping[str, Any], ts_ms: int) -> None:
        """A clip of a creative that is known never counts elsewhere: it is not kept."""
        name, live = PLAYED[event["kwarray"][0]], user.live.get(event["creative_id"])
        if live is None:
            self._act(user, event, ts_ms, name, None)
        else:
            self._count(live, ts_ms // 1000, 1, **{name: 1})

    def _act(self, user: User, event: Mapping[str, Any], ts_ms: int, name: str, campaign: str | None) -> None:
        act = Act(
            *divmod(ts_ms, 1000),
            event["id"],
            event.get("imp_id"),
            event.get("creative_id"),
            (campaign or "none", "none", "unattributed", "none", "none"),
            name,
            False,
        )
        cell = self._act_cell(user, act)
        act.cell, act.attributed = cell or act.cell, cell is not None
        # an exposure that left the list may have been that of the click: then it counts
        act.fit = name != "clicks" or user.lost_ts >= act.ts - DAY_S
        self._judge(user, act, [a for a in user.acts if (a.ts, a.ms) <= (act.ts, act.ms)])
        self._count(act.cell, act.ts, 1, **{act.counted: 1})
        if act.imp is None and act.creative is None:
            return
        user.acts = sorted([*user.acts, act], key=lambda a: (a.ts, a.ms))
        if len(user.acts) > 5:
            self.evicted += 1
            first = [a for a in user.acts if a.field in PLAYED.values()] or user.acts
            gone = next((a for a in first if a.attributed), first[0])
            user.acts.remove(gone)
            if gone.counted == "clicks" and (shown := self._shown_for(user, gone)):
                shown.clicked = True
            if gone.attributed and gone.counted == "clicks":
                user.clicked = sorted([*user.clicked, gone], key=lambda a: a.ts)[-8:]
        self._settle(user)

    def _judge(self, user: User, act: Act, before: Sequence[Act]) -> None:
        """Whether a click counts; one that has lost its exposure stays as it was."""
        shown = self._shown_for(user, act)
        if act.field != "clicks" or shown is None:
            return
        after_ms = (act.ts - shown.ts) * 1000 + act.ms - shown.ms
        act.fit = not 0 <= after_ms < TOO_FAST_MS
        act.first = not shown.clicked and not any(
            a.counted == "clicks" and self._shown_for(user, a) is shown for a in before
        )

    def _shown_for(self, user: User, act: Act) -> Shown | None:
        """The exposure that an act names, else the last of its creative before it; a day apart at most."""
        if act.imp is not None:
            same = [s for s in user.shown if s.imp == act.imp]
            return next((s for s in same if abs(s.ts - act.ts) <= DAY_S), None)
        for s in reversed(user.shown):
            after_ms = (act.ts - s.ts) * 1000 + act.ms - s.ms
            if act.creative is not None and s.creative == act.creative and 0 <= after_ms <= DAY_S * 1000:
                return s
        return None

    def _act_cell(self, user: User, act: Act) -> Cell | None:
        near = [s for s in user.shown if abs(s.ts - act.ts) <= DAY_S]
        for s in near:
            if act.imp is not None and s.imp == act.imp:
                return s.cell
        if act.creative in user.live:
            return user.live[act.creative or ""]
        same = [s for s in near if act.creative is not None and s.creative == act.creative]
        return same[-1].cell if same else None

    def _sale(self, user: User, event: Mapping[str, Any], ts: int) -> None:
        currency = event.get("cur", "XXX")
        value = round(Fraction(str(event["value"])) * 10 ** CENTS.get(currency, 2)) if "value" in event else 0
        names = (event.get("imp_id"), event.get("click_id"), event.get("order"))
        sale = Sale(ts, value, currency, *names, ("none", "none", "unattributed", "none", "none"))
        cell, sale.touch = self._touch(user, sale)
        sale.cell = cell or sale.cell
        self._count_sale(sale, sale.cell, 1)
        user.sales = sorted([*user.sales, sale], key=lambda s: s.ts)
        self.evicted += len(user.sales) > 8
        user.sales = user.sales[-8:]
        self._settle(user)

    def _count_sale(self, sale: Sale, cell: Cell, sign: int) -> None:
        self._count(cell, sale.ts, sign, conversions=1, **{f"value:{sale.currency}": sale.value})

    def _touch(self, user: User, sale: Sale) -> tuple[Cell | None, tuple[int, int]]:
        named = [a for a in [*user.acts, *user.clicked] if a.field == "clicks" and a.attributed and a.fit]
        clicks = [a for a in named if a.first]
        if sale.value < 0 and sale.order is not None:
            sold = [s for s in user.sales if s.order == sale.order and s.value >= 0 and s.touch[0]]
            return max(((s.cell, s.touch) for s in sold), key=lambda t: t[1], default=(None, (0, 0)))
        if sale.imp is not None:
            return next(((s.cell, (3, s.ts)) for s in user.shown if s.imp == sale.imp), (None, (0, 0)))
        if sale.click is not None:
            return next(((a.cell, (3, a.ts)) for a in named if a.id == sale.click), (None, (0, 0)))
        if sale.value < 0:
            return None, (0, 0)
        touches = [(2, a.ts, a.cell) for a in clicks if sale.ts - self._click_s <= a.ts <= sale.ts]
        touches += [
            (1, s.ts, s.cell) for s in user.shown if s.cell and sale.ts - self._view_s <= s.ts <= sale.ts
        ]
        rank, ts, cell = max(touches, key=lambda t: t[:2], default=(0, 0, None))
        return cell, (rank, ts)

    def _settle(self, user: User) -> None:
        for n, act in enumerate(user.acts):
            cell, was = self._act_cell(user, act), act.counted
            self._judge(user, act, user.acts[:n])
            if act.counted == "invalid_clicks" != was:
                self._uncredit(user, act)
            if (cell or act.cell, act.counted) != (act.cell, was):
                self._count(act.cell, act.ts, -1, **{was: 1})
                act.cell = cell or act.cell
                self._count(act.cell, act.ts, 1, **{act.counted: 1})
            act.attributed |= cell is not None
        self._recount_clicked(user)
        for sale in sorted(user.sales, key=lambda s: s.value < 0):  # returns follow their sales
            cell, touch = self._touch(user, sale)
            if cell and touch >= sale.touch:
                if cell != sale.cell:
                    self._count_sale(sale, sale.cell, -1)
                    self._count_sale(sale, cell, 1)
                    sale.cell = cell
                sale.touch = touch

    def _uncredit(self, user: User, act: Act) -> None:
        """A click does not count after all: what it earned is nobody's, until it is credited anew. One that
        repeats another goes on earning what names it."""
        for sale in user.sales:
            named = sale.touch[0] == 3 and not act.fit and (sale.click == act.id or sale.value < 0)
            if sale.touch[1] == act.ts and sale.cell == act.cell and (sale.touch[0] == 2 or named):
                self._count_sale(sale, sale.cell, -1)
                sale.cell, sale.touch = ("none", "none", "unattributed", "none", "none"), (0, 0)
                self._count_sale(sale, sale.cell, 1)

    def _creative(self, user: User, creative: Mapping[str, Any], key: str) -> None:
        arm = (creative.get("experiment") or {}).get("arm", "none")
        cell = (creative["campaign_id"], creative["slot"], arm, creative["template_id"], "none")
        user.key_of = {name: other for name, other in user.key_of.items() if other != key}
        if len(user.live) == 6 and creative["creative_id"] not in user.live:
            del user.live[
                next((name for name in user.live if name not in user.key_of), next(iter(user.live)))
            ]
        user.live[creative["creative_id"]] = cell
        user.key_of[creative["creative_id"]] = key
        for shown in user.shown:
            if shown.creative == creative["creative_id"] and shown.cell != cell:
                within = shown.cell is not None and shown.cell[0] == cell[0]
                self._count_shown(user, shown, shown.cell, -1, within)
                self._count_shown(user, shown, cell, 1)
                shown.cell = cell
        self._settle(user)

    def _count(self, cell: Cell, ts: int, sign: int, **amounts: int) -> None:
        for size in SIZES_S:
            for name, amount in amounts.items():
                self.counters[cell, size, window_start(ts, size)][name] += sign * amount


def window_start(ts: int, size_s: int) -> int:
    """Where the window of a time begins; 0 of the one without an end."""
    return ts // size_s * size_s if size_s else 0
