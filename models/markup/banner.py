"""A banner as one HTML file: no script, nothing loaded but pictures, a policy that holds it to that."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from typing import Final

from models.campaigns import EventTracker
from models.markup.ad import Ad, AdPicture, NotOfferedError, bounded
from models.markup.label import NoRoomForLabelError
from models.markup.reaction_menu import LOW_MENU_STYLE, MENU_STYLE, reaction_menu
from models.markup.slot_sizes import must_say_width, size_of
from models.markup.tracking import IMPRESSION, LOADED, PIXEL, REACTIONS, pixels, reaction_addresses
from models.text.graphemes import shown_width

_WIDE: Final = 2.2
"""From this ratio of width to height on, picture and text stand side by side."""
_FLAT_PX: Final = 100
"""Up to this height the call to action stands beside the text, up to half of it there is no description."""
_STYLE: Final = (
    "*{{box-sizing:border-box;margin:0}}html,body{{width:{width};height:{height};overflow:hidden}}"
    "a{{display:flex;flex-direction:{direction};width:100%;height:100%;border:1px solid #767676;"
    "background:#fff;color:#1a1a1a;text-decoration:none;font:{text_px}px/1.25 system-ui,sans-serif}}"
    "img{{{picture};object-fit:cover;flex:none}}"
    "div{{flex:1 1 0;min-width:0;min-height:0;padding:{space_px}px;{inner}}}"
    "b{{font-size:{title_px}px;line-height:1.15}}p{{{description}}}small{{font-size:{small_px}px;"
    "line-height:1.2;color:#595959}}"
    "i{{{button};padding:{half_px}px {space_px}px;border-radius:4px;background:#0b57d0;"
    "color:#fff;font-style:normal;font-weight:600}}.t{{position:absolute;width:1px;height:1px;opacity:0}}"
)
_WHOLE: Final = (
    "*{{box-sizing:border-box;margin:0}}html,body{{width:{width};height:{height};overflow:hidden}}"
    "a,.w{{display:block;width:100%;height:100%}}.w{{object-fit:contain}}"
    ".t{{position:absolute;width:1px;height:1px;opacity:0}}"
)
_COLUMN: Final = "display:flex;flex-direction:column;justify-content:space-between"
_GRID: Final = "display:grid;grid-template-columns:1fr auto;column-gap:6px;align-content:center"


def banner_html(ad: Ad) -> str:
    """The banner in the size of its slot, else in the room that the page gives. Trackers that are scripts,
    and those of events that only a script sees, are left to the structured formats. Raises
    NotOfferedError."""
    if ad.slot.startswith("video"):
        raise NotOfferedError("a video slot takes a clip, not a banner")
    if (wide := shown_width(ad.must_say)) > (most := must_say_width(ad.slot)):
        raise NoRoomForLabelError(f"legal text and label are {wide} wide; {ad.slot} holds {most}")
    picture = ad.secure_picture
    said = reaction_addresses(ad.trackers)
    try:
        return bounded(_page(ad, picture, said))
    except NotOfferedError:
        if not said:
            raise
        return bounded(_page(ad, picture, {}))  # the ad itself comes before what may be said of it


def is_in_page(tracker: EventTracker) -> bool:
    """Whether a page calls it, or offers it to its reader, where there is room."""
    return tracker.method == PIXEL and tracker.type in (LOADED, IMPRESSION, *REACTIONS)


def _page(ad: Ad, picture: AdPicture | None, said: Mapping[str, str]) -> str:
    whole = picture is not None and picture.whole
    style = _whole_style(ad.slot) if whole else _style(ad.slot)
    if said:
        style += MENU_STYLE + (LOW_MENU_STYLE if whole and _is_low(ad.slot) else "")
    called = "".join(
        f'<img class="t" src="{escape(url)}" alt="" width="1" height="1">'
        for url in pixels(ad.trackers, LOADED, IMPRESSION)
    )
    return (
        f'<!DOCTYPE html><html lang="{escape(ad.lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">'
        f"<title>{escape(ad.headline)}</title><style>{style}</style></head><body>"
        f'<a href="{escape(ad.click_url)}" target="_blank" rel="noopener sponsored">'
        f"{_picture_alone(ad, picture) if picture is not None and whole else _worded(ad, picture)}</a>"
        f"{reaction_menu(said)}{called}</body></html>"
    )


def _picture_alone(ad: Ad, picture: AdPicture) -> str:
    """The words stand in the picture: who cannot see it is told them."""
    told = ". ".join(each for each in (ad.headline, ad.description, ad.cta, ad.brand, ad.must_say) if each)
    return f'<img class="w" src="{escape(picture.url)}" alt="{escape(told)}">'


def _worded(ad: Ad, picture: AdPicture | None) -> str:
    shown = f'<img src="{escape(picture.url)}" alt="">' if picture is not None else ""
    signed = " · ".join(escape(each) for each in (ad.brand, ad.must_say) if each)
    return (
        f'{shown}<div dir="auto"><b>{escape(ad.headline)}</b><p>{escape(ad.description)}</p>'
        f"<small>{signed}</small><i>{escape(ad.cta)}</i></div>"
    )


def _is_low(slot: str) -> bool:
    _, h = size_of(slot) or (0, 0)
    return 0 < h <= _FLAT_PX / 2


@cache
def _whole_style(slot: str) -> str:
    w, h = size_of(slot) or (0, 0)
    return _WHOLE.format(width=f"{w}px" if w else "100%", height=f"{h}px" if h else "auto")


@cache
def _style(slot: str) -> str:
    w, h = size_of(slot) or (0, 0)
    wide, flat = bool(h) and w / h >= _WIDE, bool(h) and h <= _FLAT_PX
    text_px = max(11, round(min(w, h) * 0.048)) if h else 16
    return _STYLE.format(
        width=f"{w}px" if w else "100%",
        height=f"{h}px" if h else "auto",
        direction="row" if wide else "column",
        picture=f"width:{h}px;height:100%" if wide else "width:100%;height:34%",
        inner=_GRID if flat else _COLUMN,
        description="display:none" if _is_low(slot) else "",
        button="grid-column:2;grid-row:1/4;align-self:center" if flat else "align-self:flex-start",
        text_px=text_px,
        title_px=text_px if flat else round(text_px * 1.25),
        small_px=max(9, round(text_px * 0.8)),
        space_px=4 if flat else max(4, text_px // 2),
        half_px=max(2, text_px // 4),
    )


@cache
def _policy(style: str) -> str:
    allowed = f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"
    return f"default-src 'none'; img-src https:; style-src '{allowed}'; base-uri 'none'; form-action 'none'"
