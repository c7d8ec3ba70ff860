"""A published creative as markup sees it."""

from __future__ import annotations

from typing import Any, Final

from models.campaigns import EventTracker
from models.markup.ad import Ad, AdPicture, Clip
from models.markup.formats import markup
from streams import records as r

WHOLE_AD: Final = "ad"
"""Role of a picture that holds the words as well."""
CAPTIONS: Final = "captions"
"""Role of the file that says in letters what a clip says."""
_PICTURE: Final = "image/"
_CLIP: Final = "video/"
_CLIP_S: Final = 6
"""A clip that does not say how long it is has the length that ours have."""


def ad_of(creative: r.Creative) -> Ad:
    """The plain ad of one record of ads.creative.v1."""
    picture = next((each for each in creative.assets if (each.mime or _PICTURE).startswith(_PICTURE)), None)
    captions = next((each.url for each in creative.assets if each.role == CAPTIONS), "")
    disclosure = creative.provenance.disclosure
    labels = [each.label_text for each in disclosure.jurisdictions] if disclosure.required else []
    return Ad(
        creative_id=creative.creative_id,
        template_id=creative.template_id,
        campaign_id=creative.campaign_id,
        slot=creative.slot,
        lang=creative.lang,
        headline=creative.copy.headline,
        description=creative.copy.description,
        cta=creative.copy.cta,
        brand=creative.copy.brand or creative.advertiser.name,
        also=tuple((each.headline, each.description) for each in creative.also),
        link=creative.link.url,
        created_ms=creative.created,
        expires_ms=creative.expires,
        fallback_link=creative.link.urlfb or "",
        click_macro=creative.link.macro,
        redirect=creative.link.redirect or "",
        click_trackers=tuple(creative.link.trkr),
        trackers=tuple(EventTracker(each.type, each.method, each.url) for each in creative.trackers),
        picture=_picture(picture) if picture else None,
        clips=tuple(_clip(each) for each in creative.assets if (each.mime or "").startswith(_CLIP)),
        captions=captions,
        label=" / ".join(dict.fromkeys(labels)),
        legal=creative.legal,
        origin=creative.provenance.digital_source_type,
        adomain=tuple(creative.advertiser.adomain),
        categories=tuple(creative.cat),
        category_taxonomy=creative.cattax,
        attributes=tuple(creative.attr),
        media_rating=creative.mrating,
        audit_status=creative.audit.status,
    )


def own_asset(creative: r.Creative) -> r.Asset | None:
    """The first file that was made for it, in whichever version: a first one names what is in the store
    already. Those have a hash, a shop's own picture has not."""
    return next((each for each in creative.assets if each.sha256), None)


def own_files(creative: r.Creative) -> str:
    """The name of the files that were made for it; "" = none were."""
    ours = own_asset(creative)
    return "" if ours is None else ours.url.rpartition("/")[2].partition(".")[0]


def _picture(asset: r.Asset) -> AdPicture:
    return AdPicture(asset.url, asset.w, asset.h, asset.mime or "", asset.role == WHOLE_AD)


def _clip(asset: r.Asset) -> Clip:
    return Clip(
        asset.url,
        asset.w or 0,
        asset.h or 0,
        asset.mime or "",
        asset.dur or _CLIP_S,
        asset.codec or "",
        asset.bytes or 0,
    )


def rendering(creative: r.Creative, name: str) -> Any:
    """A creative in a format: the one it carries, else made now. Raises NotOfferedError."""
    return creative.render[name] if name in creative.render else markup(name, ad_of(creative))
