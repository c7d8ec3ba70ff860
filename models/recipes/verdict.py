"""Whether a candidate may take the place of the model that writes: figure by figure, never by their sum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

TOLERANCE: Final = 0.01
"""What a share may lose beside its sampling error."""
_COUNTED: Final = ("template_share", "noun_share")
"""Shares of copies; the others are counts and means that do not scatter so."""
_LESS_IS_BETTER: Final = {"unsupported": 0.0, "length_violations": 0.0, "template_share": TOLERANCE}
_MORE_IS_BETTER: Final = {"distinct_2": TOLERANCE, "noun_share": TOLERANCE}


def reasons_against(current: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[str]:
    """Why the candidate is worse than the current model on the same briefs, over all and in any language;
    empty = it is not."""
    reasons = _worse(current, candidate, "")
    for language, figures in current.get("languages", {}).items():
        found = candidate.get("languages", {}).get(language)
        reasons += (
            [f"{language}: no longer written"] if found is None else _worse(figures, found, f"{language}: ")
        )
    return reasons


def sampling_error(share: float | None, count: int) -> float:
    """Standard error of a share seen in `count` copies."""
    return 0.0 if share is None or count == 0 else math.sqrt(share * (1 - share) / count)


def _worse(current: Mapping[str, Any], candidate: Mapping[str, Any], where: str) -> list[str]:
    reasons = []
    for name, sign, allowed in (
        *((name, 1, allowed) for name, allowed in _LESS_IS_BETTER.items()),
        *((name, -1, allowed) for name, allowed in _MORE_IS_BETTER.items()),
    ):
        before, after = current[name], candidate[name]
        if name in _COUNTED:
            allowed += 2 * sampling_error(after, candidate["copies"])
        if before is not None and (after is None or sign * (after - before) > allowed + 1e-9):
            reasons.append(f"{where}{name} {before} -> {after}")
    return reasons
