"""Sentences of a row and statements of a campaign that copy may say."""

from __future__ import annotations

from models.brief.brief import Brief
from models.copywriter.checked import checker_of
from models.copywriter.fit.own import Own


def passages(noun: str, text: str) -> tuple[str, ...]:
    brief = Brief("r", "c", "native", "Otterby", f"Copper {noun}", noun, text=text)
    return Own.of(brief, checker_of(brief)).passages


def test_a_sentence_that_leaves_out_one_thing_says_nothing_of_many() -> None:
    text = "Works without pellets or salt. Copper keeps slugs away."
    assert "Works without pellets or salt" in passages("slug collar", text)
    assert passages("slug collars", text) == ("Copper keeps slugs away",)


def test_a_sentence_that_speaks_of_the_price_is_not_said() -> None:
    assert passages("slug collar", "The price is for one collar. Copper keeps slugs away.") == (
        "Copper keeps slugs away",
    )
