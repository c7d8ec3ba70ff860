"""Where a model is too weak to be shown and templates answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LEAST: Final = 0.85
"""Share of what would be served that the judge puts at its bar."""


def withheld_by(figures: Mapping[str, Any], by_readers: Mapping[str, Any]) -> dict[str, list[str]]:
    """By language every kind of slot where less than LEAST of the language's served copy is publishable, by
    figures of `quality`; and the kinds that readers found too weak. What was not measured is not withheld."""
    weak = {
        language: set(known.get("channels", {}))
        for language, known in figures.get("languages", {}).items()
        if known.get("publishable") is not None and known["publishable"] < LEAST
    }
    both = {
        language: weak.get(language, set()) | set(by_readers.get(language, ()))
        for language in {**weak, **by_readers}
    }
    return {language: sorted(channels) for language, channels in both.items() if channels}
