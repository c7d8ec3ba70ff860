"""What the watch over the inputs finds, and what to type about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from models.inputs.counts import QUALITY
from models.inputs.reference import InputReference
from models.inputs.window import Seen
from models.stability import unexplained_shift

LEAST_EVENTS: Final = 200
LEAST_POSITIVES: Final = 1_000
"""Fewer say nothing."""
LEAST_BLOCKS: Final = 2
"""What one part of a day likes and does differs from the days that were calibrated on without being drift."""


class Bound(NamedTuple):
    """A share that is too high: of what, less what, from where on, how it is said, and what repairs it."""

    of: str
    less: tuple[str, ...]
    most: float
    text: str
    repair: str


BOUNDS: Final = {
    "no_item": Bound(
        "with_item", (), 0.5,
        "of clicks, carts, conversions and product views name no item: no interest is learnt of them",
        "have the producers send item_id; `shiftcast schema` says where",
    ),
    "unknown_item": Bound(
        "with_item", (), 0.1,
        "of clicks, carts, conversions and product views name an item that the catalogue lacks",
        "`shiftcast index --load FILE.jsonl`",
    ),
    "no_price": Bound(
        "with_item", ("no_item", "unknown_item"), 0.2,
        "of what is known to be clicked, bought or viewed has no price, and other items have one",
        "`shiftcast index --load FILE.jsonl`, with price and cur",
    ),
    "duplicate": Bound(
        "events", (), 0.05,
        "of the events came again",
        "look for a producer that retries without enable.idempotence=true",
    ),
    "late": Bound(
        "events", (), 0.05,
        "of the events are a day older than their user's newest: they change counters only",
        "have the producers send sooner, and replay history before live traffic",
    ),
    "bot": Bound(
        "events", (), 0.1,
        "of the events are those of bots",
        "keep them out before the collector; many lines of one purchase need `order`",
    ),
}  # fmt: skip
CODES_MOST: Final = 0.2
SCORES_MOST: Final = 0.1
"""Of the stability index beyond chance. Scores are steadier than interests: with every user's interest
shifting they move by 0.18, with 60 users of one population instead of 1,500 by 0.004, codes by 0.07."""
REFIT: Final = "`shiftcast index --refit`, then `shiftcast calibrate --target 5 --publish`"
CALIBRATE: Final = "`shiftcast calibrate --target 5 --publish`"


class InputAlarm(NamedTuple):
    """`what` of the inputs is not as it should be."""

    what: str
    text: str
    repair: str


class InputState(NamedTuple):
    """Shares 0..1 by name of QUALITY, and how far codes and scores are from those of the calibration beyond
    chance; what cannot be said is left out."""

    shares: dict[str, float]
    drift: dict[str, float]
    alarms: tuple[InputAlarm, ...]


def judged(seen: Seen, reference: InputReference | None) -> InputState:
    """`reference`: of the calibration in force; without one nothing is said of drift."""
    counts = dict(zip(QUALITY, seen.quality.tolist(), strict=True))
    shares = {} if counts["events"] < LEAST_EVENTS else dict(_shares(counts))
    drift = {} if reference is None else dict(_drift(seen, reference))
    alarms = [
        InputAlarm(what, f"{share:.0%} {BOUNDS[what].text}", BOUNDS[what].repair)
        for what, share in shares.items()
        if share > BOUNDS[what].most
    ]
    if drift.get("codes", 0.0) > CODES_MOST:
        alarms.append(InputAlarm("codes", _moved("interests are", drift["codes"], CODES_MOST), REFIT))
    elif drift.get("scores", 0.0) > SCORES_MOST:
        said = _moved("the detector's scores are", drift["scores"], SCORES_MOST)
        alarms.append(InputAlarm("scores", said, CALIBRATE))
    return InputState(shares, drift, tuple(alarms))


def _moved(what: str, index: float, most: float) -> str:
    return (
        f"{what} others than those that were calibrated on: population stability index {index:.2f} beyond "
        f"chance, at most {most:g}"
    )


def _shares(counts: dict[str, int]) -> Iterable[tuple[str, float]]:
    for what, bound in BOUNDS.items():
        of = counts[bound.of] - sum(counts[name] for name in bound.less)
        unpriced = what == "no_price" and counts[what] == of  # a catalogue without prices misses none
        if of > 0 and not unpriced:
            yield what, counts[what] / of


def _drift(seen: Seen, reference: InputReference) -> Iterable[tuple[str, float]]:
    if seen.spread_blocks < LEAST_BLOCKS:
        return
    for name, before in reference._asdict().items():
        now = getattr(seen, name)
        if now.sum() >= LEAST_POSITIVES:
            yield name, unexplained_shift(np.array(before, np.int64), now)
