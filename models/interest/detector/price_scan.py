"""Change of the price level, by the same scan as for interests: per ring slot, the log Bayes factor of
"prices changed here" against "they never did".

Standings of prices among items of the same code and currency (models/catalog/prices.py) scatter with a known
variance about a level of the user's own, which is normal about 0. After weights n of sum q the next standing
is normal about q / (n + k) with variance s (1 + 1 / (n + k)): of the whole segment where nothing changed, of
the ring slots from j on where j was the change. Items without a price say nothing.

What is compared with the threshold mixes the hypotheses, of prior shares that sum to 1:
    T = log sum_j [(1 - p - b) e^S_j + p e^P_j + b e^(S_j + P_j)]
S_j of the interest (shift.py), P_j of the price. A user of whom no price is known has the T of the interest
alone. T stays a log of summed e-values: one threshold holds for all.
"""

from __future__ import annotations

import math
from typing import Any, Final

from models.interest.profile import RING
from models.kernels.compiled import part
from models.kernels.half import float_to_half, half_to_float
from models.kernels.vector_maths import room, take_exponentials, take_logs, unchecked

SCATTER: Final = 0.7
"""s: variance of a user's standings about his level. 0.77 and 0.05 for the level on a real shop's orders."""
PRIOR_DRAWS: Final = 6.0
"""k: so many standings of 0 a level starts from. Fewer than the shop's ratio says: who changes goes farther
than users lie apart."""
DEAD_SCORE: Final = -60.0
INTEREST, PRICE, BOTH = range(3)
"""What changed."""
_DEAD_BELOW: Final = -50.0
_MOST_MASS: Final = 64.0
_STEPS: Final = 40.0
_MIDDLE: Final = 128
_HIGHEST: Final = 3.0


@part
def price_level(z: Any) -> Any:
    """A standing as a byte, 0 unknown."""
    if not math.isfinite(z):
        return 0
    return _MIDDLE + round(_STEPS * min(max(z, -_HIGHEST), _HIGHEST))


@part
def standing_of_byte(level: Any) -> Any:
    """The standing of a byte that is not 0."""
    return (float(level) - _MIDDLE) / _STEPS


@unchecked
def scan_price(row: Any, level: Any, weight: Any, clip: Any) -> None:
    """Shifts the scores one slot left and adds this positive's log Bayes factors, by its `weight`. The ring
    is still the old one."""
    levels, weights, scores = row["ring_price"], row["ring_weight"], row["price_scan"]
    if level == 0:
        for j in range(RING - 1):
            scores[j] = scores[j + 1]
        scores[RING - 1] = 0
        return
    z = standing_of_byte(level)
    null, square = spread(z, float(row["price_sum"]), float(row["price_mass"]) + PRIOR_DRAWS)
    null = math.log(null) + square
    variance, surprise = room(RING), room(RING)
    q = m = 0.0
    for j in range(RING - 1, -1, -1):
        variance[j], surprise[j] = q, m + PRIOR_DRAWS
        w = weights[j] / 255.0 if levels[j] != 0 else 0.0
        q += w * standing_of_byte(levels[j])
        m += w
    for j in range(RING):
        variance[j], surprise[j] = spread(z, variance[j], surprise[j])
    take_logs(variance)
    for j in range(RING):
        before = half_to_float(scores[j + 1]) if j < RING - 1 else 0.0  # the newest slot starts at 0
        ratio = 0.5 * weight * (null - (variance[j] + surprise[j]))
        after = before + min(max(ratio, -clip), clip)
        scores[j] = float_to_half(after if before > _DEAD_BELOW else before)


@unchecked
def spread(z: Any, q: Any, n: Any) -> Any:
    """(variance, squared distance in it) of z after weights of sum q; n counts the prior. Minus twice the log
    of the density is log(variance) + square, but for a constant."""
    variance = SCATTER * (1.0 + 1.0 / n)
    apart = z - q / n
    return variance, apart * apart / variance


@part
def add_price(row: Any, level: Any, weight: Any) -> None:
    """The positive enters the ring and the segment, which remembers about its last 64."""
    levels = row["ring_price"]
    for j in range(RING - 1):
        levels[j] = levels[j + 1]
    levels[RING - 1] = level
    if level == 0:
        return
    row["price_sum"] = float(row["price_sum"]) + weight * standing_of_byte(level)
    row["price_mass"] = float(row["price_mass"]) + weight
    if row["price_mass"] > _MOST_MASS:
        row["price_sum"] = 0.5 * float(row["price_sum"])
        row["price_mass"] = 0.5 * float(row["price_mass"])


@unchecked
def evidence(row: Any) -> Any:
    """Summed Bayes factors of a change in interest, in price, and in both, before their prior shares."""
    of_interest, of_price = room(RING), room(RING)
    for j in range(RING):
        of_interest[j] = half_to_float(row["scan"][j])
        of_price[j] = half_to_float(row["price_scan"][j])
    take_exponentials(of_interest)
    interest = price = both = 0.0
    for j in range(RING):
        interest += of_interest[j]
    if row["price_mass"] == 0.0:
        return interest, price, both
    take_exponentials(of_price)
    for j in range(RING):
        price += of_price[j]
        both += of_interest[j] * of_price[j]
    return interest, price, both


@part
def cause(row: Any, p: Any, b: Any) -> Any:
    """What changed most likely: INTEREST, PRICE or BOTH."""
    if row["price_mass"] == 0.0:
        return INTEREST
    interest, price, both = evidence(row)
    interest, price, both = (1.0 - p - b) * interest, p * price, b * both
    if price > interest + both:
        return PRICE
    return BOTH if both > interest else INTEREST


@part
def price_slot(row: Any) -> Any:
    """The ring slot with the best score: the first event at the new prices."""
    best = 0
    for j in range(1, RING):
        if half_to_float(row["price_scan"][j]) > half_to_float(row["price_scan"][best]):
            best = j
    return best


@part
def since(row: Any, slot: Any) -> Any:
    """(sum of standings, mass) of the ring from `slot` on."""
    q = m = 0.0
    for j in range(slot, RING):
        if row["ring_price"][j] != 0:
            w = row["ring_weight"][j] / 255.0
            q += w * standing_of_byte(row["ring_price"][j])
            m += w
    return q, m


@part
def direction(row: Any, slot: Any) -> Any:
    """1 where the ring from `slot` on is dearer than the segment before, else -1."""
    q, m = since(row, slot)
    before = (float(row["price_sum"]) - q) / (max(float(row["price_mass"]) - m, 0.0) + PRIOR_DRAWS)
    return 1 if q / (m + PRIOR_DRAWS) > before else -1


@part
def restart_prices(row: Any, slot: Any) -> None:
    """The level is that of the ring from `slot` on, and no slot is a change of prices any more."""
    row["price_sum"], row["price_mass"] = since(row, slot)
    for j in range(RING):
        if j < slot:
            row["ring_price"][j] = 0
        row["price_scan"][j] = float_to_half(DEAD_SCORE)


@part
def tell_level(row: Any) -> None:
    """What the user pays is what he has paid since the change, so that the tier follows at once."""
    mass = float(row["price_mass"])
    if mass > 0.0:
        row["price_mean"] = float_to_half(float(row["price_sum"]) / mass)
        row["n_price"] = max(1, round(mass))
