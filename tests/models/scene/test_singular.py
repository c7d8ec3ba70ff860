"""A word's singular is among its forms, and German endings are taken off German words alone."""

from __future__ import annotations

import pytest

from models.scene.drawn.singular import singulars
from models.scene.drawn.subjects import drawing_of


@pytest.mark.parametrize(
    ("word", "language", "singular"),
    [
        ("lamps", "en", "lamp"), ("dishes", "en", "dish"), ("batteries", "en", "battery"),
        ("lampen", "de", "lampe"), ("schuhe", "de", "schuh"), ("床", "zh", "床"),
    ],
)  # fmt: skip
def test_the_singular_is_among_the_forms(word: str, language: str, singular: str) -> None:
    assert {word, singular} <= set(singulars(word, language))


@pytest.mark.parametrize("word", ["cape", "capes"])
def test_an_english_cape_is_no_cap(word: str) -> None:
    assert "cap" not in set(singulars(word)) and "cap" in set(singulars(word, "de"))


def test_panes_of_glass_are_no_pan() -> None:
    assert drawing_of("panes", "Glass panes") is None


@pytest.mark.parametrize(
    ("one", "many"), [("Ring", "Ringe"), ("Jacke", "Jacken"), ("Zelt", "Zelte"), ("Vase", "Vasen")]
)
def test_a_german_plural_has_the_drawing_of_its_singular(one: str, many: str) -> None:
    assert drawing_of(many, many, language="de") == drawing_of(one, one, language="de") is not None
