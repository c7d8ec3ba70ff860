"""Which campaign and which items answer an interest: eligible first, then exact nearest items, then a varied
few of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.campaigns import Campaign
from models.catalog.popularity import of_rows
from models.catalog.prices import charged_by_currency
from models.catalog.space.basis import DIM
from models.catalog.version import Catalog
from models.choice.cross_sell import GOES_WITH, CrossSold, cross_sold, placed
from models.choice.right_item import LEANING, beyond_means, item_scores, nearness
from models.choice.selection import styles_of

MOST_SLOTS: Final = 3
"""Creatives one request may get: one per slot the user was seen in."""
NEAREST: Final = 100
FINAL: Final = 10
RELEVANCE: Final = 0.7
"""Lambda of MMR: weight of nearness against variety."""
_BLOCK_ROWS: Final = 65_536
"""Rows scored at once: what a block takes stays small beside the catalogue."""
NO_EXPIRY_MS: Final = np.iinfo(np.int64).max

RowArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Query:
    """What is known about the audience. `vector` (64,) in the catalogue's version; `suppressed` interest
    codes the user does not want.

    `slots` in the order they are wanted, empty = not known; `impressions` by campaign id, counted within the
    campaign's cap. `wanted` (m, 64): vectors of what the user took since his interest changed; `taken`: rows
    that he has just taken, which are not offered; `newest`: those rows that say
    most of what he takes next, newest first; `tier`: of prices that he chooses, 0 not known; `spending`: what
    he usually spends at once, in minor units of `currency`, None not known; `leaning` (codes,): of who starts
    from a portrait (models/choice/cold_start.py), while no item is `wanted`: one says more than any portrait.
    """

    vector: FloatArray
    now_ms: int
    slots: tuple[str, ...] = ()
    locale: str = "en"
    country: str | None = None
    device: int | None = None
    segment: str | None = None
    suppressed: frozenset[int] = frozenset()
    impressions: Mapping[str, int] | None = None
    wanted: FloatArray = field(default_factory=lambda: np.zeros((0, DIM), np.float32))
    taken: frozenset[int] = frozenset()
    newest: tuple[int, ...] = ()
    tier: int = 0
    spending: float | None = None
    currency: str = ""
    leaning: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Match:
    """The best campaign, the slots it can serve and up to ten catalogue rows with their scores
    (models.choice.right_item), in the order of MMR, and the row that each goes with, NOBODY = none."""

    campaign: Campaign
    slots: tuple[str, ...]
    rows: RowArray
    scores: FloatArray
    goes_with: RowArray


class Miss(Enum):
    """Why nothing matched; the value is the status of the generation result."""

    NO_MATCH = "no_match"
    CAPPED = "capped"


class Matcher:
    """One snapshot of catalogue and campaigns, prepared so that a query costs one matrix-vector product and a
    few maxima."""

    def __init__(
        self, catalog: Catalog, campaigns: Sequence[Campaign], revoked_items: Collection[str] = ()
    ) -> None:
        self.catalog = catalog
        expiries = [
            NO_EXPIRY_MS if item.valid_until_ms is None else item.valid_until_ms for item in catalog.items
        ]
        self._valid_until_ms = np.array(expiries, np.int64)
        self._available = np.array(
            [item.available and item.item_id not in revoked_items for item in catalog.items], bool
        )
        self._popularity = of_rows(catalog.popularity, len(catalog.items))
        self._prices = charged_by_currency(catalog.items)
        self._rows_of_category = _rows_by_category(catalog)
        shared: dict[tuple[tuple[str, ...], ...], RowArray] = {}
        self._rows: dict[str, RowArray] = {}
        for campaign in campaigns:
            choice = (campaign.item_ids, campaign.item_categories, campaign.blocked_categories)
            if choice not in shared:
                shared[choice] = self._advertised(campaign)
            self._rows[campaign.campaign_id] = shared[choice]
        self.campaigns = {
            campaign.campaign_id: campaign for campaign in sorted(campaigns, key=lambda c: c.campaign_id)
        }

    def match(self, query: Query, only: str | None = None) -> Match | Miss:
        """The eligible campaign whose best item is nearest to the query or goes with what was taken, the
        first by id of equals; `only` restricts to one campaign."""
        scores = np.where(self._open(query), self.catalog.vectors @ query.vector, -np.inf).astype(np.float32)
        sold = cross_sold(self.catalog, query.newest)
        scores[sold.rows] += GOES_WITH * sold.shares
        best: tuple[float, Campaign, tuple[str, ...]] | None = None
        best_of: dict[int, float] = {}  # campaigns that advertise the same items share one maximum
        capped = False
        for campaign in self.campaigns.values() if only is None else filter(None, [self.campaigns.get(only)]):
            slots = servable(campaign, query)
            rows = self._rows[campaign.campaign_id]
            if not slots or not targeted(campaign, query):
                continue
            score = best_of.get(id(rows))
            if score is None:
                score = best_of[id(rows)] = float(scores[rows].max(initial=-np.inf))
            if score == -np.inf:
                continue
            if over_cap(campaign, query):
                capped = True
            elif best is None or score > best[0]:
                best = score, campaign, slots
        if best is None:
            return Miss.CAPPED if capped else Miss.NO_MATCH
        rows = self._rows[best[1].campaign_id]
        return Match(best[1], best[2], *self._right_items(rows[np.isfinite(scores[rows])], query, sold))

    def _right_items(
        self, rows: RowArray, query: Query, sold: CrossSold
    ) -> tuple[RowArray, FloatArray, RowArray]:
        """At most FINAL of `rows` with their scores and what they go with: the best of the NEAREST to what is
        wanted now and of what goes with it."""
        vectors = self.catalog.vectors
        if query.leaning is not None and not len(query.wanted):
            near = LEANING * query.leaning[self.catalog.codes[rows]]
        else:
            near = nearness(vectors[rows], query.vector, query.wanted)
            kept = top_k(near, NEAREST)
            kept = np.append(kept, np.setdiff1d(np.flatnonzero(np.isin(rows, sold.rows)), kept))
            rows, near = rows[kept], near[kept]
        shares, goes_with = placed(sold, rows)
        scores = item_scores(
            near,
            self._popularity[rows],
            self.catalog.price_z[rows],
            query.tier,
            shares,
            self._beyond_means(rows, query),
        )
        final = mmr(vectors[rows], scores, FINAL)
        return rows[final], scores[final], goes_with[final]

    def _beyond_means(self, rows: RowArray, query: Query) -> FloatArray | float:
        prices = self._prices.get(query.currency)
        return 0.0 if prices is None else beyond_means(prices[rows], query.spending)

    def advertised_rows(self, campaign_id: str) -> RowArray:
        """Rows the campaign advertises, ascending; the same array for campaigns that advertise the same."""
        return self._rows[campaign_id]

    def nearest_rows(self, rows: RowArray, vectors: FloatArray, now_ms: int) -> RowArray:
        """The row of `rows` that may be advertised and is nearest to each of `vectors` (k, 64), the lowest of
        equals; -1 without any. (k,)"""
        usable = rows[self._available[rows] & (self._valid_until_ms[rows] > now_ms)]
        best = np.full(len(vectors), -1, np.int64)
        best_scores = np.full(len(vectors), -np.inf, np.float32)
        for start in range(0, len(usable), _BLOCK_ROWS):
            block = usable[start : start + _BLOCK_ROWS]
            scores = self.catalog.vectors[block] @ vectors.T
            top = scores.argmax(axis=0)
            found = scores[top, np.arange(len(vectors))]
            better = found > best_scores
            best[better], best_scores[better] = block[top[better]], found[better]
        return best

    def still_eligible(self, query: Query, campaign_id: str, item_id: str) -> tuple[str, ...]:
        """Slots in which a creative for this campaign and item may be shown again; empty = it may not."""
        campaign, row = self.campaigns.get(campaign_id), self.catalog.index.get(item_id)
        if campaign is None or row is None or not targeted(campaign, query) or over_cap(campaign, query):
            return ()
        advertised = row in self._rows[campaign_id] and self._open(query)[row]
        return servable(campaign, query) if advertised else ()

    def _open(self, query: Query) -> NDArray[np.bool_]:
        """Rows that may be advertised at all now: available, valid, of no suppressed code, not just taken;
        (n,)."""
        usable = self._available & (self._valid_until_ms > query.now_ms)
        if query.suppressed:
            usable &= ~np.isin(self.catalog.codes, list(query.suppressed))
        usable[list(query.taken)] = False
        return usable

    def _advertised(self, campaign: Campaign) -> RowArray:
        """Rows the campaign names, less those of a blocked category, ascending."""
        if campaign.item_ids or campaign.item_categories:
            named = {
                self.catalog.index[item_id] for item_id in campaign.item_ids if item_id in self.catalog.index
            }
            named.update(*(self._rows_of_category.get(category, ()) for category in campaign.item_categories))
        else:
            named = set(range(len(self.catalog.items)))
        blocked = {
            row
            for category in campaign.blocked_categories
            for row in self._rows_of_category.get(category, ())
        }
        return np.array(sorted(named - blocked), np.int64)


def servable(campaign: Campaign, query: Query) -> tuple[str, ...]:
    """At most three of the wanted slots that the campaign has an approved template and a style for; its first
    slot when none is known."""
    if not campaign.running(query.now_ms) or not styles_of(campaign):
        return ()
    wanted = (
        query.slots
        or campaign.slots
        or tuple(dict.fromkeys(template.slot for template in campaign.templates))
    )
    fitting = [slot for slot in dict.fromkeys(wanted) if campaign.drawn_templates(slot, query.locale)]
    return tuple(fitting[: MOST_SLOTS if query.slots else 1])


def targeted(campaign: Campaign, query: Query) -> bool:
    """Whether the audience is one the campaign wants: what it asks for must be known and listed."""
    return campaign.wants(query.country, query.device, query.segment)


def over_cap(campaign: Campaign, query: Query) -> bool:
    """Whether the user has seen the campaign as often as its tightest cap allows."""
    seen = (query.impressions or {}).get(campaign.campaign_id, 0)
    return any(cap.scope == "campaign" and seen >= cap.n for cap in campaign.caps)


def top_k(scores: FloatArray, k: int) -> RowArray:
    """Indices of the `k` largest scores, largest first, the lower index first among equals; exact."""
    if k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        above, level = np.flatnonzero(scores > edge), np.flatnonzero(scores == edge)
        chosen = np.concatenate([above, level[: k - len(above)]])
    else:
        chosen = np.arange(len(scores))
    return chosen[np.lexsort((chosen, -scores[chosen]))]


def mmr(vectors: FloatArray, scores: FloatArray, k: int, relevance: float = RELEVANCE) -> RowArray:
    """Order of at most `k` of unit `vectors` (n, d) by maximal marginal relevance (Carbonell and Goldstein
    1998).

    Each next one has the largest relevance * score - (1 - relevance) * (largest likeness to one already
    taken).
    """
    chosen: list[int] = []
    likeness = np.full(len(vectors), -np.inf, np.float32)
    value = relevance * scores
    for _ in range(min(k, len(vectors))):
        nearest = likeness if chosen else np.zeros(len(vectors), np.float32)
        gain = value - np.float32(1 - relevance) * nearest
        gain[chosen] = -np.inf
        chosen.append(int(np.argmax(gain)))
        likeness = np.maximum(likeness, vectors @ vectors[chosen[-1]])
    return np.array(chosen, np.int64)


def _rows_by_category(catalog: Catalog) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, item in enumerate(catalog.items):
        for category in item.categories:
            rows.setdefault(category, []).append(row)
    return rows
