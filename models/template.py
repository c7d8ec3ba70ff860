"""Fill an approved template from a brief: always an answer, always within the limits, never a fact that is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.copywriter.brief import Brief, Copy, limits_of, short_title
from models.copywriter.price import price_text
from models.graphemes import cut, width
from models.normalise import clean

_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")
_TITLE_LIMIT = 120


def slot_values(brief: Brief) -> dict[str, str]:
    """What each slot of a template may stand for; a slot without a fact is absent."""
    price = brief.salesprice_minor if brief.salesprice_minor is not None else brief.price_minor
    values = {
        "title": clean(brief.title, _TITLE_LIMIT),
        "noun": clean(brief.noun, 40),
        "brand": clean(brief.brand, 25),
        "price": "" if price is None else price_text(price, brief.currency, brief.locale),
    }
    return {name: value for name, value in values.items() if value}


def _fit(sentence: str, values: Mapping[str, str], limit: int) -> str:
    """One sentence with its slots filled; the title gives way first, then the sentence is cut at a word."""
    filled = _SLOT.sub(lambda match: values[match.group(1)], sentence)
    over = width(filled) - limit
    if over > 0 and "{title}" in sentence:
        room = width(values["title"]) - over
        if room >= 8:
            shorter = {**values, "title": short_title(values["title"], values.get("noun", ""), room)}
            filled = _SLOT.sub(lambda match: shorter[match.group(1)], sentence)
    return filled if width(filled) <= limit else cut(filled, limit)


def _field(template: str, values: Mapping[str, str], limit: int) -> str:
    """A field: sentences with an unknown slot are left out, later sentences only when they fit whole, the title when nothing is left."""
    text = ""
    for sentence in _SENTENCE.split(template.strip()):
        if any(name not in values for name in _SLOT.findall(sentence)):
            continue
        if not text:
            text = _fit(sentence, values, limit)
            continue
        longer = f"{text} {_SLOT.sub(lambda match: values[match.group(1)], sentence)}"
        if width(longer) <= limit:
            text = longer
    return text or short_title(values.get("title", values.get("noun", values.get("brand", ""))), values.get("noun", ""), limit)


def fill(headline: str, description: str, cta: str, brief: Brief) -> Copy:
    """The copy of an approved template (`{title}`, `{noun}`, `{price}`, `{brand}`) for a brief.

    Always returns; every field is within the limits of the brief's slot, cut at word boundaries.
    A sentence whose slot has no fact is left out.
    """
    values, limits = slot_values(brief), limits_of(brief.slot)
    return Copy(
        headline=_field(headline, values, limits.headline),
        description=_field(description, values, limits.description),
        cta=cut(cta.strip(), limits.cta),
        brand=cut(values.get("brand", ""), limits.brand),
    )
