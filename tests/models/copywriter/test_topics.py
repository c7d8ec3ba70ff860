"""Which domain a text is about, and that the copy follows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.brief.brief import Brief
from models.copywriter.generate import Copywriter
from models.copywriter.topics import DOMAINS, Topics, interest_words, item_words
from models.corpus.languages import LANGUAGES, lists_of
from models.evaluation.briefs import own_briefs
from tests.models.copywriter.vocabulary import VOCABULARY

BASE = Brief("rq", "c", "native", "Northfold", "Oak Desk", "desk")


@pytest.fixture(scope="module")
def writer() -> Copywriter:
    return Copywriter.load()


def test_domains_are_those_of_the_word_lists() -> None:
    assert [sorted(lists_of(language).domains) for language in LANGUAGES] == [sorted(DOMAINS)] * 3


@pytest.mark.parametrize(
    ("title", "noun", "category", "domain"),
    [
        ("Granite Mortar", "mortar", "kitchen", "kitchen"), ("ALPINE TENT 2P", "tent", "", "outdoors"),
        ("Silver Hoop", "earrings", "", "jewelry"),
        ("Zumo Akka", "akka", "footwear", "footwear"), ("Modern cocoon", "chair", "furniture", "furniture"),
        ("", "", "", "any"),
    ],
)  # fmt: skip
def test_an_item_is_of_a_domain(title: str, noun: str, category: str, domain: str) -> None:
    brief = replace(BASE, title=title, noun=noun, category=category)
    assert VOCABULARY.domain(item_words(brief)) == domain


def test_most_items_that_nobody_trained_on_are_of_their_category() -> None:
    """Retail categories that say a domain by themselves; the words of the items are new."""
    said = {
        "Küche": "kitchen",
        "厨房": "kitchen",
        "furniture": "furniture",
        "footwear": "footwear",
        "apparel": "apparel",
    }
    briefs = [brief for brief in own_briefs() if brief.category in said]
    right = sum(VOCABULARY.domain(item_words(brief)) == said[brief.category] for brief in briefs)
    assert len(briefs) >= 30
    assert right >= 0.85 * len(briefs)


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("homedecor.clocks", "decor"),
        ("instruments.guitars", "music"),
        ("Wandern", "outdoors"),
        ("厨具", "kitchen"),
        ("<|>", "any"),
    ],
)
def test_an_interest_is_of_a_domain(name: str, domain: str) -> None:
    assert VOCABULARY.domain(interest_words(name)) == domain


def test_weights_survive_the_file_and_others_are_refused() -> None:
    topics = Topics(np.eye(30, len(DOMAINS), dtype=np.float32))
    assert Topics.read(topics.to_bytes()).of([3, 3, 5]) == DOMAINS[3]
    assert topics.of([]) == topics.of([29]) == "any"
    with pytest.raises(ValueError, match="expected"):
        Topics.read(Topics(np.zeros((4, 4), np.float32)).to_bytes())
