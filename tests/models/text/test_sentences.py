"""Sentences of a text, and what is left of it without those that say something."""

from __future__ import annotations

import pytest

from models.text.sentences import sentences_of, without_saying


def test_full_stops_of_figures_end_no_sentence() -> None:
    assert sentences_of("Yours for $24.99. Next-day delivery.") == ["Yours for $24.99.", "Next-day delivery."]
    assert sentences_of("真丝长巾。三十天退货。") == ["真丝长巾。", "三十天退货。"]


@pytest.mark.parametrize(
    ("words", "text", "left"),
    [
        ("Turbo Gizmo", "Yours for $24.99. Next-day delivery.", "Yours for $24.99. Next-day delivery."),
        ("Turbo Gizmo", "Jetzt 1.299,00 €  frei Haus.", "Jetzt 1.299,00 €  frei Haus."),
        ("Gizmo 2", "Has a 3.5 mm jack. The gizmo 2 hums. Ships free.", "Has a 3.5 mm jack. Ships free."),
        ("真丝长巾", "真丝长巾到了。三十天退货。送货上门。", "三十天退货。送货上门。"),
        ("Turbo Gizmo", "Meet the Turbo Gizmo", ""),
    ],
)
def test_only_sentences_that_say_the_words_go(words: str, text: str, left: str) -> None:
    assert without_saying(words, text) == left
