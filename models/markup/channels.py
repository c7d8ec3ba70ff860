"""The same ad as the texts of other channels: responsive search ads and social feeds. A text that is too long
for a field is left out and named, never cut. The label of a model's copy stands behind every description of a
search ad, since the platform shows one or two of them, and in a feed behind the text that is always seen."""

from __future__ import annotations

from typing import Any, Final

from models.markup.ad import Ad
from models.markup.label import NoRoomForLabelError, with_label
from models.text.graphemes import shown_width

HEADLINE: Final = 30
SEARCH_DESCRIPTION: Final = 90
LEAST_HEADLINES: Final = 3
LEAST_DESCRIPTIONS: Final = 2
MOST_HEADLINES: Final = 15
MOST_DESCRIPTIONS: Final = 4
"""Of a responsive search ad."""
_OWN_HEADLINES: Final = 3
"""The creative's, the brand and the call to action."""
PRIMARY_TEXT: Final = 125
SOCIAL_HEADLINE: Final = 40


def search_ad(ad: Ad) -> dict[str, Any]:
    """Headlines and descriptions of a responsive search ad, of all copies that the creative carries;
    `missing` counts what the platform asks for and they do not give. Raises NoRoomForLabelError."""
    others = [headline for headline, _ in ad.also][: MOST_HEADLINES - _OWN_HEADLINES]
    headlines = _distinct(ad.headline, *others, ad.brand, ad.cta)
    texts = _distinct(ad.description, *(description for _, description in ad.also))[:MOST_DESCRIPTIONS]
    if len(texts) < LEAST_DESCRIPTIONS:
        texts = _distinct(*texts, ad.headline)
    descriptions = [with_label(each, ad.must_say) for each in texts]
    fitting = [each for each in headlines if shown_width(each) <= HEADLINE]
    said = [each for each in descriptions if shown_width(each) <= SEARCH_DESCRIPTION]
    if ad.must_say and not said:
        raise NoRoomForLabelError(
            f"its label {ad.must_say!r} fits behind no description of {SEARCH_DESCRIPTION} characters"
        )
    return {
        "headlines": fitting,
        "descriptions": said,
        "final_url": ad.link,
        "left_out": [each for each in headlines if each not in fitting]
        + [each for each in descriptions if each not in said],
        "missing": {
            "headlines": max(0, LEAST_HEADLINES - len(fitting)),
            "descriptions": max(0, LEAST_DESCRIPTIONS - len(said)),
        },
    }


def social_ad(ad: Ad) -> dict[str, Any]:
    """Fields of a link ad in a feed. Raises NoRoomForLabelError."""
    fields = {
        "primary_text": (ad.description, PRIMARY_TEXT),
        "headline": (ad.headline, SOCIAL_HEADLINE),
    }
    if ad.must_say:
        fields |= _with_label(fields, ad.must_say)
    fields |= {
        "call_to_action": (ad.cta, HEADLINE),
        "name": (ad.brand, SOCIAL_HEADLINE),
    }
    fits = {name: text for name, (text, most) in fields.items() if text and shown_width(text) <= most}
    picture = {"image_url": ad.secure_picture.url} if ad.secure_picture is not None else {}
    too_long = [name for name, (text, _) in fields.items() if text and name not in fits]
    return {**fits, **picture, "link": ad.link, "left_out": too_long}


def _with_label(fields: dict[str, tuple[str, int]], label: str) -> dict[str, tuple[str, int]]:
    """The first field that holds its text with the label. Raises NoRoomForLabelError."""
    for name, (text, most) in fields.items():
        if shown_width(told := with_label(text, label)) <= most:
            return {name: (told, most)}
    raise NoRoomForLabelError(f"its label {label!r} fits behind none of {', '.join(fields)}")


def _distinct(*texts: str) -> list[str]:
    """The first of those that differ in nothing but capitals."""
    found: dict[str, str] = {}
    for text in texts:
        if text:
            found.setdefault(text.casefold(), text)
    return list(found.values())
