"""Forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): late and early events follow one rule, so that
order does not matter.

A mean v of mass m is kept as of t_ref. An event of weight w at t, half-life h, with x:
    f = 2^(-max(t - t_ref, 0) / h);  g = w 2^(-max(t_ref - t, 0) / h);  m = m f + g;  v += (g / m) (x - v);
    t_ref = max(t_ref, t)
The mass is float32 and the mean float16: a growing sum would not survive float16, a mean does.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.kernels.compiled import part
from models.kernels.half import float_to_half, half_to_float

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SHORT_HALF_LIFE: Final = 2 * DAY
LONG: Final = 30 * DAY

_LN2: Final = math.log(2.0)


@part
def decay(age_ms: Any, half_life_ms: Any) -> Any:
    """2^(-age / half-life); 1 for a negative age, 0 beyond 40 half-lives."""
    if age_ms <= 0:
        return 1.0
    if age_ms > 40 * half_life_ms:
        return 0.0
    return math.exp(-_LN2 * age_ms / half_life_ms)


@part
def add_count(count: Any, clock_s: Any, ts_s: Any, half_life_ms: Any) -> Any:
    """A decayed count as of `clock_s`, with one more event at `ts_s`, as of the later of the two."""
    apart_ms = (np.int64(ts_s) - np.int64(clock_s)) * 1000
    return float(count) * decay(apart_ms, half_life_ms) + decay(-apart_ms, half_life_ms)


@part
def pull(mean: Any, x: Any, share: Any) -> None:
    """mean += share (x - mean), in place; `mean` (64,) u2 halves, `x` (64,) float32."""
    for i in range(mean.size):
        value = half_to_float(mean[i])
        mean[i] = float_to_half(value + share * (np.float64(x[i]) - value))


@part
def step(mean: Any, value: Any, share: Any) -> Any:
    """The half pattern of mean + share (value - mean)."""
    m = half_to_float(mean)
    return float_to_half(m + share * (value - m))
