"""What happens when the trigger fires: the user's interest is split at the change point, and one that was
left before is recognised."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.interest.decay import DAY
from models.interest.detector.price_scan import direction, price_slot, restart_prices, tell_level
from models.interest.detector.shift import clear_scan
from models.interest.profile import (
    CODES,
    DIMENSIONS,
    EXPLAINED,
    FIRST_TRIGGER,
    HAS_CREATIVE,
    NO_CODE,
    REGIME_CODES,
    REGIMES,
    RING,
    SHIFT_TRIGGER,
)
from models.interest.sessions import in_session
from models.kernels.compiled import part
from models.kernels.half import float_to_half, half_to_float

SAME: Final = 0.5
"""Squared Hellinger distance (1 - sum sqrt(p q)) below which an interest counts as a past regime. Six codes
against a short stretch of the ring are noisy: at 0.5 about 55 % of later triggers of users with two interests
in turns reuse a creative and 10 % of true new ones, at 0.3 about 27 and 3 %
(tests/bench/detector/bench_detector.py)."""


@part
def change_slot(row: Any) -> Any:
    """The ring slot with the best score: the first event of the new interest."""
    best = 0
    for j in range(1, RING):
        if half_to_float(row["scan"][j]) > half_to_float(row["scan"][best]):
            best = j
    return best


@part
def split_shares(row: Any, slot: Any, scale: Any) -> Any:
    """(before, after): shares per code (64,) float64 of `hist` without the ring from `slot` on, and of that
    part of the ring."""
    before = np.zeros(CODES)
    after = np.zeros(CODES)
    for j in range(slot, RING):
        if row["ring_weight"][j] > 0:
            after[row["ring"][j]] += row["ring_weight"][j] / 255.0
    for c in range(CODES):
        before[c] = max(half_to_float(row["hist"][c]) - scale * after[c], 0.0)
    normalise(before)
    normalise(after)
    return before, after


@part
def normalise(weights: Any) -> None:
    """Divides (64,) by its sum, in place; all zero stays so."""
    total = 0.0
    for c in range(CODES):
        total += weights[c]
    if total > 0.0:
        for c in range(CODES):
            weights[c] /= total


@part
def total_variation(p: Any, q: Any) -> Any:
    """Half the L1 distance."""
    total = 0.0
    for c in range(CODES):
        total += abs(p[c] - q[c])
    return 0.5 * total


@part
def is_confirmed(row: Any, slot: Any, before: Any, enough: Any) -> Any:
    """Whether the change at ring `slot`, of shares (64,) `before`, is more than an errand of one session:
    `enough` positives followed it, or a later session; and the newest goes on with it, so that no return
    confirms it."""
    since = RING - slot
    return enough == 0 or (goes_on(row, slot, before) and (since >= enough or since > in_session(row)))


@part
def goes_on(row: Any, slot: Any, before: Any) -> Any:
    """Whether the newest positive is likelier by the ring from `slot` on, itself aside, than by shares (64,)
    `before`."""
    newest = row["ring"][RING - 1]
    alike = mass = 0.0
    for j in range(slot, RING - 1):
        mass += row["ring_weight"][j]
        if row["ring"][j] == newest:
            alike += row["ring_weight"][j]
    return alike > before[newest] * mass


@part
def fire_first(row: Any, ts: Any, fire: Any) -> None:
    """The first creative: nothing is reset, what the user likes most is the reason."""
    shares = np.zeros(CODES)
    for c in range(CODES):
        shares[c] = half_to_float(row["hist"][c])
    normalise(shares)
    row["head"]["flags"] |= HAS_CREATIVE
    row["t_first"] = ts // 1000
    fire["kind"] = FIRST_TRIGGER
    fire["change_slot"] = fire["returning"] = fire["filed"] = -1
    fire["left"] = fire["price"] = 0
    explain_codes(shares, fire["gained"], fire["gained_weight"])
    explain_codes(-shares, fire["lost"], fire["lost_weight"])
    mark_trigger(row, ts, fire)
    row["regime"] = row["n_trig"]
    fire["regime"] = row["regime"]


@part
def fire_shift(
    row: Any, slot: Any, before: Any, after: Any, priced: Any, ts: Any, catalog: Any, fire: Any
) -> None:
    """Files the interest left now, recognises one that returns, and starts the reference anew from the events
    after the change point; `priced`: the price level changed as well."""
    fire["kind"] = SHIFT_TRIGGER
    fire["change_slot"] = slot
    fire["price"] = direction(row, slot) if priced else 0
    explain_codes(after - before, fire["gained"], fire["gained_weight"])
    explain_codes(before - after, fire["lost"], fire["lost_weight"])
    mark_trigger(row, ts, fire)
    fire["left"] = row["regime"]
    returning = recognise(row, after)
    place = returning if returning >= 0 else free_slot(row)
    fire["returning"] = returning
    fire["filed"] = place
    regime = row["n_trig"] if returning < 0 else row["regimes"][returning]["id"]
    file_regime(row["regimes"][place], row["regime"], before, ts)
    row["regime"] = regime
    fire["regime"] = regime
    restart(row, slot, ts, catalog)
    if priced:
        tell_level(row)


@part
def fire_price(row: Any, ts: Any, fire: Any) -> None:
    """The same interest at other prices: only what is known of prices starts anew."""
    slot = price_slot(row)
    fire["kind"] = SHIFT_TRIGGER
    fire["change_slot"] = slot
    fire["price"] = direction(row, slot)
    fire["returning"] = fire["filed"] = -1
    nothing = np.zeros(CODES)
    explain_codes(nothing, fire["gained"], fire["gained_weight"])
    explain_codes(nothing, fire["lost"], fire["lost_weight"])
    mark_trigger(row, ts, fire)
    fire["left"] = fire["regime"] = row["regime"]
    restart_prices(row, slot)
    tell_level(row)


@part
def mark_trigger(row: Any, ts: Any, fire: Any) -> None:
    """Counts the trigger and starts the cooldown clock."""
    if row["n_trig"] < 65_535:
        row["n_trig"] += 1
    row["t_trig"] = max(np.int64(row["t_trig"]), ts)
    fire["trigger"] = row["n_trig"]


@part
def explain_codes(weights: Any, codes: Any, shares: Any) -> None:
    """Writes the codes of the largest positive weights, strongest first; -1 and 0 where there are fewer."""
    used = np.zeros(CODES, np.bool_)
    for i in range(EXPLAINED):
        best = -1
        for c in range(CODES):
            if not used[c] and weights[c] > 0.0 and (best < 0 or weights[c] > weights[best]):
                best = c
        codes[i] = best
        shares[i] = 0.0
        if best >= 0:
            used[best] = True
            shares[i] = weights[best]


@part
def recognise(row: Any, after: Any) -> Any:
    """Slot of the past regime nearest to `after` within SAME, -1 none; a regime is known by its six strongest
    codes."""
    found = -1
    nearest = SAME
    for i in range(REGIMES):
        regime = row["regimes"][i]
        if regime["id"] == 0:
            continue
        overlap = total = 0.0
        for j in range(REGIME_CODES):
            if regime["code"][j] != NO_CODE:
                share = regime["weight"][j] / 255.0
                overlap += math.sqrt(share * after[regime["code"][j]])
                total += share
        distance = 1.0 - overlap / math.sqrt(max(total, 1e-9))
        if distance < nearest:
            found, nearest = i, distance
    return found


@part
def free_slot(row: Any) -> Any:
    """An empty slot, else that of the regime left longest ago."""
    oldest = 0
    for i in range(REGIMES):
        regime, other = row["regimes"][i], row["regimes"][oldest]
        if other["id"] == 0:
            break
        if regime["id"] == 0 or (regime["day"], regime["id"]) < (other["day"], other["id"]):
            oldest = i
    return oldest


@part
def file_regime(regime: Any, number: Any, shares: Any, ts: Any) -> None:
    """Writes the six strongest codes of `shares` (64,) into one slot."""
    regime["id"] = number
    regime["day"] = ts // DAY
    used = np.zeros(CODES, np.bool_)
    for i in range(REGIME_CODES):
        best = -1
        for c in range(CODES):
            if not used[c] and shares[c] > 0.0 and (best < 0 or shares[c] > shares[best]):
                best = c
        regime["code"][i] = NO_CODE
        regime["weight"][i] = 0
        if best >= 0:
            used[best] = True
            regime["code"][i] = best
            regime["weight"][i] = round(255.0 * shares[best])


@part
def restart(row: Any, slot: Any, ts: Any, catalog: Any) -> None:
    """Only events from `slot` on are the reference; both vectors become their mean centroid, so that what is
    served is the new interest alone."""
    hist = row["hist"]
    for c in range(CODES):
        hist[c] = 0
    mean = np.zeros(DIMENSIONS)
    mass = 0.0
    for j in range(RING):
        if j < slot:
            row["ring_weight"][j] = 0
        weight = row["ring_weight"][j] / 255.0
        if weight > 0.0:
            code = row["ring"][j]
            hist[code] = float_to_half(half_to_float(hist[code]) + weight)
            mass += weight
            for i in range(DIMENSIONS):
                mean[i] += weight * np.float64(catalog.centroids[code, i])
    restart_prices(row, slot)
    row["t_hist"] = ts
    row["hist_mass"] = 0.0
    for c in range(CODES):
        row["hist_mass"] = float(row["hist_mass"]) + half_to_float(hist[c])
    clear_scan(row)
    if mass > 0.0:
        row["m_short"] = row["m_long"] = mass
        for i in range(DIMENSIONS):
            row["short"][i] = row["long"][i] = float_to_half(mean[i] / mass)


@part
def keep_direction(row: Any) -> None:
    """ref = direction of the short vector x 127: what the creative was made for."""
    square = 0.0
    for i in range(DIMENSIONS):
        square += half_to_float(row["short"][i]) * half_to_float(row["short"][i])
    norm = max(math.sqrt(square), 1e-9)
    for i in range(DIMENSIONS):
        row["ref"][i] = round(127.0 * half_to_float(row["short"][i]) / norm)
