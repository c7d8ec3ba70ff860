"""More examples from those there are, meaning unchanged: synonyms, the items of other examples, closing
sentences of other templates."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.brief.brief import Brief, copy_channel_of, language_of, limits_of, scene_limit
from models.brief.render import join_scenes, render_field, unspaced
from models.brief.slots import grammatical_number, slot_texts
from models.corpus.examples import CorpusExample, brief_facts
from models.corpus.languages import LANGUAGES, lists_of
from models.text.graphemes import shown_width
from models.text.sentences import sentences_of

_POINTER = re.compile(r"<(\w+)>")
_PLACEHOLDER: Final = re.compile(r"[{\[~]")


@lru_cache(maxsize=1)
def synonym_groups() -> dict[str, list[list[str]]]:
    """Groups of words per language (synonyms.toml)."""
    return tomllib.loads(files(__package__).joinpath("synonyms.toml").read_text(encoding="utf-8"))


def fits(example: CorpusExample) -> bool:
    """Whether every pointer has a text and every field is within its limit."""
    limits, known = limits_of(example.brief.slot), slot_texts(example.brief)
    names = (name for field in example.fields for name in _POINTER.findall(field))
    if any(name not in known and not name.startswith("cta_") for name in names):
        return False
    middle = (
        scene_limit(example.brief.slot)
        if copy_channel_of(example.brief.slot) == "video"
        else limits.description
    )
    budgets = (limits.headline, *(middle for _ in example.middle), limits.cta)
    return all(
        shown_width(render_field(field, example.brief)) <= budget
        for field, budget in zip(example.fields, budgets, strict=True)
    )


def with_synonym(example: CorpusExample, rng: random.Random) -> CorpusExample:
    """One word or phrase of the copy replaced by one that means the same."""
    language = language_of(example.brief.locale)
    edge = "" if unspaced(example.brief.locale) else r"\b"
    found = [
        (word, other)
        for group in synonym_groups().get(language, [])
        for word in group
        for other in group
        if word != other
        and any(
            re.search(f"{edge}{re.escape(word)}{edge}", field, re.IGNORECASE) for field in example.fields[:-1]
        )
    ]
    if not found:
        return example
    word, other = rng.choice(found)

    def cased(match: re.Match[str]) -> str:
        return other[0].upper() + other[1:] if match.group()[0].isupper() else other

    pattern = re.compile(f"{edge}{re.escape(word)}{edge}", re.IGNORECASE)
    return replace(
        example, fields=(*(pattern.sub(cased, field) for field in example.fields[:-1]), example.cta)
    )


def with_item_of(example: CorpusExample, other: Brief) -> CorpusExample:
    """The copy about another row: title, noun, category and prices are the other brief's; unchanged when the
    grammar would not agree."""
    mine = example.brief
    if language_of(mine.locale) != language_of(other.locale):
        return example
    if grammatical_number(slot_texts(mine).get("noun", "")) != grammatical_number(
        slot_texts(other).get("noun", "")
    ):
        return example
    row = {
        name: getattr(other, name)
        for name in ("title", "noun", "category", "price_minor", "salesprice_minor", "currency")
    }
    return replace(example, brief=replace(mine, **row))


def with_other_closing(example: CorpusExample, rng: random.Random) -> CorpusExample:
    """The last sentence of a description exchanged for one of the project's own patterns that suits the
    brief."""
    language = language_of(example.brief.locale)
    if language not in LANGUAGES or len(example.middle) != 1:
        return example
    sentences = sentences_of(example.middle[0])
    if len(sentences) < 2 or "<" in sentences[-1]:
        return example
    facts = brief_facts(example.brief)
    plain = [
        phrase.text
        for phrase in lists_of(language).patterns["closing"]
        if phrase.fits(facts) and not _PLACEHOLDER.search(phrase.text)
    ]
    closing = rng.choice(plain)
    if closing in sentences:
        return example
    return replace(
        example,
        fields=(example.headline, join_scenes([*sentences[:-1], closing], example.brief.locale), example.cta),
    )


def augmented(data: Sequence[CorpusExample], copies: int, seed: int) -> Iterator[CorpusExample]:
    """Every example, and up to `copies` others made of it that differ and keep all limits; the same seed
    makes the same ones."""
    rng = random.Random(seed)  # noqa: S311 - text, not secrets
    ways: Sequence[Callable[[CorpusExample], CorpusExample]] = (
        lambda example: with_synonym(example, rng),
        lambda example: with_item_of(example, rng.choice(data).brief),
        lambda example: with_other_closing(example, rng),
    )
    for example in data:
        yield example
        for _ in range(copies):
            other = rng.choice(ways)(example)
            if other != example and fits(other):
                yield other
