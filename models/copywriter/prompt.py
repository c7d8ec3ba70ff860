"""A brief as tokens: control tokens for our choices and for what item and interests are about, lengths of
what the copy points at.

Of what others wrote the model reads the campaign's calls to action alone, cleaned, delimited and capped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tokenizers import Tokenizer

from models.brief.brief import (
    CHANNELS,
    DEVICES,
    GOALS,
    STYLES,
    TONES,
    Brief,
    copy_channel_of,
    language_of,
    limits_of,
    nearest_tone,
)
from models.brief.passage import passages_of
from models.brief.slots import COPY_SLOTS, CTAS, cta_texts, grammatical_number, slot_texts
from models.copywriter.topics import DOMAINS, Topics, interest_words, item_words
from models.segments import DAYPARTS
from models.text.graphemes import shown_width
from models.text.normalise import clean

_LENGTHS: Final = (4, 7, 10, 13, 16, 19, 22, 26, 32, 40, 60)
_BRITISH: Final = frozenset({"GB", "IE", "AU", "NZ", "IN", "ZA"})
_BRITISH_MONEY: Final = frozenset({"GBP", "AUD", "NZD", "INR", "ZAR"})
_HEADLINES: Final = (25, 27, 30)
_DESCRIPTIONS: Final = (40, 72, 90)
TOLD_LANGUAGES: Final = ("en", "de", "zh")
"""Languages a model can be told to write in by a control token."""

SPECIALS: Final[tuple[str, ...]] = (
    "pad", "bos", "eos", "sep", "copy", "in_noun", "in_title", "in_brand", "in_fact",
    *(f"slot_{name}" for name in COPY_SLOTS), *(f"cta_{index}" for index in range(CTAS)),
    *(f"style_{name}" for name in STYLES), *(f"goal_{name}" for name in GOALS),
    *(f"tone_{name}" for name in TONES),
    *(f"daypart_{name}" for name in DAYPARTS), "week_weekday", "week_weekend",
    *(f"device_{name}" for name in DEVICES),
    "spelling_us", "spelling_uk", *(f"headline_{limit}" for limit in _HEADLINES),
    *(f"description_{limit}" for limit in _DESCRIPTIONS),
    "num_sg", "num_pl", "num_mass", "price_yes", "price_sale", "returning", "must",
    *(f"len_{index}" for index in range(len(_LENGTHS) + 1)),
    *(f"lang_{language}" for language in TOLD_LANGUAGES), *(f"channel_{name}" for name in CHANNELS),
    *(f"item_{name}" for name in DOMAINS), *(f"interest_{name}" for name in DOMAINS), "in_passage",
)  # fmt: skip
"""Control tokens of a model trained today, in the order of their ids; no text can produce one. New ones are
added at the end."""
PROMPT_LIMIT: Final = 64
"""Tokens of a prompt at most."""
INTERESTS: Final = 2
"""Interests a prompt names."""


@dataclass(frozen=True)
class Vocabulary:
    """Byte-pair tokens of text, then the control tokens that the model was trained with (the manifest's
    `controls`)."""

    tokenizer: Tokenizer
    topics: Topics
    controls: tuple[str, ...] = SPECIALS

    @cached_property
    def text_size(self) -> int:
        """Tokens of text."""
        return int(self.tokenizer.get_vocab_size())

    @property
    def size(self) -> int:
        return self.text_size + len(self.controls)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: self.text_size + index for index, name in enumerate(self.controls)}

    def knows(self, name: str) -> bool:
        """Whether the model was trained with a control token."""
        return name in self._ids

    def special(self, name: str) -> int:
        """Id of a control token. Raises KeyError for one the model was not trained with."""
        return self._ids[name]

    def text(self, text: str, limit: int | None = None) -> list[int]:
        """Ids of plain text, at most `limit` of them."""
        ids: list[int] = self.tokenizer.encode(text).ids
        return ids[:limit]

    def domain(self, words: str) -> str:
        """What words are about: one of DOMAINS."""
        return self.topics.of(self.text(words))


def length_token(text: str) -> str:
    """Special token for the width of a text the model only points at."""
    return f"len_{sum(shown_width(text) > edge for edge in _LENGTHS)}"


def presented(brief: Brief) -> dict[str, str]:
    """What is put in the place of the title where the row has a sentence of its own, if that is shorter: so
    much room a draft has to keep. Nothing where the title stays."""
    texts = [slot_texts(brief).get("title", ""), *passages_of(brief)]
    shortest = min(filter(None, texts), key=shown_width, default="")
    return {"title": shortest} if len(texts) > 1 and shortest else {}


def _nearest(limit: int, known: Sequence[int]) -> int:
    """The largest trained budget within `limit`."""
    return max((value for value in known if value <= limit), default=known[0])


def campaign_controls(brief: Brief) -> list[str]:
    """Control tokens for what a campaign, its slot and its audience's language have in common."""
    limits, language = limits_of(brief.slot), language_of(brief.locale)
    names = [
        f"lang_{language}",
        f"channel_{copy_channel_of(brief.slot)}",
        f"goal_{brief.goal if brief.goal in GOALS else 'clicks'}",
        f"tone_{nearest_tone(brief.tone)}",
    ]
    if language == "en":
        names.append("spelling_uk" if _spelt_british(brief) else "spelling_us")
    return [
        *names,
        f"headline_{_nearest(limits.headline, _HEADLINES)}",
        f"description_{_nearest(limits.description, _DESCRIPTIONS)}",
    ]


