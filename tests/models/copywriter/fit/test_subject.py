"""Sentences of a row without a subject of their own."""

from __future__ import annotations

import pytest

from models.copywriter.fit.subject import has_no_subject


@pytest.mark.parametrize(
    ("language", "text", "without"),
    [
        ("en", "Folds flat for the cupboard", True),
        ("en", "Waxed canvas. Holds a loaf", True),
        ("en", "Waxed canvas with a leather strap", False),
        ("de", "Trägt bis zu 25 kg", True),
        ("de", "Klappt flach an die Wand", True),
        ("de", "Saft aus Quitten", False),
        ("de", "Griff mit Gummi, Bürste aus Nylon", False),
        ("zh", "可挂可放", False),
    ],
)
def test_a_sentence_that_begins_with_its_verb(language: str, text: str, without: bool) -> None:
    assert has_no_subject(text, language) is without
