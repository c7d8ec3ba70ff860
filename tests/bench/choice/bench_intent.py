"""How well the goal of a campaign is read from its brief.

    python -m tests.bench.choice.bench_intent

Share of briefs that are understood right: of those held out, which are in other words and of other goods than
what is fitted, and of what is fitted, each fifth by a fit on the rest. `sure`: share of briefs whose intent
counts as known, and `right` of those. The last line of the output is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from models.arrays import FloatArray
from models.intent.classifier import fitted
from models.intent.examples import FITTED, HELD_OUT, INTENTS, LabelledBrief, labelled
from models.intent.understanding import SURE

FOLDS: Final = 5


class Accuracy(NamedTuple):
    """Shares of `briefs`."""

    accuracy: float
    sure: float
    right: float
    briefs: int


def held_out() -> Accuracy:
    """Of the file that nothing is fitted to."""
    briefs = labelled([HELD_OUT])
    return _accuracy(fitted(labelled(FITTED)).shares_of([each.text for each in briefs]), briefs)


def cross_validated() -> Accuracy:
    """Of the fitted briefs, each by a fit that has not seen it."""
    briefs = labelled(FITTED)
    shares = np.zeros((len(briefs), len(INTENTS)), np.float32)
    for fold in range(FOLDS):
        left_out = np.arange(len(briefs)) % FOLDS == fold
        rest = fitted([each for each, out in zip(briefs, left_out, strict=True) if not out])
        shares[left_out] = rest.shares_of(
            [each.text for each, out in zip(briefs, left_out, strict=True) if out]
        )
    return _accuracy(shares, briefs)


def _accuracy(shares: FloatArray, briefs: Sequence[LabelledBrief]) -> Accuracy:
    right = shares.argmax(axis=1) == [INTENTS.index(each.intent) for each in briefs]
    sure = shares.max(axis=1) >= SURE
    return Accuracy(float(right.mean()), float(sure.mean()), float(right[sure].mean()), len(briefs))


def main() -> None:
    found = {"held out": held_out(), "cross-validated": cross_validated()}
    print(f"{'goal from the brief':18} {'accuracy':>8} {'sure':>6} {'right':>6} {'briefs':>6}")
    for name, each in found.items():
        print(f"{name:18} {each.accuracy:8.2f} {each.sure:6.2f} {each.right:6.2f} {each.briefs:6}")
    print(json.dumps({name.replace(" ", "_"): each._asdict() for name, each in found.items()}))


if __name__ == "__main__":
    main()
