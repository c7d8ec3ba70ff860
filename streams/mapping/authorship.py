"""Who wrote the words of a creative."""

from __future__ import annotations

from typing import Final

from streams import records as r

EDITED: Final = "edited"
"""Human oversight, as AdCP names it, of words that a person wrote."""


def written_by_model(creative: r.Creative) -> bool:
    """Whether a model wrote the words. That a tool is named does not say so: it may be the voice that speaks
    what a person wrote."""
    said = creative.provenance
    return said.ai_tool is not None and said.human_oversight != EDITED
