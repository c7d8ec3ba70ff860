"""The goal of a campaign: as stated, else as its brief is understood, else the usual one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from models.intent.classifier import IntentClassifier, intent_classifier, intent_words
from models.intent.examples import INTENTS, UNSTATED

SURE: Final = 0.8
"""Share from which on an intent counts as known. It is then right in more than nine in ten, of the fitted
briefs each by a fit without it and of facts as campaigns list them (tests/bench/choice/bench_intent.py); of
prose in quite other words next to none is known."""
LEAST_WORDS: Final = 5
"""Telling words of a brief; a fact or two say nothing of what a campaign is for."""
LEAST_KNOWN: Final = 0.3
"""Share of them that stand in the briefs that are fitted to; what is unlike those is not known."""
MOST_SURE: Final = 0.99
"""A few words never make it certain."""
USUAL_GOAL: Final = "clicks"
GOAL_OF: Final = {"awareness": "awareness", "promotion": "clicks", "conversion": "conversions"}
"""What earns a campaign of an intent its reward."""


class Understanding(NamedTuple):
    """`stated`: the campaign says its goal itself. Else `intent` is the likeliest that its brief tells, ""
    where it has no words or none is likely enough, and `share` how likely the likeliest is."""

    goal: str
    stated: bool = False
    intent: str = ""
    share: float = 0.0


def understood(goal: str | None, texts: Sequence[str]) -> Understanding:
    """`goal`: as the campaign states it, None = not; `texts`: what its brief says."""
    if goal is not None:
        return Understanding(goal, stated=True)
    intent, share = _read(" ".join(texts).strip())
    if not intent:
        return Understanding(USUAL_GOAL, share=share)
    return Understanding(GOAL_OF[intent], intent=intent, share=share)


def understanding_words(of: Understanding) -> str:
    """For people."""
    if of.stated:
        return f"{of.goal}, as stated"
    if of.intent:
        return f"{of.goal}: its brief reads as {of.intent}, {of.share:.2f} sure"
    return f"{of.goal}, as usual: its brief does not tell what it is for"


@lru_cache(maxsize=4096)  # a campaign comes again with each change of it
def _read(text: str) -> tuple[str, float]:
    return read_intent(intent_classifier(), text)


def read_intent(classifier: IntentClassifier, text: str) -> tuple[str, float]:
    """The intent that a brief tells, "" where it is not known, and how likely the likeliest is."""
    words = intent_words(text)
    if len(words) < LEAST_WORDS or classifier.known_share(words) < LEAST_KNOWN:
        return "", 0.0
    shares = classifier.shares_of([text])[0]
    intent, share = INTENTS[int(shares.argmax())], min(float(shares.max()), MOST_SURE)
    return ("" if intent == UNSTATED or share < SURE else intent), share
