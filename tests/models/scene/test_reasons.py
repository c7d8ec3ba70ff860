"""Codes of refused pictures and clips: every refusal has one, and people find it in the guide."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.rendering import artist
from agents.rendering.clips import process
from models.scene.reasons import REASONS, UNKNOWN, code_of

GUIDE = Path(__file__).parents[3] / "deploy" / "guide" / "pictures.md"
KINDS = {each.__name__.removesuffix("Error") for each in (*artist.REFUSALS, *process.REFUSALS)}


@pytest.mark.parametrize("kind", sorted(KINDS | {"TimedOut", "Crashed", "PhotoGone"}))
def test_every_refusal_has_a_code(kind: str) -> None:
    assert code_of(kind) in REASONS.keys() - {UNKNOWN}


def test_what_nobody_foresaw_has_one_too() -> None:
    assert code_of("Unheard") == UNKNOWN


def test_the_guide_tells_what_each_means() -> None:
    text = GUIDE.read_text()
    assert not [code for code, said in REASONS.items() if f"| `{code}` | {said} |" not in text]
