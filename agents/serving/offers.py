"""One impression of a bid request and one creative: whether it may stand there, and the markup it gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
import orjson

from agents.serving.bid_request import BidRequest, Imp, is_set
from models.campaigns import Campaign
from models.markup.ad import NotOfferedError, check_ad
from models.markup.formats import markup
from models.markup.native import WantedAsset, native_response
from models.markup.slot_sizes import SIZES
from streams import records as r
from streams.mapping.ads import ad_of, rendering

BANNER: Final = 1
VIDEO: Final = 2
NATIVE: Final = 4
"""`mtype` of a bid."""
HTML_BANNER: Final = 2
"""`btype` that our banners are."""
VAST_4_2: Final = 13
"""Protocol that our clips are served by."""
CONTENT_1_0: Final = 1
"""Taxonomy of categories of which none is said, by the standard: those of an ad and those of a request."""
_LARGEST: Final = 2**31 - 1
_BY_SIZE: Final = {size: slot for slot, size in SIZES.items() if not slot.startswith("video")}


@dataclass(frozen=True, slots=True)
class AdPlace:
    """A slot that an impression has, and how it is to be filled. `wrapped`: the native request came as before
    version 1.1, inside an object, and its answer goes so."""

    slot: str
    mtype: int
    wanted: tuple[WantedAsset, ...] = ()
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is answered for one impression."""

    creative: r.Creative
    mtype: int
    markup: str
    w: int = 0
    h: int = 0


def imp_places_of(imp: Imp) -> list[AdPlace]:
    """Slots of an impression, each once, in the order in which they are tried; a native request that cannot
    be read has none, nor has one that only deals may fill: campaigns state a price, not a deal."""
    if imp.pmp is not None and is_set(imp.pmp.private_auction):
        return []
    return list(dict.fromkeys(_places_of(imp)))


def _places_of(imp: Imp) -> Iterator[AdPlace]:
    if imp.native is not None and (place := _native_place(imp.native.request)):
        yield place
    if imp.banner is not None and HTML_BANNER not in imp.banner.btype:
        mimes = imp.banner.mimes
        for size in ((imp.banner.w, imp.banner.h), *((each.w, each.h) for each in imp.banner.format)):
            if size in _BY_SIZE and (not mimes or "text/html" in mimes):
                yield AdPlace(_BY_SIZE[size], BANNER)
    if imp.video is not None and (not imp.video.protocols or VAST_4_2 in imp.video.protocols):
        if imp.video.w >= imp.video.h:
            yield AdPlace("video_16x9", VIDEO)
        if imp.video.h >= imp.video.w:
            yield AdPlace("video_9x16", VIDEO)


def _native_place(text: str) -> AdPlace | None:
    try:
        request = orjson.loads(text)
        inside = request.get("native", request)
        wanted = tuple(map(_wanted, inside["assets"]))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return AdPlace("native", NATIVE, wanted, inside is not request) if wanted else None


def _whole(value: Any) -> int:
    """A number that an answer can hold again. Raises ValueError, TypeError, OverflowError."""
    number = int(value)
    if not 0 <= number <= _LARGEST:
        raise ValueError("no number of a native request")
    return number


def _wanted(asset: Any) -> WantedAsset:
    kind = next(each for each in ("title", "img", "video", "data", "") if not each or each in asset)
    about = asset.get(kind, {})
    return WantedAsset(
        _whole(asset["id"]),
        kind,
        _whole(about.get("type", 0)),
        bool(asset.get("required", 0)),
        _whole(about.get("len", 0)),
        _whole(about.get("wmin", about.get("w", 0))),
        _whole(about.get("hmin", about.get("h", 0))),
        tuple(map(str, about.get("mimes", ()))),
        _whole(about.get("minduration", 0)),
        _whole(about.get("maxduration", 0)),
    )


