"""Whether the arms hold as many users as their shares say: if not, the split or the log is broken and no
result of the experiment can be believed (Fabijan et al. 2019)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

MISMATCH_P: Final = 0.001
"""Below it the arms are out of proportion."""


def sample_ratio_p(users: Sequence[int], shares: Sequence[float]) -> float:
    """Pearson's chi-square test of the users per arm against the arms' shares; 1 with nobody there."""
    total, whole = sum(users), math.fsum(shares)
    if not total:
        return 1.0
    expected = [total * share / whole for share in shares]
    statistic = sum((n - e) ** 2 / e for n, e in zip(users, expected, strict=True) if e)
    freedom = sum(e > 0 for e in expected) - 1
    if any(n and not e for n, e in zip(users, expected, strict=True)):
        return 0.0
    return _chi_square_tail(statistic, freedom) if freedom else 1.0


def _chi_square_tail(statistic: float, freedom: int) -> float:
    """P(chi-square >= statistic): Q(a + 1, x) = Q(a, x) + x^a e^-x / Gamma(a + 1), from Q(1/2, x) =
    erfc(sqrt x) or Q(1, x) = e^-x (DLMF 8.8.6)."""
    x, a = statistic / 2, 0.5 if freedom % 2 else 1.0
    tail = math.erfc(math.sqrt(x)) if freedom % 2 else math.exp(-x)
    while a < freedom / 2:
        tail += math.exp(a * math.log(x) - x - math.lgamma(a + 1)) if x else 0.0
        a += 1
    return tail
