"""Fill an approved template from a brief: always an answer, always within the limits, never a fact that is
not there."""

from __future__ import annotations

from collections.abc import Mapping

from models.brief.brief import (
    SCENES,
    Brief,
    Copy,
    copy_channel_of,
    limits_of,
    scene_limit,
    short_title,
)
from models.brief.price import asked_price
from models.brief.render import join_scenes, one_stop, opening
from models.brief.slots import said_title, shown_noun
from models.campaigns import PLACEHOLDER
from models.text.graphemes import cut, shown_width
from models.text.normalise import clean
from models.text.phrases import whole_phrase
from models.text.sentences import sentences_of

_TITLE_LIMIT = 120


def slot_values(brief: Brief) -> dict[str, str]:
    """What each slot of a template may stand for; a slot without a fact is absent."""
    values = {
        "title": clean(said_title(brief), _TITLE_LIMIT),
        "noun": shown_noun(brief),
        "brand": clean(brief.brand, 25),
        "price": asked_price(brief),
    }
    return {name: value for name, value in values.items() if value}


def _filled(sentence: str, values: Mapping[str, str], locale: str) -> str:
    """A sentence with its slots filled; a noun at its beginning has a capital."""
    if sentence.startswith("{noun}"):
        sentence = opening(values["noun"], locale) + sentence.removeprefix("{noun}")
    return one_stop(PLACEHOLDER.sub(lambda match: values[match.group(1)], sentence))


def _fit(sentence: str, values: Mapping[str, str], limit: int, locale: str) -> str:
    """One sentence with its slots filled; the title gives way first, then all words around a noun, which is
    never said in part; else the sentence is cut where a phrase ends. '' where nothing fits."""
    filled = _filled(sentence, values, locale)
    over = shown_width(filled) - limit
    if over > 0 and "{title}" in sentence:
        room = shown_width(values["title"]) - over
        if room >= 8:
            shorter = {**values, "title": short_title(values["title"], values.get("noun", ""), room)}
            filled = _filled(sentence, shorter, locale) if shorter["title"] else filled
    if shown_width(filled) <= limit:
        return filled
    if "{noun}" not in sentence:
        return whole_phrase(filled, limit)
    alone = opening(values["noun"], locale)
    return alone if shown_width(alone) <= limit else ""


def _field(template: str, values: Mapping[str, str], limit: int, locale: str) -> str:
    """A field: sentences with an unknown slot are left out, later sentences only when they fit whole. When
    nothing is left: the title, else the noun or the brand, else what fits of the title."""
    text = ""
    for sentence in sentences_of(template):
        if any(name not in values for name in PLACEHOLDER.findall(sentence)):
            continue
        if not text:
            text = _fit(sentence, values, limit, locale)
            continue
        longer = join_scenes((text, _filled(sentence, values, locale)), locale)
        if shown_width(longer) <= limit:
            text = longer
    noun, brand = values.get("noun", ""), values.get("brand", "")
    title = values.get("title", noun or brand)
    whole = (text, short_title(title, noun, limit), opening(noun, locale), brand)
    return next((each for each in whole if each and shown_width(each) <= limit), cut(title, limit))


def _scenes(template: str, values: Mapping[str, str], limit: int, locale: str) -> tuple[str, ...]:
    """The lines of a video script: the first sentences whose slots have facts; none when there are too few
    for a script."""
    usable = [
        sentence
        for sentence in sentences_of(template)
        if all(name in values for name in PLACEHOLDER.findall(sentence))
    ]
    scenes = tuple(_fit(sentence, values, limit, locale) for sentence in usable[:SCENES])
    return scenes if len(scenes) == SCENES else ()


def fill_template(headline: str, description: str, cta: str, brief: Brief) -> Copy:
    """The copy of an approved template (`{title}`, `{noun}`, `{price}`, `{brand}`) for a brief.

    Always returns; every field is within the limits of the brief's slot, cut at word boundaries.
    A sentence whose slot has no fact is left out. In a video each sentence of the description is a scene.
    """
    values, limits = slot_values(brief), limits_of(brief.slot)
    video, locale = copy_channel_of(brief.slot) == "video", brief.locale
    scenes = _scenes(description, values, scene_limit(brief.slot), locale) if video else ()
    return Copy(
        headline=_field(headline, values, limits.headline, brief.locale),
        description=join_scenes(scenes, brief.locale)
        if scenes
        else _field(description, values, limits.description, brief.locale),
        cta=cut(cta.strip(), limits.cta),
        brand=cut(values.get("brand", ""), limits.brand),
        scenes=scenes,
    )