@dataclass(frozen=True, slots=True)
class Bars:
    """What an impression keeps out, as sets that are made once: advertisers' domains, categories, kinds of
    creatives. `taxonomy`: AdCOM number of that of the categories. `languages` empty = all
    are let in; `says_who_pays`: only what states it for the DSA."""

    domains: frozenset[str]
    categories: frozenset[str]
    taxonomy: int
    attributes: frozenset[int]
    languages: frozenset[str]
    says_who_pays: bool

    @classmethod
    def of(cls, request: BidRequest) -> Bars:
        """Of all its impressions; of one: `with_imp`."""
        return cls(
            frozenset(each.lower() for each in request.badv),
            frozenset(each.upper() for each in request.bcat),
            request.cattax or CONTENT_1_0,
            frozenset(),
            frozenset(request.wlang),
            _wants_payer(request),
        )

    def with_imp(self, imp: Imp) -> Bars:
        """With what this impression alone keeps out."""
        kinds = (each for each in (imp.banner, imp.video, imp.native) if each)
        return replace(self, attributes=frozenset(code for each in kinds for code in each.battr))

    def admit(self, creative: r.Creative) -> bool:
        """Whether an ad of this advertiser, category, kind and language may stand there."""
        return not (
            any(_within(domain.lower(), self.domains) for domain in creative.advertiser.adomain)
            or self._bars_category(creative)
            or not self.attributes.isdisjoint(creative.attr)
            or (self.languages and creative.lang.partition("-")[0] not in self.languages)
            or (self.says_who_pays and creative.dsa is None)
        )

    def _bars_category(self, creative: r.Creative) -> bool:
        """Of the first taxonomy, in which parents stand in the id, whatever belongs to one that is barred.
        What is told in another taxonomy than the barred ones may be one of them."""
        if not self.categories or not creative.cat:
            return False
        if self.taxonomy != (creative.cattax or CONTENT_1_0):
            return True
        told = [each.upper() for each in creative.cat]
        return not self.categories.isdisjoint([*told, *(each.partition("-")[0] for each in told)])


def _wants_payer(request: BidRequest) -> bool:
    ext = request.regs.ext
    return ext is not None and ext.dsa is not None and ext.dsa.dsarequired in (2, 3)


def _within(domain: str, blocked: frozenset[str]) -> bool:
    """Whether a domain, or one that it belongs to, is blocked."""
    labels = domain.split(".")
    return any(".".join(labels[at:]) in blocked for at in range(len(labels)))


def ad_offer_of(creative: r.Creative, place: AdPlace, imp: Imp) -> Offer:
    """The creative's markup for a place. Raises NotOfferedError."""
    if place.mtype == NATIVE:
        ad = ad_of(creative)
        check_ad(ad)
        response = native_response(ad, place.wanted)
        return Offer(
            creative, NATIVE, orjson.dumps({"native": response} if place.wrapped else response).decode()
        )
    w, h = SIZES[place.slot]
    if place.mtype == BANNER:
        return Offer(creative, BANNER, rendering(creative, "html"), w, h)
    return _clip_offer(creative, imp)


def _clip_offer(creative: r.Creative, imp: Imp) -> Offer:
    whole, video = ad_of(creative), imp.video
    assert video is not None
    ad = whole.with_clips_of(video.mimes)
    if (clip := ad.clip) is None:
        raise NotOfferedError("there is no clip of this creative, or none of a type that was asked for")
    if clip.duration_s < video.minduration or (video.maxduration and clip.duration_s > video.maxduration):
        raise NotOfferedError("the clip is not of the length that was asked for")
    document = rendering(creative, "vast") if ad is whole else markup("vast", ad)
    return Offer(creative, VIDEO, document, clip.w, clip.h)


def bid_of(offer: Offer, imp_id: str, campaign: Campaign, now_ms: int) -> dict[str, Any]:
    """The bid object at the campaign's price; `crid` is the reviewed template's id, `adid` this creative's.
    The campaign's caps go along as a hint for whoever counts."""
    creative = offer.creative
    ad = ad_of(creative)
    made: dict[str, Any] = {
        "id": f"{creative.creative_id}-{imp_id}",
        "impid": imp_id,
        "price": campaign.cpm,
        "adm": offer.markup,
        "adid": creative.creative_id,
        "adomain": creative.advertiser.adomain,
        "iurl": ad.secure_picture.url if ad.secure_picture else "",
        "cid": creative.campaign_id,
        "crid": creative.template_id,
        "cat": creative.cat,
        "cattax": creative.cattax,
        "attr": creative.attr,
        "language": creative.lang.partition("-")[0],
        "w": offer.w,
        "h": offer.h,
        "dur": ad.clip.duration_s if offer.mtype == VIDEO and ad.clip else 0,
        "mtype": offer.mtype,
        "exp": max(1, (creative.expires - now_ms) // 1000),
    }
    ext: dict[str, Any] = {}
    if creative.dsa is not None:
        ext["dsa"] = msgspec.to_builtins(creative.dsa)
    if campaign.caps:
        ext["cap"] = [
            {"n": each.n, "scope": each.scope} | ({"per_s": each.per_s} if each.per_s is not None else {})
            for each in campaign.caps
        ]
    made["ext"] = ext
    return {name: value for name, value in made.items() if value not in (None, "", [], {}, 0)}