def moment_controls(brief: Brief) -> list[str]:
    """Control tokens for how to open, and for the time and the device; what is unknown has no token."""
    names = [f"style_{brief.style if brief.style in STYLES else STYLES[0]}"]
    if brief.daypart in DAYPARTS:
        names.append(f"daypart_{brief.daypart}")
    if brief.weekday:
        names.append("week_weekend" if brief.weekday.lower() in ("saturday", "sunday") else "week_weekday")
    if brief.device in DEVICES:
        names.append(f"device_{brief.device}")
    return [*names, "returning"] if brief.returning else names


def prompt_parts(brief: Brief, vocabulary: Vocabulary) -> tuple[list[int], list[int]]:
    """The prompt in two parts: what all prompts of a campaign, slot and language begin with (worth keeping),
    and the item and moment.

    Item and interests come as their domains, noun, title, brand and fact as lengths, the campaign's calls to
    action as text.
    """
    slots = slot_texts(brief) | presented(brief)

    def named(names: Sequence[str]) -> list[int]:
        return [vocabulary.special(name) for name in names if vocabulary.knows(name)]

    campaign = named(["bos", *campaign_controls(brief)])
    if "brand" in slots:
        campaign += named(["in_brand", length_token(slots["brand"])])
    if "fact" in slots:
        campaign += named(["in_fact", length_token(slots["fact"]), *(["must"] if brief.must_use else [])])
    for index, text in enumerate(cta_texts(brief)):
        campaign += [vocabulary.special(f"cta_{index}"), *vocabulary.text(" " + clean(text.lower(), 15), 8)]
    item = [f"num_{grammatical_number(slots.get('noun', ''))}"] if language_of(brief.locale) == "en" else []
    if "price" in slots:
        item.append("price_sale" if "save" in slots else "price_yes")
    item += ["in_noun", length_token(slots.get("noun", "")), "in_title", length_token(slots.get("title", ""))]
    if "passage" in slots and vocabulary.knows("in_passage"):
        item += ["in_passage", length_token(slots["passage"])]
    item.append(f"item_{vocabulary.domain(item_words(brief))}")
    item += moment_controls(brief)
    item += dict.fromkeys(
        f"interest_{vocabulary.domain(interest_words(name))}" for name in brief.interest[:INTERESTS]
    )
    return campaign, named([*item, "copy"])


def prompt_ids(brief: Brief, vocabulary: Vocabulary) -> list[int]:
    """The whole prompt of a brief."""
    campaign, item = prompt_parts(brief, vocabulary)
    return campaign + item


def _spelt_british(brief: Brief) -> bool:
    """Whether reader, locale or, where prices are in such money, the shop write English as Britons do."""
    countries = {brief.place.upper(), brief.locale.replace("_", "-").upper()[3:]}
    return not countries.isdisjoint(_BRITISH) or brief.currency in _BRITISH_MONEY
