"""A text that is cut says less, never something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.graphemes import shown_width
from models.text.phrases import whole_phrase


@pytest.mark.parametrize(
    ("text", "limit", "said"),
    [
        ("Juice 0.5 l sugar free of added colours 100% fruit", 25, "Juice 0.5 l"),
        ("Bag not suitable for children under 3 years", 20, "Bag"),
        ("Buy now!!! best bag 100% free $$$", 25, "Buy now!!! best bag"),
        ("Oak Desk with Drawers", 14, "Oak Desk"),
        ("Schale aus Holz, spülmaschinenfest", 12, "Schale"),
        ("Saft ohne Zuckerzusatz aus Äpfeln", 25, "Saft"),
        ("Fahrrad-Inspektion inkl. Kettenwechsel", 25, "Fahrrad-Inspektion"),
        ("Karnet na siłownię 24h", 10, "Karnet"),
        ("No batteries included", 12, ""),
        ("Vitamin E capsules", 12, "Vitamin E"),
        ("Lamp", 10, "Lamp"),
    ],
)
def test_it_ends_where_a_phrase_ends(text: str, limit: int, said: str) -> None:
    assert whole_phrase(text, limit) == said


@given(st.text(max_size=60), st.integers(0, 40))
def test_it_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    said = whole_phrase(text, limit)
    assert shown_width(said) <= limit and " ".join(text.split()).startswith(" ".join(said.split()))
