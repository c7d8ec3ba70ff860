"""OpenRTB Dynamic Native Ads 1.2: the response object, for the assets that a request names or our own.

The label of a model's copy is a data asset of its own where we choose the assets, or the request names one of
that type. Numbers of 500 and more are the exchange's to give out, and a response holds what was asked for: to
any other request the label stands behind the description, else behind the title. Either asset is `required`
in the response, which is how the standard says that it must be displayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from models.markup.ad import Ad, NotOfferedError
from models.markup.label import LABEL_DATA, NoRoomForLabelError, with_label
from models.markup.tracking import NATIVE_EVENTS, REACTIONS, reaction_addresses
from models.markup.vast import vast_document
from models.text.graphemes import shown_width

VERSION: Final = "1.2"
MAIN_PICTURE: Final = 3
SPONSORED: Final = 1
DESCRIPTION: Final = 2
CALL_TO_ACTION: Final = 12
"""Image and data types."""


@dataclass(frozen=True, slots=True)
class WantedAsset:
    """One asset of a request: `kind` title | img | data | video. 0 and () = nothing said."""

    id: int
    kind: str
    type: int = 0
    required: bool = False
    longest: int = 0
    w_least: int = 0
    h_least: int = 0
    mimes: tuple[str, ...] = ()
    least_s: int = 0
    most_s: int = 0


OWN_ASSETS: Final = (
    WantedAsset(1, "title", required=True),
    WantedAsset(2, "img", MAIN_PICTURE),
    WantedAsset(3, "data", SPONSORED),
    WantedAsset(4, "data", DESCRIPTION),
    WantedAsset(5, "data", CALL_TO_ACTION),
    WantedAsset(6, "data", LABEL_DATA),
)
"""What stands in a response that nobody asked for in particular."""
_LABEL_STANDS: Final = (("data", LABEL_DATA), ("data", DESCRIPTION), ("title", 0))
"""Kinds and types of assets, in the order in which they are tried."""


def native_response(ad: Ad, wanted: Sequence[WantedAsset] = OWN_ASSETS) -> dict[str, Any]:
    """The response object, not wrapped. A text that is longer than asked for is left out, never cut: what was
    reviewed is what is shown. Raises NotOfferedError when a required asset cannot be given, nor a label that
    is due."""
    assets = []
    carrier = _carrier(ad, wanted)
    for each in wanted:
        made = _asset(ad, each, ad.must_say if each is carrier else "")
        if made is not None:
            required = {"required": 1} if each.required or each is carrier else {}
            assets.append({"id": each.id, **required, **made})
        elif each.required:
            raise NotOfferedError(
                f"asset {each.id} ({each.kind} {each.type or ''}".rstrip() + ") is not there"
            )
    if not assets:
        raise NotOfferedError("none of the assets is there")
    link: dict[str, Any] = {"url": ad.link}
    if ad.click_trackers:
        link["clicktrackers"] = list(ad.click_trackers)
    if ad.fallback_link:
        link["fallback"] = ad.fallback_link
    response: dict[str, Any] = {"ver": VERSION, "assets": assets, "link": link}
    events = [
        {"event": NATIVE_EVENTS[each.type], "method": each.method, "url": each.url}
        for each in ad.trackers
        if each.type in NATIVE_EVENTS
    ]
    response |= {"eventtrackers": events} if events else {}
    said = reaction_addresses(ad.trackers)
    return response | ({"ext": {"reactions": said}} if said else {})


def _carrier(ad: Ad, wanted: Sequence[WantedAsset]) -> WantedAsset | None:
    """The asset that carries the label; None where none is due: pictures beside words have none of their own,
    and a clip shows its label itself. Raises NoRoomForLabelError."""
    texts = [each for each in wanted if each.kind in ("title", "data")]
    if not ad.must_say or not texts:
        return None
    for kind, data_type in _LABEL_STANDS:
        for each in texts:
            if each.kind == kind and each.type == data_type and _text(ad, each, ad.must_say):
                return each
    raise NoRoomForLabelError(
        f"{ad.must_say!r} has no room: ask for a description or a title that holds it, or for a data asset "
        f"of type {LABEL_DATA}"
    )


def _text(ad: Ad, wanted: WantedAsset, label: str) -> str:
    """What a title or a data asset says, with a label behind it; '' = nothing that fits."""
    said = {SPONSORED: ad.brand, DESCRIPTION: ad.description, CALL_TO_ACTION: ad.cta}
    text = ad.headline if wanted.kind == "title" else said.get(wanted.type, "")
    return _fitting(with_label(text, label), wanted.longest)


def _asset(ad: Ad, wanted: WantedAsset, label: str) -> dict[str, Any] | None:
    """The asset without its id; None = we have none that fits."""
    if wanted.kind == "title":
        text = _text(ad, wanted, label)
        return {"title": {"text": text}} if text else None
    if wanted.kind == "data":
        text = _text(ad, wanted, label)
        return {"data": {"type": wanted.type, "value": text}} if text else None
    if wanted.kind == "video":
        return _clip(ad, wanted)
    return _picture(ad, wanted) if wanted.kind == "img" else None


def _fitting(text: str, longest: int) -> str:
    return text if not longest or shown_width(text) <= longest else ""


def _clip(ad: Ad, wanted: WantedAsset) -> dict[str, Any] | None:
    ad = ad.with_clips_of(wanted.mimes)
    if (clip := ad.clip) is None:
        return None
    if not wanted.least_s <= clip.duration_s <= (wanted.most_s or clip.duration_s):
        return None
    beside = (*NATIVE_EVENTS, *REACTIONS)  # the response says them: what is said twice is counted twice
    told = replace(ad, trackers=tuple(each for each in ad.trackers if each.type not in beside))
    try:
        return {"video": {"vasttag": vast_document(told)}}
    except NotOfferedError:
        return None


def _picture(ad: Ad, wanted: WantedAsset) -> dict[str, Any] | None:
    """The main picture; a size or type that is not known fits, one that is known must."""
    picture = ad.secure_picture
    if picture is None or wanted.type not in (0, MAIN_PICTURE):
        return None
    if (picture.w or wanted.w_least) < wanted.w_least or (picture.h or wanted.h_least) < wanted.h_least:
        return None
    if picture.mime and wanted.mimes and picture.mime not in wanted.mimes:
        return None
    size = {"w": picture.w, "h": picture.h} if picture.w and picture.h else {}
    return {"img": {"type": MAIN_PICTURE, "url": picture.url, **size}}
