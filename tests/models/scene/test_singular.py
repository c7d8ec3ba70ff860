"""A word's singular is among its forms, and German endings are taken off German words alone."""

from __future__ import annotations

import pytest

from models.scene.drawn.singular import singulars


@pytest.mark.parametrize(
    ("word", "language", "singular"),
    [
        ("lamps", "en", "lamp"), ("dishes", "en", "dish"), ("batteries", "en", "battery"),
        ("lampen", "de", "lampe"), ("schuhe", "de", "schuh"), ("床", "zh", "床"),
    ],
)  # fmt: skip
def test_the_singular_is_among_the_forms(word: str, language: str, singular: str) -> None:
    assert {word, singular} <= set(singulars(word, language))


def test_an_english_cape_is_no_cap() -> None:
    assert "cap" not in set(singulars("cape")) and "cap" in set(singulars("cape", "de"))
