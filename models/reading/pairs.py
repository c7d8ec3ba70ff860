"""Pairs: two copies for the same brief side by side, of which a reader takes one or neither."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from models.brief.brief import Brief, Copy
from models.judge.spoilt import PLAIN_FAULTS
from models.reading.scoring import RELIABLE, ShareInterval, share_interval
from models.reading.sheet import brief_as_told

Taken = Literal["A", "B", "tie"]
TIE: Final = "tie"


class CopyPair(msgspec.Struct, frozen=True):
    """`one` is the copy whose part is to be known, `other` what it is compared with. `hidden`: good copy
    beside the same copy with a plain fault, which shows whether a reader reads."""

    source: str
    brief: Brief
    one: Copy
    other: Copy
    hidden: bool = False


class Side(msgspec.Struct, frozen=True):
    """What is seen of a copy."""

    headline: str
    body: str
    cta: str


class PairEntry(msgspec.Struct, frozen=True):
    """What a reader sees of a pair."""

    id: str
    brief: str
    A: Side
    B: Side


class PairSecret(msgspec.Struct, frozen=True):
    """What an entry is; `one`: the side on which the pair's `one` stands."""

    id: str
    one: Literal["A", "B"]
    pair: CopyPair


class ReaderPreference(msgspec.Struct, frozen=True):
    """What a reader says of a pair."""

    id: str
    better: Taken
    reason: str = ""


class ScoredPairs(NamedTuple):
    """One reading. `preferred`: by source, how often `one` was taken; a tie is half a time, so that its
    interval is rather too wide. `hidden_right`: of the hidden ones, how often the good side was taken."""

    hidden_right: ShareInterval
    counts: bool
    missing: int
    ties: int
    preferred: dict[str, ShareInterval]


def blind_pairs(pairs: Sequence[CopyPair], seed: int) -> tuple[list[PairEntry], list[PairSecret]]:
    """The sheet of some pairs and its key: order and sides shuffled. Deterministic."""
    rng = random.Random(seed)  # noqa: S311 - an order, no secret
    order = rng.sample(list(pairs), len(pairs))
    sides = rng.sample(["A", "B"] * ((len(order) + 1) // 2), len(order))  # as often on either side
    entries, secrets = [], []
    for number, (pair, one) in enumerate(zip(order, sides, strict=True)):
        name = hashlib.sha256(f"{seed}|{number}|{pair.brief.request_id}".encode()).hexdigest()[:12]
        first, second = (pair.one, pair.other) if one == "A" else (pair.other, pair.one)
        entries.append(PairEntry(name, brief_as_told(pair.brief), _side(first), _side(second)))
        secrets.append(PairSecret(name, "A" if one == "A" else "B", pair))
    return entries, secrets


def hidden_pairs(good: Sequence[tuple[Brief, Copy]], seed: int) -> list[CopyPair]:
    """Each of some good ads, of different items, beside itself with a plain fault that another one lends."""
    rng = random.Random(seed)  # noqa: S311 - a choice, no secret
    pairs = []
    for number, (brief, copy) in enumerate(good):
        others = [each for its, each in good if its.title != brief.title and its.locale == brief.locale]
        fault = PLAIN_FAULTS[number % len(PLAIN_FAULTS)]
        pairs.append(
            CopyPair("known", brief, copy, fault(copy, rng.choice(others), brief.locale), hidden=True)
        )
    return pairs


def scored_pairs(secrets: Sequence[PairSecret], marks: Sequence[ReaderPreference]) -> ScoredPairs:
    """What one reader says of a sheet of pairs. Raises ValueError for marks of another sheet, and for two of
    one pair."""
    said = {mark.id: mark.better for mark in marks}
    strange = said.keys() - {secret.id for secret in secrets}
    if strange or len(said) != len(marks):
        what = f"{min(strange)} is no pair of this sheet" if strange else "a pair is marked twice"
        raise ValueError(f"{what}: score a filled sheet with the key that was written beside it")
    read = [(secret, said[secret.id]) for secret in secrets if secret.id in said]
    hidden = [better == secret.one for secret, better in read if secret.pair.hidden]
    right = share_interval(sum(hidden), len(hidden))
    worth: dict[str, list[float]] = {}
    for secret, better in read:
        if not secret.pair.hidden:
            taken = 0.5 if better == TIE else float(better == secret.one)
            worth.setdefault(secret.pair.source, []).append(taken)
    return ScoredPairs(
        right,
        not hidden or right.value >= RELIABLE,
        len(secrets) - len(read),
        sum(better == TIE for secret, better in read if not secret.pair.hidden),
        {source: share_interval(sum(each), len(each)) for source, each in sorted(worth.items())},
    )


def _side(copy: Copy) -> Side:
    return Side(copy.headline, copy.description, copy.cta)
