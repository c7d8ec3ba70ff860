"""Ways to choose the item of a creative, and how often each is right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from models.arrays import FloatArray, IntArray
from models.campaigns import Campaign, Template
from models.catalog.version import Catalog, item_key
from models.choice.cross_sell import cross_sold
from models.choice.expected_takes import TakesOpinion, item_traits
from models.choice.matching import FINAL, NEAREST, Match, Matcher, Query, mmr, top_k
from models.choice.selection import item_probabilities
from models.choice.served import nearest_segment, newest_items, served_vector, tier, top_codes
from models.click.behaviour import UserWants
from models.interest.profile import DIMENSIONS, RING
from tests.bench.items.moments import Moment

Chances = dict[int, float]
"""Chance of each row that can be chosen."""
Chooser = Callable[[Moment], Chances]

_TEMPLATE: Final = Template("t", "native", "en", "{title}", "", "", audit=3)
_SOFT: Final = 0.1
_EXPLORED: Final = 0.02


def hit_ratio(choose: Chooser, of: Sequence[Moment]) -> float:
    """Expected share of creatives whose item the user really took later; nan without moments."""
    hits = [sum(chance for row, chance in choose(one).items() if row in one.later) for one in of]
    return float(np.mean(hits)) if hits else float("nan")


def most_viewed(counts: IntArray) -> Chooser:
    """The same item for everybody: the one that most users took."""
    best = int(np.argmax(counts))
    return lambda one: {best: 1.0}


def nearest_varied(catalog: Catalog) -> Chooser:
    """What stood here first: ten of the nearest 100 to the served vector by MMR, softmax at 0.1."""

    def choose(one: Moment) -> Chances:
        scores = catalog.vectors @ _served(one, catalog)
        near = top_k(scores, NEAREST)
        final = near[mmr(catalog.vectors[near], scores[near], FINAL)]
        return _softmax(final, scores[final], _SOFT)

    return choose


def usual_price(catalog: Catalog, taken: IntArray) -> float | None:
    """In minor units; None where no price is known."""
    prices = [catalog.items[row].charged_minor for row in taken.tolist()]
    known = [math.log(price) for price in prices if price]
    return math.exp(sum(known) / len(known)) if known else None


def best_complement(catalog: Catalog) -> Chooser:
    """Of what goes with what the user took since the change the one that most buyers took; of nobody whose
    items go with nothing."""
    row_of = {item_key(item.item_id): row for row, item in enumerate(catalog.items)}

    def choose(one: Moment) -> Chances:
        wanted, taken = ([row_of[key] for key in keys] for keys in newest_items(one.row, one.fire))
        sold = cross_sold(catalog, wanted or taken)
        fresh = ~np.isin(sold.rows, [*wanted, *taken])
        if not fresh.any():
            return {}
        return {int(sold.rows[fresh][np.argmax(sold.shares[fresh])]): 1.0}

    return choose


def popular_near(catalog: Catalog, counts: IntArray, weight: float, since: bool) -> Chooser:
    """Of the note: similarity to the served vector, or to the mean item since the change, plus log
    popularity; the best one of those not taken yet."""
    popular = np.log1p(counts)

    def choose(one: Moment) -> Chances:
        wanted = catalog.vectors[_since_change(one)].sum(axis=0)
        vector = wanted / max(float(np.linalg.norm(wanted)), 1e-9) if since else _served(one, catalog)
        scores = catalog.vectors @ vector + weight * popular
        scores[one.taken[-RING:]] = -np.inf
        return {int(np.argmax(scores)): 1.0}

    return choose


def production(
    catalog: Catalog,
    popular: bool = True,
    crossed: bool = True,
    spending: bool = False,
    takes: TakesOpinion | None = None,
) -> Chooser:
    """What generators do, of one campaign that advertises everything; without popularity as before the first
    log was fitted on, not `crossed` without what is bought together. With `spending` the geometric mean of
    the prices of what the user took stands for what he spends at once: a file of sequences has no orders.
    `takes`: what is learnt of behaviour."""
    everything = Campaign("c", 1, "active", "", templates=(_TEMPLATE,))
    known = catalog if popular else replace(catalog, popularity=catalog.popularity[:0])
    matcher = Matcher(known if crossed else replace(known, complements=known.complements[:0]), [everything])
    row_of = {item_key(item.item_id): row for row, item in enumerate(catalog.items)}

    def choose(one: Moment) -> Chances:
        wanted, taken = ([row_of[key] for key in keys] for keys in newest_items(one.row, one.fire))
        query = Query(
            _served(one, catalog),
            int(one.row["t_ref"]),
            wanted=catalog.vectors[list(dict.fromkeys(wanted))],
            taken=frozenset((*wanted, *taken)),
            newest=tuple(dict.fromkeys(wanted or taken)),
            tier=tier(one.row),
            spending=usual_price(catalog, one.taken) if spending else None,
        )
        match = matcher.match(query)
        assert isinstance(match, Match)
        scores = match.scores
        if takes is not None:
            items = [item_traits(catalog, row) for row in match.rows.tolist()]
            scores = takes.scores(scores, items, _wish(one, catalog, query.newest), "clicks")
        return dict(zip(match.rows.tolist(), item_probabilities(scores).tolist(), strict=True))

    return choose


def _wish(one: Moment, catalog: Catalog, newest: Sequence[int]) -> UserWants:
    codes = [catalog.code_names[code] for code, _ in top_codes(one.row, int(one.row["t_ref"]))]
    recent = [catalog.items[row].item_id for row in newest]
    return UserWants(tuple(codes), tuple(recent), tier(one.row) or None)


def _served(one: Moment, catalog: Catalog) -> FloatArray:
    segment = nearest_segment(one.row, catalog.segments)
    mean = catalog.segments[segment] if segment >= 0 else np.zeros(DIMENSIONS, np.float32)
    return served_vector(one.row, mean, int(one.row["t_ref"]))


def _since_change(one: Moment) -> IntArray:
    slot = int(one.fire["change_slot"])
    return one.taken[-RING:] if slot < 0 else one.taken[slot - RING :]


def _softmax(rows: IntArray, scores: FloatArray, temperature: float) -> Chances:
    weights = np.exp((scores - scores.max()) / temperature)
    chances = _EXPLORED / len(rows) + (1 - _EXPLORED) * weights / weights.sum()
    return dict(zip(rows.tolist(), chances.tolist(), strict=True))
