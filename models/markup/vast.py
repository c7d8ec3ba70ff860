"""VAST 4.2: one linear ad of one clip in each of its codecs, elements in the order that the schema wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from models.link import SECURE_SCHEMES, link_fault
from models.markup.ad import Ad, Clip, NotOfferedError, bounded
from models.markup.tracking import IMPRESSION, LOADED, PLAYED, VIEWABLE_VIDEO, pixels, reaction_addresses

NAMESPACE: Final = "http://www.iab.com/VAST"
SYSTEM: Final = "shiftcast"
NOBODY: Final = "about:blank"
"""An impression is required: this one calls nobody."""
CONTENT_TAXONOMY: Final = {8: "https://iabtechlab.com/ad-product-2.0"}
"""AdCOM cattax -> who defines the category."""


def vast_document(ad: Ad) -> str:
    """The document. Raises NotOfferedError without a clip."""
    if ad.clip is None:
        raise NotOfferedError("there is no clip of this creative")
    for each in ad.clips:
        if fault := link_fault(each.url, SECURE_SCHEMES):
            raise NotOfferedError(f"the clip {fault}")
    impressions = pixels(ad.trackers, IMPRESSION)
    root = Element("VAST", {"version": "4.2", "xmlns": NAMESPACE})
    inline = SubElement(SubElement(root, "Ad", id=ad.creative_id), "InLine")
    _say(inline, "AdSystem", SYSTEM)
    said = reaction_addresses(ad.trackers)
    if ad.origin or said:
        extensions = SubElement(inline, "Extensions")
        _provenance(extensions, ad)
        _reactions(extensions, said)
    for url in impressions or [NOBODY]:
        _say(inline, "Impression", url)
    if viewable := pixels(ad.trackers, VIEWABLE_VIDEO):
        seen = SubElement(inline, "ViewableImpression")
        for url in viewable:
            _say(seen, "Viewable", url)
    _say(inline, "AdServingId", str(uuid5(NAMESPACE_URL, ad.creative_id)))
    _say(inline, "AdTitle", ad.headline)
    _say(inline, "Advertiser", ad.brand)
    authority = CONTENT_TAXONOMY.get(ad.category_taxonomy or 0)
    for category in ad.categories if authority else ():
        _say(inline, "Category", category, authority=authority or "")
    creative = SubElement(SubElement(inline, "Creatives"), "Creative", id=ad.creative_id, adId=ad.template_id)
    _linear(SubElement(creative, "Linear"), ad)
    _say(creative, "UniversalAdId", "unknown", idRegistry="unknown")
    _say(inline, "Description", ad.description)
    return bounded(tostring(root, encoding="unicode"))


def _provenance(extensions: Element, ad: Ad) -> None:
    """Where the ad comes from, for who reads no credentials out of the file."""
    if not ad.origin:
        return
    extension = SubElement(extensions, "Extension", type="provenance")
    _say(extension, "DigitalSourceType", ad.origin)
    if ad.label:
        _say(extension, "Label", ad.label)


def _reactions(extensions: Element, said: Mapping[str, str]) -> None:
    """Addresses for a player that lets viewers say what they think of the ad: VAST has no element of its
    own."""
    if said:
        extension = SubElement(extensions, "Extension", type="reactions")
        for name, url in said.items():
            SubElement(extension, "Reaction", {"name": name}).text = url


def _linear(linear: Element, ad: Ad) -> None:
    assert ad.clip is not None
    clip = ad.clip
    if events := _events(ad):
        tracking = SubElement(linear, "TrackingEvents")
        for name, url in events:
            _say(tracking, "Tracking", url, event=name)
    minutes, seconds = divmod(clip.duration_s, 60)
    _say(linear, "Duration", f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}")
    files = SubElement(linear, "MediaFiles")
    if ad.captions and not link_fault(ad.captions, SECURE_SCHEMES):
        language = ad.lang.partition("-")[0]
        told = {"type": "text/vtt", **({"language": language} if language else {})}
        _say(SubElement(files, "ClosedCaptionFiles"), "ClosedCaptionFile", ad.captions, **told)
    for each in ad.clips:
        _say(files, "MediaFile", each.url, **_facts(each))
    clicks = SubElement(linear, "VideoClicks")
    for url in ad.click_trackers:
        _say(clicks, "ClickTracking", url)
    _say(clicks, "ClickThrough", ad.link)


def _facts(clip: Clip) -> dict[str, str]:
    """Attributes of a media file; what is not known is left out."""
    known = {
        "codec": clip.codec,
        "bitrate": str(clip.kbps) if clip.kbps else "",
        "fileSize": str(clip.bytes) if clip.bytes else "",
    }
    return {
        "delivery": "progressive",
        "type": clip.mime,
        "width": str(clip.w),
        "height": str(clip.h),
        **{name: value for name, value in known.items() if value},
    }


def _events(ad: Ad) -> list[tuple[str, str]]:
    named = {LOADED: "loaded", **PLAYED}
    return [(name, url) for event, name in named.items() for url in pixels(ad.trackers, event)]


def _say(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text
