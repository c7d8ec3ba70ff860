"""How well the goal of a campaign is read from its brief.

    python -m tests.bench.choice.bench_intent

Share of briefs whose likeliest intent is right: of those held out, prose and facts as campaigns list them,
which are in other words and of other goods than what is fitted, and of what is fitted, each fifth by a fit on
the rest. `sure`: share of briefs whose goal is read from them, and `right` of those. Who wrote
the facts knew the fitted briefs: they flatter. The last line of the output is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from models.intent.classifier import IntentClassifier, fitted_intents
from models.intent.examples import FED, FITTED, HELD_OUT, INTENTS, LabelledBrief, labelled_briefs
from models.intent.understanding import read_intent

FOLDS: Final = 5


class Accuracy(NamedTuple):
    """Shares of `briefs`."""

    accuracy: float
    sure: float
    right: float
    briefs: int


def held_out(name: str) -> Accuracy:
    """Of a file that nothing is fitted to."""
    return _accuracy(_guesses(fitted_intents(labelled_briefs(FITTED)), labelled_briefs([name])))


def cross_validated() -> Accuracy:
    """Of the fitted briefs, each by a fit that has not seen it."""
    briefs, guesses = labelled_briefs(FITTED), list[_Guess]()
    for fold in range(FOLDS):
        rest = fitted_intents([each for at, each in enumerate(briefs) if at % FOLDS != fold])
        guesses += _guesses(rest, briefs[fold::FOLDS])
    return _accuracy(guesses)


class _Guess(NamedTuple):
    intent: str
    likeliest: str
    read: str


def _guesses(classifier: IntentClassifier, briefs: Sequence[LabelledBrief]) -> list[_Guess]:
    likeliest = classifier.shares_of([each.text for each in briefs]).argmax(axis=1).tolist()
    return [
        _Guess(each.intent, INTENTS[at], read_intent(classifier, each.text)[0])
        for each, at in zip(briefs, likeliest, strict=True)
    ]


def _accuracy(guesses: Sequence[_Guess]) -> Accuracy:
    sure = [each for each in guesses if each.read]
    right = sum(each.read == each.intent for each in sure) / max(len(sure), 1)
    accuracy = sum(each.likeliest == each.intent for each in guesses) / len(guesses)
    return Accuracy(accuracy, len(sure) / len(guesses), right, len(guesses))


def main() -> None:
    found = {"prose": held_out(HELD_OUT), "as fed": held_out(FED), "cross-validated": cross_validated()}
    print(f"{'goal from the brief':18} {'accuracy':>8} {'sure':>6} {'right':>6} {'briefs':>6}")
    for name, each in found.items():
        print(f"{name:18} {each.accuracy:8.2f} {each.sure:6.2f} {each.right:6.2f} {each.briefs:6}")
    print(json.dumps({name.replace(" ", "_"): each._asdict() for name, each in found.items()}))


if __name__ == "__main__":
    main()
