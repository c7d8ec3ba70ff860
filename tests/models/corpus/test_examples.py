from __future__ import annotations

from collections import Counter

import pytest

from models.brief.brief import limits_of, scene_limit
from models.brief.price import price_text, saving_percent
from models.brief.slots import grammatical_number, plural, with_article
from models.corpus.examples import as_shown, corpus_examples
from models.corpus.languages import LANGUAGES
from models.review.judging import load_rules, review
from models.text.graphemes import shown_width


def test_the_same_seed_writes_the_same_examples() -> None:
    assert list(corpus_examples(50, 3)) == list(corpus_examples(50, 3))
    assert list(corpus_examples(50, 3)) != list(corpus_examples(50, 4))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_every_example_would_pass_review_and_all_fit(language: str) -> None:
    refused = []
    for number, example in enumerate(corpus_examples(400, 5, (language,))):
        brief, copy = as_shown(example, f"rq_{number}")
        limits = limits_of(brief.slot)
        assert shown_width(copy.headline) <= limits.headline
        assert shown_width(copy.description) <= limits.description
        assert shown_width(copy.cta) <= limits.cta
        assert all(shown_width(scene) <= scene_limit(brief.slot) for scene in copy.scenes)
        findings = [
            finding
            for finding in review(copy, brief, load_rules(brief.markets))
            if finding.severity != "warn"
        ]
        # Titles are put together by chance and may repeat a word; nothing that is written around them may be
        # refused.
        refused += [(finding.code, finding.text, copy) for finding in findings if finding.code != "GIMMICK"]
    assert len(refused) <= (2 if language == "en" else 0), (
        refused
    )  # what a sentence means is judged by likeness, which errs now and then


@pytest.mark.parametrize("language", LANGUAGES)
def test_copy_names_its_item_and_what_the_campaign_requires(language: str) -> None:
    for example in corpus_examples(200, 6, (language,)):
        whole = " ".join(example.fields)
        assert any(f"<{name}>" in whole for name in ("noun", "anoun", "nouns"))
        assert not example.brief.must_use or "<fact>" in whole


def test_tones_styles_and_categories_come_evenly() -> None:
    made = list(corpus_examples(3000, 7))
    for name in ("tone", "style", "goal", "slot"):
        counts = Counter(getattr(example.brief, name) for example in made)
        assert max(counts.values()) < 1.35 * min(counts.values()), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_copy_says_a_thing_twice(language: str) -> None:
    """Nor points twice at the same price, saving, brand or fact."""
    for example in corpus_examples(300, 9, (language,)):
        whole = " ".join((example.headline, *example.middle))
        for pointer in ("price", "save", "brand", "fact", "title"):
            assert whole.count(f"<{pointer}>") <= 1, example.fields
        assert len(set(example.middle)) == len(example.middle)


@pytest.mark.parametrize(
    ("noun", "number", "article", "many"),
    [
        ("mug", "sg", "a mug", "mugs"),
        ("umbrella", "sg", "an umbrella", "umbrellas"),
        ("ukulele", "sg", "a ukulele", "ukuleles"),
        ("UVB tube", "sg", "a UVB tube", "UVB tubes"),
        ("SD card", "sg", "an SD card", "SD cards"),
        ("RAM kit", "sg", "a RAM kit", "RAM kits"),
        ("rosin", "mass", "rosin", "rosin"),
        ("hourglass", "sg", "an hourglass", "hourglasses"),
        ("jeans", "pl", "jeans", "jeans"),
        ("coffee", "mass", "coffee", "coffee"),
        ("bookshelf", "sg", "a bookshelf", "bookshelves"),
        ("toy", "sg", "a toy", "toys"),
        ("candy dish", "sg", "a candy dish", "candy dishes"),
        ("berry", "sg", "a berry", "berries"),
        ("compass", "sg", "a compass", "compasses"),
        ("HDMI cable", "sg", "an HDMI cable", "HDMI cables"),
        ("FBI mug", "sg", "an FBI mug", "FBI mugs"),
        ("MRI kit", "sg", "an MRI kit", "MRI kits"),
        ("STEM kit", "sg", "a STEM kit", "STEM kits"),
        ("NYLON BAG", "sg", "a NYLON BAG", "NYLON BAGs"),
        ("-bag", "sg", "a -bag", "-bags"),
        ("- apron", "sg", "an - apron", "- aprons"),
        ("-", "sg", "-", "-s"),
    ],
)
def test_nouns_agree(noun: str, number: str, article: str, many: str) -> None:
    assert (grammatical_number(noun), with_article(noun), plural(noun)) == (number, article, many)


def test_money_is_shown_as_the_feed_has_it() -> None:
    assert [
        price_text(1250, "USD"),
        price_text(120000, "GBP"),
        price_text(1250, "CHF"),
        price_text(900, "JPY"),
    ] == [
        "$12.50",
        "£1,200",
        "CHF 12.50",
        "¥900",
    ]
    assert (
        saving_percent(10000, 7501),
        saving_percent(100, 100),
        saving_percent(None, 5),
        saving_percent(1000, 999),
    ) == (
        24,
        None,
        None,
        None,
    )
