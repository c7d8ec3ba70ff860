"""A brief as tokens: control tokens for our choices, delimited cleaned text for what is not ours, never a fact to be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from models.copywriter.brief import DAYPARTS, DEVICES, GOALS, STYLES, TONES, Brief, limits_of
from models.copywriter.slots import CTAS, SLOTS, cta_texts, grammatical_number, slot_texts
from models.graphemes import width
from models.normalise import clean

_LENGTHS: Final = (4, 7, 10, 13, 16, 19, 22, 26, 32, 40, 60)
_BRITISH: Final = frozenset({"GB", "IE", "AU", "NZ", "IN", "ZA"})
_HEADLINES: Final = (25, 27, 30)
_DESCRIPTIONS: Final = (40, 72, 90)

SPECIALS: Final[tuple[str, ...]] = (
    "pad", "bos", "eos", "sep", "copy", "in_noun", "in_title", "in_category", "in_interest", "in_brand", "in_fact",
    *(f"slot_{name}" for name in SLOTS), *(f"cta_{index}" for index in range(CTAS)),
    *(f"style_{name}" for name in STYLES), *(f"goal_{name}" for name in GOALS), *(f"tone_{name}" for name in TONES),
    *(f"daypart_{name}" for name in DAYPARTS), "week_weekday", "week_weekend", *(f"device_{name}" for name in DEVICES),
    "spelling_us", "spelling_uk", *(f"headline_{limit}" for limit in _HEADLINES), *(f"description_{limit}" for limit in _DESCRIPTIONS),
    "num_sg", "num_pl", "num_mass", "price_yes", "price_sale", "returning", "must", *(f"len_{index}" for index in range(len(_LENGTHS) + 1)),
)  # fmt: skip
"""Tokens that no text can produce: their ids follow the byte-pair ones and the tokenizer does not know them."""
TEXT_LIMIT: Final = 48
"""Width of a title inside a prompt; every text of others is capped in tokens as well, so that a prompt has at most PROMPT_LIMIT."""
PROMPT_LIMIT: Final = 144


@dataclass(frozen=True)
class Vocabulary:
    """Byte-pair tokens of text, then the special ones."""

    tokenizer: Tokenizer
    text_size: int

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        tokenizer = Tokenizer.from_file(str(path))
        return cls(tokenizer, tokenizer.get_vocab_size())

    @property
    def size(self) -> int:
        return self.text_size + len(SPECIALS)

    def special(self, name: str) -> int:
        """Id of a special token."""
        return self.text_size + SPECIALS.index(name)

    def text(self, text: str, limit: int | None = None) -> list[int]:
        """Ids of plain text, at most `limit` of them."""
        ids: list[int] = self.tokenizer.encode(text).ids
        return ids[:limit]


def length_token(text: str) -> str:
    """Special token for the width of a text the model only points at."""
    return f"len_{sum(width(text) > edge for edge in _LENGTHS)}"


def _nearest(limit: int, known: Sequence[int]) -> int:
    """The largest trained budget within `limit`."""
    return max((value for value in known if value <= limit), default=known[0])


def control_names(brief: Brief) -> list[str]:
    """Special tokens for everything about a brief that is a choice of ours; what is unknown has no token."""
    limits, slots = limits_of(brief.slot), slot_texts(brief)
    style = brief.style if brief.style in STYLES else STYLES[0]
    names = [
        f"style_{style}",
        f"goal_{brief.goal if brief.goal in GOALS else 'clicks'}",
        f"tone_{brief.tone if brief.tone in TONES else TONES[0]}",
    ]
    if brief.daypart in DAYPARTS:
        names.append(f"daypart_{brief.daypart}")
    if brief.weekday:
        names.append("week_weekend" if brief.weekday.lower() in ("saturday", "sunday") else "week_weekday")
    if brief.device in DEVICES:
        names.append(f"device_{brief.device}")
    names.append(
        "spelling_uk" if brief.place.upper() in _BRITISH or brief.locale.replace("_", "-").upper()[3:] in _BRITISH else "spelling_us"
    )
    names += [f"headline_{_nearest(limits.headline, _HEADLINES)}", f"description_{_nearest(limits.description, _DESCRIPTIONS)}"]
    names.append(f"num_{grammatical_number(slots.get('noun', ''))}")
    if "price" in slots:
        names.append("price_sale" if "save" in slots else "price_yes")
    if brief.returning:
        names.append("returning")
    return names


def prompt_ids(brief: Brief, vocabulary: Vocabulary) -> list[int]:
    """The prompt of a brief. Noun, title, category and interests are read as text; brand and fact only as a length."""
    special, slots = vocabulary.special, slot_texts(brief)
    ids = [special("bos"), *(special(name) for name in control_names(brief))]
    ids += [special("in_noun"), *vocabulary.text(" " + slots.get("noun", ""), 14), special(length_token(slots.get("noun", "")))]
    ids += [
        special("in_title"),
        *vocabulary.text(" " + clean(slots.get("title", "").lower(), TEXT_LIMIT), 24),
        special(length_token(slots.get("title", ""))),
    ]
    if brief.category:
        ids += [special("in_category"), *vocabulary.text(" " + clean(brief.category.lower(), 24), 10)]
    for interest in brief.interest[:2]:
        ids += [special("in_interest"), *vocabulary.text(" " + clean(interest.lower(), 24), 10)]
    if "brand" in slots:
        ids += [special("in_brand"), special(length_token(slots["brand"]))]
    if "fact" in slots:
        ids += [special("in_fact"), special(length_token(slots["fact"]))]
        if brief.must_use:
            ids.append(special("must"))
    for index, text in enumerate(cta_texts(brief)):
        ids += [special(f"cta_{index}"), *vocabulary.text(" " + clean(text.lower(), 15), 8)]
    return [*ids, special("copy")]
