"""Triggers against the truth: how many real shifts were found in time, and how many triggers had no cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

WITHIN: Final = 20
"""A shift counts as found when its first trigger is caused by one of its first 20 positives."""


@dataclass(frozen=True)
class Positive:
    """One positive event of the live part: its place in the user's life, and whether a new interest begins
    with it."""

    user: str
    number: int
    shift: bool


@dataclass(frozen=True)
class ShiftScore:
    """`late` = first triggers after the window: neither found nor false. `at_risk` = positives at which a
    trigger would have been false."""

    true: int
    found: int
    late: int
    false: int
    at_risk: int

    @property
    def missed(self) -> int:
        return self.true - self.found

    @property
    def recall(self) -> float:
        """Share of true shifts found within the window; 0 without any."""
        return self.found / self.true if self.true else 0.0

    @property
    def false_per_1000(self) -> float:
        return 1000 * self.false / self.at_risk if self.at_risk else 0.0


def score_triggers(
    positives: Mapping[str, Positive], triggers: Iterable[str], within: int = WITHIN
) -> ShiftScore:
    """Scores shift triggers.

    `positives`: event id -> positive, of the live part. `triggers`: ids of the events that caused a shift
    trigger, each once; ids that are not live positives are ignored. The first trigger at or after a true
    shift answers it; each other trigger is false. Positives between a shift and its answer (or the window's
    end) are not at risk.
    """
    lives: dict[str, list[tuple[int, str, bool]]] = {}
    for event_id, positive in positives.items():
        lives.setdefault(positive.user, []).append((positive.number, event_id, positive.shift))
    fired = set(triggers)
    true = found = late = false = at_risk = 0
    for life in lives.values():
        waiting_since: int | None = None
        for number, event_id, shift in sorted(life):
            if shift:
                true += 1
                waiting_since = number
            waiting = waiting_since is not None and number - waiting_since < within
            at_risk += not waiting
            if event_id not in fired:
                continue
            if waiting_since is None:
                false += 1
                continue
            found += waiting
            late += not waiting
            waiting_since = None
    return ShiftScore(true, found, late, false, at_risk)
