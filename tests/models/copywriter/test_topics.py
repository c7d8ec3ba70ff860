"""Which domain a text is about, and that the copy follows it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from models.brief.brief import Brief
from models.copywriter.generate import Copywriter
from models.copywriter.topics import DOMAINS, Topics, interest_words, item_words
from models.corpus.languages import LANGUAGES, lists_of
from models.corpus.made_up import MadeUp, make_up
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_copy_speaks_of_the_item_or_of_what_the_reader_likes(writer: Copywriter, language: str) -> None:
    """Words that belong to one domain alone stand in copy about that domain; chance would be one in ten."""
    owners = _owners(language)
    made = _made_up(language, 160)
    found: Counter[bool] = Counter()
    drafts = writer.write([each.brief for each in made], lambda: 1e9)
    for each, draft in zip(made, drafts, strict=True):
        text = f"{draft.copy.headline} {draft.copy.description}".casefold() if draft.copy else ""
        about = {each.domain, each.interest_domain, "any"}
        found.update(owner in about for words, owner in owners.items() if words in text)
    assert found.total() >= 100
    assert found[True] >= 0.85 * found.total()


def _owners(language: str) -> dict[str, str]:
    """Phrases that one domain alone has, long enough to be found by chance nowhere else."""
    owners: dict[str, set[str]] = {}
    for name, entry in lists_of(language).domains.items():
        for kind in ("for_", "do", "where"):
            for words in entry[kind]:
                owners.setdefault(words.split("~")[0].casefold(), set()).add(name)
    return {
        words: next(iter(names)) for words, names in owners.items() if len(names) == 1 and len(words) >= 4
    }


def _made_up(language: str, count: int) -> list[MadeUp]:
    """Briefs about items that can be told, with ids."""
    rng = random.Random(77)
    made: list[MadeUp] = []
    while len(made) < count:
        each = make_up(language, rng)
        if each.domain != "any" and each.relation != "none":
            made.append(replace(each, brief=replace(each.brief, request_id=f"rq_{len(made)}")))
    return made
