"""Interest shift by BF-scan: per ring slot, the log Bayes factor of "the interest changed here" against "it
never did".

A windowed Shiryaev-Roberts procedure with a Dirichlet-multinomial model over interest codes. With k the share
of sticky repeats (0 in a new session), r = k [code = prev], b = 1 - k, concentration a, prior pi, and counts
smoothed by the kernel M:
    null     p0 = (M[c,:] . H + a pi_c) / (n + a)     H = weights per code since the last shift, n = sum H
    change   p1_j = (q_j + a pi_c) / (m_j + a)        q_j, m_j = the same sums over ring slots from j on
    S_j += clip(log((r + b p1_j) / (r + b p0)), -clip, clip);  T = logsumexp_j S_j;  fire when T > threshold
For an exchangeable user T is a sum of e-values: at most 1000 / e^h false triggers per 1,000 positives. H
decays with a half-life of 60 days by growing the new weights instead: `hist` is relative to `t_hist`.
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numba import typeof

from models.interest.concentration import MAX_DISTINCT, MAX_DRAWS
from models.interest.decay import DAY, decay
from models.interest.detector.price_scan import add_price, evidence, scan_price
from models.interest.profile import CODES, RING
from models.interest.sessions import count_in_session
from models.interest.taste import age_newest
from models.kernels.compiled import part
from models.kernels.half import float_to_half, half_to_float
from models.kernels.vector_maths import room, take_logs, unchecked

DEAD_SCORE: Final = -60.0
"""Score of a slot that cannot be a change point: empty, or before the last shift."""
CALM: Final = 2.0
"""The concentration is learnt only while T is below this."""
_DEAD_BELOW: Final = -50.0
_HISTORY_HALF_LIFE: Final = 60 * DAY
_MOST_MASS: Final = 512.0


class DetectorSettings(NamedTuple):
    """Knobs of the trigger; part of an artefact, so that state never depends on which worker had it."""

    threshold: float = 8.3  # log Bayes factor; calibrate it (models/interest/threshold/calibration.py)
    kappa: float = 0.4  # share of positives that just repeat the previous code within a session
    clip: float = 1.1  # most that one event may say
    warm_up: int = 8  # positives before the first creative
    cooldown_events: int = 5
    cooldown_ms: int = 1_800_000  # event time
    tv_gate: float = 0.0  # least total variation between before and after, 0 off
    confirm_positives: int = 0  # that confirm what one session alone shows (regimes.py), 0 needs none
    price_share: float = 0.5  # of changes, those in price alone (models/interest/detector/price_scan.py)
    both_share: float = 0.1  # and those in interest and price at once
    bot_per_minute: int = 60  # so many positives in one minute of event time, lines of orders aside
    bot_shown_per_minute: int = 300  # or so many impressions


SETTINGS_TYPE: Final = typeof(DetectorSettings())
"""As an argument of kernels."""


class Chances(NamedTuple):
    """How likely one event was: r, b, r + b p0, a and a pi_c of the formulas above."""

    code: int
    repeat: float
    draw: float
    null: float
    a: float
    prior: float


@part
def growth(row: Any, ts: Any) -> Any:
    """What a weight of 1 at `ts` is in `hist`; moves the origin when that exceeds 2."""
    age = ts - np.int64(row["t_hist"])
    if age <= 0:
        return decay(-age, _HISTORY_HALF_LIFE)
    if age <= _HISTORY_HALF_LIFE:
        return 1.0 / decay(age, _HISTORY_HALF_LIFE)
    rescale(row, decay(age, _HISTORY_HALF_LIFE))
    row["t_hist"] = ts
    return 1.0


@part
def rescale(row: Any, factor: Any) -> None:
    """Multiplies `hist` and keeps `hist_mass` its sum."""
    hist = row["hist"]
    mass = 0.0
    for c in range(CODES):
        if hist[c] != 0:
            hist[c] = float_to_half(half_to_float(hist[c]) * factor)
            mass += half_to_float(hist[c])
    row["hist_mass"] = mass


@part
def add_draw(row: Any, code: Any, weight: Any) -> None:
    """Adds `weight` to one code of `hist`; the mass grows by what float16 really took."""
    hist = row["hist"]
    before = half_to_float(hist[code])
    hist[code] = float_to_half(before + weight)
    row["hist_mass"] = float(row["hist_mass"]) + (half_to_float(hist[code]) - before)
    if row["hist_mass"] > _MOST_MASS:
        rescale(row, 0.5)


@part
def observe(row: Any, code: Any, level: Any, fresh: Any, scale: Any, catalog: Any, settings: Any) -> Any:
    """One positive of `code` and price `level`; `fresh` = first of a session, `scale` = growth(row, ts).
    Returns T."""
    kernel = catalog.kernel
    a = half_to_float(row["concentration"])
    prior = a * np.float64(catalog.prior[code])
    k = 0.0 if fresh else settings.kappa
    repeat = k if code == row["prev"] else 0.0
    draw = 1.0 - k
    p0 = (smoothed(row["hist"], kernel, code) + prior * scale) / (float(row["hist_mass"]) + a * scale)
    null = repeat + draw * p0
    weight = round(255.0 * (1.0 - repeat / null))
    scan_shift(row, Chances(code, repeat, draw, null, a, prior), kernel, settings.clip)
    scan_price(row, level, weight / 255.0, settings.clip)
    push(row, code, weight)
    count_in_session(row)
    age_newest(row)
    add_price(row, level, weight / 255.0)
    add_draw(row, code, scale * weight / 255.0)
    interest, price, both = evidence(row)
    learn_concentration(row, code, weight / 255.0, math.log(interest), catalog, settings)
    row["prev"] = code
    if row["n_seen"] < 65_535:
        row["n_seen"] += 1
    if row["price_mass"] == 0.0:
        return math.log(interest)
    p, b = settings.price_share, settings.both_share
    return math.log((1.0 - p - b) * interest + p * price + b * both)


@part
def smoothed(hist: Any, kernel: Any, code: Any) -> Any:
    """M[code, :] . hist over the codes that occur."""
    total = 0.0
    for c in range(CODES):
        if hist[c] != 0:
            total += np.float64(kernel[code, c]) * half_to_float(hist[c])
    return total


@unchecked
def scan_shift(row: Any, event: Chances, kernel: Any, clip: Any) -> None:
    """Shifts the scores one slot left and adds this event's log Bayes factors. The ring is still the old
    one."""
    ring, weights, scores = row["ring"], row["ring_weight"], row["scan"]
    ratio, mass = room(RING), room(RING)
    q = m = 0.0
    for j in range(RING - 1, -1, -1):
        ratio[j], mass[j] = q, m
        w = weights[j] / 255.0
        q += np.float64(kernel[event.code, ring[j]]) * w
        m += w
    for j in range(RING):
        p1 = (ratio[j] + event.prior) / (mass[j] + event.a)
        ratio[j] = (event.repeat + event.draw * p1) / event.null
    take_logs(ratio)
    for j in range(RING):
        before = half_to_float(scores[j + 1]) if j < RING - 1 else 0.0  # the newest slot starts at 0
        after = before + min(max(ratio[j], -clip), clip)
        scores[j] = float_to_half(after if before > _DEAD_BELOW else DEAD_SCORE)


@part
def push(row: Any, code: Any, weight: Any) -> None:
    """The event enters the ring."""
    ring, weights = row["ring"], row["ring_weight"]
    for j in range(RING - 1):
        ring[j] = ring[j + 1]
        weights[j] = weights[j + 1]
    ring[RING - 1] = code
    weights[RING - 1] = weight


@part
def learn_concentration(row: Any, code: Any, weight: Any, total: Any, catalog: Any, settings: Any) -> None:
    """Counts draws and distinct codes (255 draws tell enough); reads the concentration off the table while
    nothing is suspicious."""
    draws = float(row["draws"])
    if draws < MAX_DRAWS:
        bit = np.uint64(1) << np.uint64(code)
        if row["seen"] & bit == 0:
            row["seen"] |= bit
            row["distinct"] = float(row["distinct"]) + weight
        row["draws"] = min(draws + weight, float(MAX_DRAWS))
    if total < CALM or row["n_seen"] < settings.warm_up:
        n, d = round(float(row["draws"])), round(float(row["distinct"]))
        row["concentration"] = float_to_half(catalog.concentration[n, min(d, MAX_DISTINCT)])


@part
def forget_code(row: Any, code: Any) -> None:
    """The user hid this code: it leaves `hist` and weighs nothing in the ring."""
    hist = row["hist"]
    row["hist_mass"] = max(float(row["hist_mass"]) - half_to_float(hist[code]), 0.0)
    hist[code] = 0
    for j in range(RING):
        if row["ring"][j] == code:
            row["ring_weight"][j] = 0


@part
def clear_scan(row: Any) -> None:
    """No ring slot is a change point any more."""
    for j in range(RING):
        row["scan"][j] = float_to_half(DEAD_SCORE)
        row["price_scan"][j] = float_to_half(DEAD_SCORE)
