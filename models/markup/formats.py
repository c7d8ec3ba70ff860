"""Every format that a creative can be had in, by name: the one place that makes markup, whether it is stored
with the creative or made at a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from models.markup.ad import Ad, NotOfferedError, bounded, check_ad
from models.markup.adcom import adcom_ad
from models.markup.banner import banner_html
from models.markup.channels import search_ad, social_ad
from models.markup.native import native_response
from models.markup.vast import vast_document

FORMATS: Final[dict[str, Callable[[Ad], Any]]] = {
    "native": native_response,
    "html": banner_html,
    "vast": vast_document,
    "adcom": adcom_ad,
    "search": search_ad,
    "social": social_ad,
}
STORED: Final = ("native", "html", "vast")
"""Those that a campaign may have its creatives carry."""


def markup(name: str, ad: Ad) -> Any:
    """The ad in a format: an object, or the text of HTML and VAST. Raises NotOfferedError."""
    check_ad(ad)
    made = FORMATS[name](ad)
    if not isinstance(made, str):
        bounded(orjson.dumps(made).decode())
    return made


def stored_markup(names: Iterable[str], ad: Ad) -> dict[str, Any]:
    """What a creative carries ready-made: of these formats, those that it can be had in."""
    made = {}
    for name in names:
        if name in STORED:
            try:
                made[name] = markup(name, ad)
            except NotOfferedError:
                continue  # who asks for it is told why
    return made
