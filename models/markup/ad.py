"""An ad as markup sees it: plain values of a published creative, and what no format may carry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final
from urllib.parse import quote

from models.campaigns import EventTracker
from models.link import SECURE_SCHEMES, link_fault, tracker_fault

MOST_BYTES: Final = 8_192
"""Of one rendering: caches between exchanges and pages take little more."""
CLICK_MACRO: Final = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}|%%[A-Z][A-Z0-9_]*%%")
"""What an ad server replaces by its click counter: `${CLICK_URL}`, `%%CLICK_URL_UNESC%%`."""

_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Controls, halves of surrogates and what is no character: XML cannot carry them."""


def click_macro_fault(macro: str) -> str:
    """Why no ad server fills in `macro`, which markup writes before the landing page; '' when one does, or
    there is none."""
    return "" if not macro or CLICK_MACRO.fullmatch(macro) else "is no macro of an ad server"


class NotOfferedError(ValueError):
    """This ad cannot be had in this format; the message says why."""


@dataclass(frozen=True, slots=True)
class AdPicture:
    """The main picture; sizes in pixels, None = not known. `whole`: it holds the words as well."""

    url: str
    w: int | None = None
    h: int | None = None
    mime: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    """A video file; `codec` as RFC 6381 names it, '' and 0 bytes = not known."""

    url: str
    w: int
    h: int
    mime: str
    duration_s: int
    codec: str = ""
    bytes: int = 0

    @property
    def kbps(self) -> int:
        """Thousands of bits per second, 0 = not known."""
        return -(-self.bytes * 8 // (self.duration_s * 1_000)) if self.duration_s else 0


@dataclass(frozen=True, slots=True)
class Ad:
    """`also`: other headlines and descriptions, reviewed alike; `trackers` by AdCOM event; `label`: what must
    be said of the copy's origin, `legal`: what the campaign must say; `origin`: the digital source type of
    the copy; `redirect`: an address that counts a click and leads to `link`; `clips`: the same clip in other
    codecs, `captions`: the address of its WebVTT file; times in Unix ms."""

    creative_id: str
    template_id: str
    campaign_id: str
    slot: str
    lang: str
    headline: str
    description: str
    cta: str
    brand: str
    link: str
    created_ms: int
    expires_ms: int
    fallback_link: str = ""
    click_macro: str = ""
    redirect: str = ""
    click_trackers: tuple[str, ...] = ()
    trackers: tuple[EventTracker, ...] = ()
    picture: AdPicture | None = None
    clips: tuple[Clip, ...] = ()
    captions: str = ""
    label: str = ""
    legal: str = ""
    origin: str = ""
    adomain: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    category_taxonomy: int | None = None
    attributes: tuple[int, ...] = ()
    media_rating: int = 1
    audit_status: int = 1
    also: tuple[tuple[str, str], ...] = ()

    @property
    def must_say(self) -> str:
        """What leaves with the words, or they do not leave: legal text and label."""
        return " · ".join(each for each in (self.legal, self.label) if each)

    @property
    def click_url(self) -> str:
        """Where markup leads that can call nobody at a click: the landing page, or the redirect to it that
        counts the click; percent-encoded behind the click macro where there is one."""
        leads = self.redirect or self.link
        return f"{self.click_macro}{quote(leads, safe='')}" if self.click_macro else leads

    @property
    def clip(self) -> Clip | None:
        """The clip in the codec that is asked for first."""
        return self.clips[0] if self.clips else None

    def with_clips_of(self, mimes: Sequence[str]) -> Ad:
        """The ad with its clips of these types alone; none given: of any."""
        fitting = tuple(each for each in self.clips if not mimes or each.mime in mimes)
        return self if fitting == self.clips else replace(self, clips=fitting)

    @property
    def secure_picture(self) -> AdPicture | None:
        """The picture, unless a page of https would block it."""
        picture = self.picture
        return picture if picture is not None and not link_fault(picture.url, SECURE_SCHEMES) else None


def check_ad(ad: Ad) -> None:
    """Raises NotOfferedError when an address or a text cannot be put into markup: what earlier builds let
    through is judged again before it leaves."""
    addresses = {"the landing page": ad.link, "the fallback page": ad.fallback_link}
    addresses |= {"the picture": ad.picture.url} if ad.picture else {}
    addresses |= {"the captions": ad.captions}
    faults = [(name, link_fault(url)) for name, url in addresses.items() if url]
    faults += [("the clip", link_fault(each.url)) for each in ad.clips]
    faults += [("a tracker", tracker_fault(each.url)) for each in ad.trackers]
    faults += [("a click tracker", tracker_fault(url)) for url in ad.click_trackers]
    faults += [("the redirect", tracker_fault(ad.redirect))] if ad.redirect else []
    if ad.click_macro and not CLICK_MACRO.fullmatch(ad.click_macro):
        faults.append(("the click macro", "is none: give ${CLICK_URL} or %%CLICK_URL_UNESC%%"))
    texts = (ad.headline, ad.description, ad.cta, ad.brand, ad.must_say, ad.lang, ad.slot, *chain(*ad.also))
    names = (ad.creative_id, ad.template_id, ad.campaign_id, *ad.adomain, *ad.categories)
    if any(map(_UNPRINTABLE.search, (*texts, *names))):
        faults.append(("a text", "holds a control character"))
    for name, fault in faults:
        if fault:
            raise NotOfferedError(f"{name} {fault}")


def bounded(text: str) -> str:
    """The rendering, unless it is too large to be passed on. Raises NotOfferedError."""
    if (size := len(text.encode())) > MOST_BYTES:
        raise NotOfferedError(f"it would be {size} bytes; at most {MOST_BYTES} are passed on")
    return text
