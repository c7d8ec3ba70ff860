"""What a user likes: the two mean vectors, decayed counts of positives, top items and hidden codes."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.interest.decay import DAY, HOUR, LONG, SHORT_HALF_LIFE, decay, pull
from models.interest.profile import NEWEST, NO_CODE
from models.kernels.compiled import part

TOP_HALF_LIFE: Final = 7 * DAY
SUPPRESSION_DAYS: Final = 30
FOR_GOOD: Final = 65_535
"""Day until which what a user states holds: until he states otherwise."""
LATEST: Final = DAY
"""An event older than this against the user's own newest learning event changes counters only."""


@part
def usable(x: Any) -> Any:
    """Whether a vector is finite with a norm in [0.5, 2]."""
    square = 0.0
    for i in range(x.size):
        square += np.float64(x[i]) * np.float64(x[i])
    return 0.25 <= square <= 4.0  # false for nan


@part
def advance(row: Any, ts: Any) -> None:
    """Brings masses and counts to `ts` when that is newer than t_ref."""
    apart = ts - np.int64(row["t_ref"])
    if apart <= 0:
        return
    long = decay(apart, LONG)
    row["m_long"] = float(row["m_long"]) * long
    row["m_short"] = float(row["m_short"]) * decay(apart, SHORT_HALF_LIFE)
    freq = row["freq"]
    freq[0] = float(freq[0]) * decay(apart, HOUR)
    freq[1] = float(freq[1]) * decay(apart, DAY)
    freq[2] = float(freq[2]) * decay(apart, 7 * DAY)
    freq[3] = float(freq[3]) * long
    row["t_ref"] = ts


@part
def count_positive(row: Any, ts: Any) -> None:
    """One more positive in the four decayed counts; `advance` first."""
    late = np.int64(row["t_ref"]) - ts
    freq = row["freq"]
    freq[0] = float(freq[0]) + decay(late, HOUR)
    freq[1] = float(freq[1]) + decay(late, DAY)
    freq[2] = float(freq[2]) + decay(late, 7 * DAY)
    freq[3] = float(freq[3]) + decay(late, LONG)


@part
def attract(row: Any, x: Any, weight: Any, ts: Any) -> None:
    """Pulls both vectors to `x`; `advance` first."""
    late = np.int64(row["t_ref"]) - ts
    g = weight * decay(late, LONG)
    if g > 0.0:
        row["m_long"] = float(row["m_long"]) + g
        pull(row["long"], x, g / float(row["m_long"]))
    g = weight * decay(late, SHORT_HALF_LIFE)
    if g > 0.0:
        row["m_short"] = float(row["m_short"]) + g
        pull(row["short"], x, g / float(row["m_short"]))


@part
def repel(row: Any, x: Any, weight: Any, ts: Any) -> None:
    """Takes `weight` of `x` out of both means: the mass stops at 0, and a mean of mass below 1 stays as it
    is; `advance` first."""
    late = np.int64(row["t_ref"]) - ts
    g = weight * decay(late, LONG)
    mass = float(row["m_long"]) - g
    row["m_long"] = max(mass, 0.0)
    if mass >= 1.0:
        pull(row["long"], x, -g / mass)
    g = weight * decay(late, SHORT_HALF_LIFE)
    mass = float(row["m_short"]) - g
    row["m_short"] = max(mass, 0.0)
    if mass >= 1.0:
        pull(row["short"], x, -g / mass)


@part
def remember_item(row: Any, key: Any, weight: Any, ts: Any) -> None:
    """Adds `weight` to the item's score: log2 of the sum of w 2^(t / 7 d), all of which age alike. The least
    score makes room."""
    score = math.log2(weight) + ts / TOP_HALF_LIFE
    items, scores = row["top_item"], row["top_score"]
    least = 0
    for i in range(items.size):
        if items[i] == key:
            high = max(score, float(scores[i]))
            low = min(score, float(scores[i]))
            scores[i] = high + math.log2(1.0 + 2.0 ** (low - high))
            return
        if scores[i] < scores[least]:
            least = i
    if score >= scores[least]:
        items[least] = key
        scores[least] = score


@part
def note_newest(row: Any, key: Any) -> None:
    """The item becomes the newest one taken; 0, one that is not known, changes nothing."""
    if key == 0:
        return
    newest, ages = row["newest"], row["newest_age"]
    at = 0
    while at < NEWEST - 1 and newest[at] != key:
        at += 1
    for i in range(at, 0, -1):
        newest[i], ages[i] = newest[i - 1], ages[i - 1]
    newest[0], ages[0] = key, 0


@part
def age_newest(row: Any) -> None:
    """The ring moves on by one."""
    ages = row["newest_age"]
    for i in range(NEWEST):
        if row["newest"][i] != 0 and ages[i] < 255:
            ages[i] += 1


@part
def lift(row: Any, code: Any) -> None:
    """The code is not hidden any more."""
    for i in range(row["suppressed"].size):
        if row["suppressed"][i] == code:
            row["suppressed"][i] = NO_CODE
            row["suppressed_until"][i] = 0


@part
def suppress(row: Any, code: Any, until: Any) -> None:
    """Hides a code until that day; the entry that ends first makes room."""
    codes, ends = row["suppressed"], row["suppressed_until"]
    first = 0
    for i in range(codes.size):
        if codes[i] == code:
            ends[i] = max(np.int64(ends[i]), until)
            return
        if ends[i] < ends[first]:  # 0 where empty
            first = i
    codes[first] = code
    ends[first] = until
