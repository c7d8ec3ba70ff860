"""The AdCOM 1.0 Ad object: for whoever keeps ads apart from bids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from models.campaigns import EventTracker
from models.markup.ad import Ad
from models.markup.banner import banner_html, is_in_page
from models.markup.label import LABEL_DATA
from models.markup.slot_sizes import size_of
from models.markup.vast import vast_document

HTML: Final = 1
NATIVE: Final = 4
VAST_4_2: Final = 13
"""Creative subtypes of display and video."""


def adcom_ad(ad: Ad) -> dict[str, Any]:
    """A clip as VAST, a slot of fixed size as HTML, else structured native. Raises NotOfferedError."""
    made: dict[str, Any] = {
        "id": ad.creative_id,
        "adomain": list(ad.adomain),
        "cat": list(ad.categories),
        "cattax": ad.category_taxonomy,
        "lang": ad.lang.partition("-")[0] or "xx",
        "attr": list(ad.attributes),
        "secure": 1,
        "mrating": ad.media_rating,
        "init": ad.created_ms,
        "lastmod": ad.created_ms,
        "audit": {"status": ad.audit_status},
        "ext": {"label": ad.must_say, "crid": ad.template_id},
    }
    if ad.slot.startswith("video"):
        markup = vast_document(ad)
        assert ad.clip is not None
        made["video"] = {
            "mime": [ad.clip.mime],
            "ctype": VAST_4_2,
            "dur": ad.clip.duration_s,
            "adm": markup,
        }
    else:
        made["display"] = _display(ad)
    return {name: value for name, value in made.items() if value not in (None, [], "")}


def _events(trackers: Iterable[EventTracker]) -> list[dict[str, Any]]:
    return [{"type": each.type, "method": each.method, "url": each.url} for each in trackers]


def _display(ad: Ad) -> dict[str, Any]:
    size = size_of(ad.slot)
    if size is not None:
        beside = [each for each in ad.trackers if not is_in_page(each)]  # said twice it would count twice
        shown = {"mime": "text/html", "ctype": HTML, "w": size[0], "h": size[1], "adm": banner_html(ad)}
        return {**shown, "event": _events(beside)}
    texts = ((1, ad.brand), (2, ad.description), (12, ad.cta))
    assets: list[dict[str, Any]] = [{"id": 1, "req": 1, "title": {"text": ad.headline}}]
    if ad.secure_picture is not None:
        assets.append({"id": 2, "image": {"type": 3, "url": ad.secure_picture.url}})
    assets += [
        {"id": 3 + at, "data": {"type": kind, "value": text}} for at, (kind, text) in enumerate(texts) if text
    ]
    if ad.must_say:
        assets.append({"id": 3 + len(texts), "req": 1, "data": {"type": LABEL_DATA, "value": ad.must_say}})
    link: dict[str, Any] = {"url": ad.link, "trkr": list(ad.click_trackers)}
    if ad.fallback_link:
        link["urlfb"] = ad.fallback_link
    return {"ctype": NATIVE, "native": {"link": link, "asset": assets}, "event": _events(ad.trackers)}
