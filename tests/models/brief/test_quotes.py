from __future__ import annotations

from dataclasses import replace

import pytest

from models.brief.brief import Brief
from models.brief.facts import facts_of
from models.brief.quotes import MOST_QUOTES, QUOTE_WIDTH, quoted_words, quotes_of
from models.text.graphemes import shown_width
from tests.models.copywriter.injections import INJECTIONS

PACK = Brief(
    "rq", "c", "native", "Northfold", "Canvas Daypack 20 L, Moss", "daypack", facts=("Free returns",),
    text="Canvas daypack in moss. Two side pockets and a sleeve for a 14-inch laptop. Free returns. "
    "Straps of bridle leather, replaceable; the base is waxed. Sewn in Porto. Weighs 940 g.",
)  # fmt: skip


def test_what_the_row_says_beyond_title_and_campaign_is_quoted_where_it_stands() -> None:
    assert quoted_words(PACK) == (
        "Two side pockets and a sleeve for a 14-inch laptop",
        "Straps of bridle leather, replaceable; the base is waxed",
        "Sewn in Porto",
    )
    assert all(
        PACK.text[start:end] == said
        for (start, end), said in zip(quotes_of(PACK), quoted_words(PACK), strict=True)
    )


def test_another_text_of_the_row_is_another_brief() -> None:
    other = replace(PACK, text="A roll top closes with brass hooks. The back is padded.")
    assert not set(quoted_words(PACK)) & set(quoted_words(other))
    assert "14" in facts_of(PACK).numbers and "14" not in facts_of(other).numbers


def test_a_fact_is_told_once_and_a_long_sentence_in_parts() -> None:
    long = "Handles of ash, " + ", ".join(f"rivets of metal number {word}" for word in ("one", "two", "six"))
    brief = replace(PACK, text=f"{long} and a cover of felt, cut by hand. Handles of ash.")
    said = quoted_words(brief)
    assert sum("ash" in each for each in said) == 1
    assert len(said) <= MOST_QUOTES and all(shown_width(each) <= QUOTE_WIDTH for each in said)
    assert quoted_words(replace(PACK, text="")) == ()


def test_german_and_chinese_rows_are_quoted() -> None:
    german = replace(PACK, locale="de-DE", title="Rucksack", text="Zwei Fächer, z. B. für Karten. Aus Köln.")
    assert quoted_words(german) == ("Zwei Fächer, z. B. für Karten", "Aus Köln")
    chinese = replace(PACK, locale="zh-CN", title="双肩包", text="防水帆布，可放14寸电脑。杭州手工缝制。")
    assert quoted_words(chinese) == ("防水帆布，可放14寸电脑", "杭州手工缝制")


@pytest.mark.parametrize("text", INJECTIONS)
def test_orders_links_and_markup_in_a_row_are_no_facts(text: str) -> None:
    for each in quoted_words(replace(PACK, text=text)):
        low = each.casefold()
        assert not any(bad in low for bad in ("ignore", "evil.com", "http", "<", "[", "{", "\n"))
