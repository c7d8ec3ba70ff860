"""Row `m` of a user: what the creatives that row x names were made of, for as long as one of their exposures
may still be told; and what the open requests knew of the user, which no published creative says."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from models.earned.exposures import OURS, SETTLED
from models.markup.slot_sizes import channel_of
from streams import records as r
from streams.columns.names import NONE
from streams.mapping.ads import own_asset, own_files
from streams.wire.codecs import encode
from streams.wire.ids import number_of
from streams.wire.view import View

_ASKED: Final = 6
"""Open requests kept, as in row r."""
INTERESTS: Final = 3
"""Interest codes kept of a request, the strongest."""


class KnownAtRequest(msgspec.Struct, array_like=True, frozen=True):
    """What a request knew of the user."""

    request_id: str
    interests: tuple[str, ...] = ()
    segment: str = ""
    country: str = ""


class MadeCreative(msgspec.Struct, array_like=True, frozen=True):
    """One creative; "" = not known."""

    creative_id: str
    campaign_id: str
    slot: str
    template_id: str
    arm: str
    propensity: float | None = None
    policy_version: str = ""
    request_id: str = ""
    item_id: str = ""
    segment: str = ""
    interests: tuple[str, ...] = ()
    country: str = ""
    lang: str = ""
    copy: tuple[str, str, str, str] = ("", "", "", "")  # headline, description, call to action, brand
    item_propensity: float | None = None
    copy_id: str = ""  # of the entry of ads.copy.v1 that the copy was taken from
    layout: str = ""  # of the picture or clip that was made for it
    asset: str = ""  # the name of its files
    channel: str = ""
    layout_propensity: float | None = None  # with which that layout was drawn


class CreativeWords(NamedTuple):
    """What an exposure says of its creative: JSON members, each after a comma."""

    campaign_id: str
    json: str


class MadeRow(msgspec.Struct, array_like=True):
    """Newest last."""

    made: list[MadeCreative] = []
    asked: list[KnownAtRequest] = []


_WITHOUT: Final = '{"exposure_id":"","user":"","ts":0,"settled":""'
"""What the members of a creative stand behind."""
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(MadeRow)


def exposure_words_of(made: MadeCreative) -> CreativeWords:
    """What exposures of a creative say of it."""
    members = r.Exposure(
        "",
        "",
        0,
        "",
        made.campaign_id,
        made.creative_id,
        made.slot,
        made.template_id,
        made.arm or NONE,
        made.propensity,
        made.item_propensity,
        made.policy_version or None,
        made.request_id or None,
        made.item_id or None,
        made.segment or None,
        list(made.interests),
        country=made.country or None,
        lang=made.lang or None,
        copy=r.CopyText(*made.copy[:3], made.copy[3] or None) if made.copy[0] else None,
        copy_id=made.copy_id or None,
        layout=made.layout or None,
        asset=made.asset or None,
        channel=made.channel or None,
        layout_propensity=made.layout_propensity,
    )
    return CreativeWords(made.campaign_id, encode(members).decode().removeprefix(_WITHOUT).removesuffix("}"))


def made_key(user: bytes) -> bytes:
    return b"m" + user


def made_row_of(payload: bytes | None) -> MadeRow:
    """What stands in row m."""
    return MadeRow() if payload is None else _decoder.decode(payload)


def read_made(view: View, user: bytes) -> MadeRow:
    """The user's row m, empty when there is none."""
    return made_row_of(view.get(made_key(user)))


def note_asked(view: View, user: bytes, asked: KnownAtRequest) -> None:
    """Keep what a request that leaves knows."""
    row = read_made(view, user)
    others = [each for each in row.asked if each.request_id != asked.request_id]
    row.asked = [*others[1 - _ASKED :], asked]
    _write(view, user, row)


def note_made(view: View, user: bytes, creative: r.Creative, x: Any) -> None:
    """Keep what a creative that arrives was made of. What row x names no more is dropped."""
    row = read_made(view, user)
    asked = next((each for each in row.asked if each.request_id == creative.request_id), KnownAtRequest(""))
    named = numbers_named(x)
    others = [
        each
        for each in row.made
        if each.creative_id != creative.creative_id and number_of(each.creative_id) in named
    ]
    row.made = [*others, _made(creative, asked)]
    _write(view, user, row)


def note_pictured(view: View, user: bytes, creative: r.Creative) -> None:
    """A creative came again with a picture or clip of its own: exposures that are told from now on name
    it."""
    row = read_made(view, user)
    layout, asset, chance = _picture_of(creative)
    row.made = [
        msgspec.structs.replace(each, layout=layout, asset=asset, layout_propensity=chance)
        if each.creative_id == creative.creative_id
        else each
        for each in row.made
    ]
    _write(view, user, row)


def segment_asked(view: View, user: bytes, request_id: str | None) -> str:
    """The user's segment as a request said it, "" not known."""
    return next((each.segment for each in read_made(view, user).asked if each.request_id == request_id), "")


def numbers_named(x: Any) -> set[int]:
    """Creatives that row x holds as the user's own, or that an exposure shows which is yet to be told."""
    n = int(x["n_shown"])
    waiting = (x["shown_flags"][:n] & SETTLED) == 0
    shown = np.extract(waiting & ((x["shown_flags"][:n] & OURS) != 0), x["shown_creative"][:n])
    return {*shown.tolist(), *x["live_creative"][: int(x["n_live"])].tolist()}


def forget_interests(view: View, user: bytes) -> None:
    """The user is no longer profiled: what was made stays, why it was made goes."""
    row = read_made(view, user)
    row.asked = []
    row.made = [msgspec.structs.replace(each, interests=(), segment="") for each in row.made]
    _write(view, user, row)


def forget_made(view: View, user: bytes) -> None:
    view.put(made_key(user), None)


def _picture_of(creative: r.Creative) -> tuple[str, str, float | None]:
    """Layout and name of the files that were made for it. The chance is that of a layout that turned out as
    it was drawn."""
    ours, drawn = own_asset(creative), creative.experiment
    if ours is None:
        return "", "", None
    chance = drawn.layout_propensity if drawn is not None and drawn.layout == ours.layout else None
    return ours.layout or "", own_files(creative), chance


def _made(creative: r.Creative, asked: KnownAtRequest) -> MadeCreative:
    experiment, text = creative.experiment, creative.copy
    layout, asset, chance = _picture_of(creative)
    return MadeCreative(
        creative.creative_id,
        creative.campaign_id,
        creative.slot,
        creative.template_id,
        experiment.arm if experiment else "",
        experiment.propensity if experiment else None,
        experiment.policy_version if experiment else "",
        creative.request_id or "",
        creative.item_id or "",
        asked.segment,
        asked.interests,
        asked.country,
        creative.lang,
        (text.headline, text.description, text.cta, text.brand or ""),
        experiment.item_propensity if experiment else None,
        creative.copy_id or "",
        layout,
        asset,
        channel_of(creative.slot),
        chance,
    )


def _write(view: View, user: bytes, row: MadeRow) -> None:
    empty = not row.made and not row.asked
    view.put(made_key(user), None if empty else _encoder.encode(row))
