"""How good expected rates are, beside the base rate said of everything: log loss, AUC, calibration,
drift."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.click.learner import Labels, Rates
from models.stability import Counts, stability_index

RECENT: Final = 1 << 15
"""So many of the last expectations are judged."""
BINS: Final = 10
_LEAST_RATE: Final = 1e-6


class Quality(NamedTuple):
    """Figures over so many `showings`; None = not to be said of them (no click, or nothing but clicks).

    `log_loss` and `base_log_loss` in nats per showing, the latter for the rate of these showings said of each
    of them. `calibration`: sum of expectations over clicks, 1 = right. `drift`: population stability index of
    the newest quarter's expectations against the others'; above .2 is usually called a shift.
    """

    showings: int
    clicks: int
    log_loss: float | None = None
    base_log_loss: float | None = None
    auc: float | None = None
    calibration: float | None = None
    drift: float | None = None


@dataclass
class Recent:
    """The last RECENT expectations, each said before its outcome was learnt, and the outcomes."""

    rates: Rates = field(default_factory=lambda: np.empty(0))
    clicked: Labels = field(default_factory=lambda: np.empty(0, np.bool_))

    def add(self, rates: Rates, clicked: Labels) -> None:
        """Take more, in order."""
        self.rates = np.concatenate([self.rates, rates])[-RECENT:]
        self.clicked = np.concatenate([self.clicked, clicked])[-RECENT:]

    def quality(self) -> Quality:
        """Of what is held now."""
        return quality_of(self.rates, self.clicked)


def quality_of(rates: Rates, clicked: Labels) -> Quality:
    """Figures of expectations (n,) against outcomes (n,), in the order in which they were made."""
    count, clicks = len(clicked), int(clicked.sum())
    if not 0 < clicks < count:
        return Quality(count, clicks)
    base = np.full(count, clicks / count)
    return Quality(
        count,
        clicks,
        log_loss(rates, clicked),
        log_loss(base, clicked),
        auc(rates, clicked),
        float(rates.sum() / clicks),
        drift_of(rates[: -(count // 4)], rates[-(count // 4) :]) if count >= 4 * BINS else None,
    )


def log_loss(rates: Rates, clicked: Labels) -> float:
    """Mean of -log P(what happened), in nats."""
    held = np.clip(rates, _LEAST_RATE, 1 - _LEAST_RATE)
    return float(-np.where(clicked, np.log(held), np.log1p(-held)).mean())


def auc(rates: Rates, clicked: Labels) -> float:
    """P(a clicked showing was expected higher than one that was not), ties count half; needs both kinds."""
    _, ranks, counts = np.unique(rates, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    clicks = int(clicked.sum())
    above = middle[ranks][clicked].sum() - clicks * (clicks + 1) / 2
    return float(above / (clicks * (len(clicked) - clicks)))


def calibration_by_bin(rates: Rates, clicked: Labels, bins: int = BINS) -> NDArray[np.float64]:
    """Expected over observed clicks in bins of equal size by expectation, lowest first; (bins,), inf where
    nobody clicked."""
    order = np.argsort(rates, kind="stable")
    pairs = zip(np.array_split(rates[order], bins), np.array_split(clicked[order], bins), strict=True)
    return np.array([said.sum() / done.sum() if done.any() else np.inf for said, done in pairs])


def drift_of(before: Rates, after: Rates) -> float:
    """Population stability index over the deciles of `before`; 0 = alike."""
    edges = np.unique(np.quantile(before, np.arange(1, BINS) / BINS))

    def counts(rates: Rates) -> Counts:
        return np.bincount(np.searchsorted(edges, rates, side="right"), minlength=len(edges) + 1)

    return stability_index(counts(before), counts(after))
