"""A short sentence that hides its words is blocked where the same words, said openly, say too little."""

from __future__ import annotations

import pytest

from models.brief.brief import Brief, Copy
from models.review import learned
from models.review.learned import LIMIT, LIMIT_OF_FEW, learned_findings
from models.review.support import support_of

BLAME = (LIMIT + LIMIT_OF_FEW) / 2


@pytest.mark.parametrize(
    ("said", "blocked"), [("pears for lunch today", False), ("p.e.a.r.s for lunch today", True)]
)
def test_hidden_words_are_blamed_as_long_sentences_are(
    said: str, blocked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "blamed", lambda _: (BLAME, "unlawful"))
    learned._read.cache_clear()
    findings = list(
        learned_findings(Copy("", said, ""), support_of(Brief("r", "c", "native", "", "", ""), ""))
    )
    learned._read.cache_clear()
    assert bool(findings) == blocked
