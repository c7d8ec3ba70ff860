from __future__ import annotations

import pytest

from models.copywriter.brief import Copy, limits_of
from models.copywriter.price import price_text, saving_percent
from models.copywriter.slots import grammatical_number, lower_noun, plain_case, plural, with_article
from models.graphemes import width
from models.review import load_rules, review
from models.training.corpus import examples, without_pointers


def test_the_same_seed_writes_the_same_examples() -> None:
    assert list(examples(50, 3)) == list(examples(50, 3))
    assert list(examples(50, 3)) != list(examples(50, 4))


def test_nearly_every_example_would_pass_review_and_all_fit() -> None:
    rules, refused = load_rules("US"), []
    for number, example in enumerate(examples(500, 5)):
        brief, (headline, description, cta) = without_pointers(example, f"rq_{number}")
        copy, limits = Copy(headline, description, cta, brief.brand), limits_of(brief.slot)
        assert width(headline) <= limits.headline
        assert width(description) <= limits.description
        findings = [finding for finding in review(copy, brief, rules) if finding.severity != "warn"]
        # Titles are put together by chance and may repeat a word; nothing that is written around them may be refused.
        refused += [finding for finding in findings if finding.code != "GIMMICK"]
    assert refused == []


@pytest.mark.parametrize(
    ("noun", "number", "article", "many"),
    [
        ("mug", "sg", "a mug", "mugs"),
        ("umbrella", "sg", "an umbrella", "umbrellas"),
        ("ukulele", "sg", "a ukulele", "ukuleles"),
        ("hourglass", "sg", "an hourglass", "hourglasses"),
        ("jeans", "pl", "jeans", "jeans"),
        ("coffee", "mass", "coffee", "coffee"),
        ("bookshelf", "sg", "a bookshelf", "bookshelves"),
        ("toy", "sg", "a toy", "toys"),
        ("candy dish", "sg", "a candy dish", "candy dishes"),
        ("berry", "sg", "a berry", "berries"),
        ("compass", "sg", "a compass", "compasses"),
    ],
)
def test_nouns_agree(noun: str, number: str, article: str, many: str) -> None:
    assert (grammatical_number(noun), with_article(noun), plural(noun)) == (number, article, many)


def test_titles_and_nouns_are_written_as_a_person_would() -> None:
    assert plain_case("RED RETROSPOT MUG 500ML") == "Red Retrospot Mug 500ML"
    assert plain_case("iPad Case") == "iPad Case"
    nouns = ("Daypack", "TV", "iPad Case", "LUNCH BAG")
    assert [lower_noun(noun) for noun in nouns] == ["daypack", "TV", "iPad case", "lunch bag"]


def test_money_is_shown_as_the_feed_has_it() -> None:
    assert [price_text(1250, "USD"), price_text(120000, "GBP"), price_text(1250, "CHF"), price_text(900, "JPY")] == [
        "$12.50",
        "£1,200",
        "12.50 CHF",
        "¥900",
    ]
    assert (saving_percent(10000, 7501), saving_percent(100, 100), saving_percent(None, 5), saving_percent(1000, 999)) == (
        24,
        None,
        None,
        None,
    )
