"""Where a model is too weak to be shown and templates answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LEAST: Final = 0.85
"""Share of what would be served that the judge puts at its bar."""


def withheld_by(figures: Mapping[str, Any], by_readers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Kinds of slot by language in which less than LEAST of the served copy is publishable, from figures of
    `quality`, and those that readers found too weak. What was not measured is not withheld."""
    weak = {
        language: {
            channel
            for channel, share in known.get("channels", {}).items()
            if share is not None and share < LEAST
        }
        for language, known in figures.get("languages", {}).items()
    }
    both = {
        language: weak.get(language, set()) | {*by_readers.get(language, ())}
        for language in {**weak, **by_readers}
    }
    return {language: sorted(channels) for language, channels in both.items() if channels}
