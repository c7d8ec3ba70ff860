"""What promises something is told from what only names a thing or calls to it."""

from __future__ import annotations

import pytest

from models.rules.promises import may_promise


@pytest.mark.parametrize(
    ("text", "language", "promises"),
    [
        ("Shop now", "en", False),
        ("Pumps from Stridewell", "en", False),
        ("Jetzt ansehen", "de", False),
        ("去看看", "zh", False),
        ("The pumps: $89.99", "en", True),
        ("Ｆｒｅｅ delivery", "en", True),
        ("Ten-year guarantee", "en", True),
        ("½ price", "en", True),
        ("Gutschein für dich", "de", True),
        ("Voir", "fr", True),
    ],
)
def test_words_that_may_have_conditions(text: str, language: str, promises: bool) -> None:
    assert may_promise(text, language) is promises
