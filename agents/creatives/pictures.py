"""A creative that goes out asks for a picture or a clip of its own, and comes again with it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256

import msgspec
import xxhash
from msgspec import structs

from agents.creatives.picture_titles import title_of
from agents.creatives.publication import STATIC_VISUAL, TEXT_ONLY, asset_schemes, images_of
from models.brief.price import price_text
from models.campaigns import Campaign
from models.clip.looks import clip_layouts
from models.item import Item
from models.link import link_fault
from models.markup.formats import stored_markup
from models.scene.layouts import layouts, pictured_variants
from streams import records as r
from streams import topics
from streams.mapping.ads import ad_of
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.topic_codec import creative_key


@cache
def _drawn() -> frozenset[str]:
    return frozenset({*layouts(), *clip_layouts()})


def layouts_drawn(slot: str) -> tuple[str, ...]:
    """Names of the layouts that pictures or clips of a slot are drawn among, words alone left out."""
    clip = clip_layouts().get(slot)
    return tuple(each.name for each in (clip.look if clip is not None else pictured_variants(slot)))


class PictureAsker:
    """`enabled` is False where no address is known that pictures could be had at. `find` gives campaign and
    item of a creative as they are now, None where they are gone."""

    def __init__(
        self,
        enabled: bool,
        find: Callable[[r.Creative], tuple[Campaign, Item] | None],
        partitions: int,
    ) -> None:
        self._enabled = enabled
        self._find = find
        self._partitions = partitions

    def layouts(self, slot: str) -> tuple[str, ...]:
        """Those that the pictures of a slot are drawn among; none where none are made."""
        return layouts_drawn(slot) if self._enabled else ()

    def request(self, creative: r.Creative, seen: Sequence[str] = ()) -> r.RenderRequest | None:
        """What to ask for a creative whose user had pictures that look like `seen`; None where its slot has
        no pictures, nor clips, or nobody knows what it shows."""
        found = self._find(creative) if self._enabled and creative.slot in _drawn() else None
        if found is None:
            return None
        return r.RenderRequest(creative, look_of(creative, *found), list(seen), list(found[0].render))

    def outputs(self, wanted: Sequence[r.RenderRequest], now_ms: int) -> list[Output]:
        """The requests for the topic, each under its creative's key."""
        return [self._output(each, now_ms) for each in wanted]

    def requests(self, made: Sequence[r.Creative], now_ms: int, seen: Sequence[str] = ()) -> list[Output]:
        """One request for each creative of a user whose slot has pictures or clips."""
        asked = [self.request(each, seen) for each in made]
        return self.outputs([each for each in asked if each is not None], now_ms)

    def _output(self, request: r.RenderRequest, now_ms: int) -> Output:
        raw = creative_key(request.creative).encode()
        stamped = headers(topics.RENDER_REQUEST.ce_type, request.creative.creative_id, now_ms)
        value = encode(request)
        return Output(topics.RENDER_REQUEST.name, raw, value, partition(raw, self._partitions), stamped)


def look_of(creative: r.Creative, campaign: Campaign, item: Item) -> r.Look:
    """Colours, names, price, photo, logo and layout of what is advertised, and its title where it may be
    the headline."""
    charged = item.charged_minor
    price = price_text(charged, item.currency, creative.lang) if charged is not None else ""
    names = [item.noun, *item.categories[:1]] if item.noun else []
    photo = _photo_of(creative, images_of(campaign, item))
    logo = "" if link_fault(campaign.logo, asset_schemes(campaign)) else campaign.logo
    layout, svg = laid_out_by(campaign, creative.template_id)
    if not layout and not svg and creative.experiment is not None:
        layout = creative.experiment.layout or ""
    title = title_of(creative, campaign, item)
    return r.Look(list(campaign.colours), names, price, photo, logo, layout, svg, title)


def _photo_of(creative: r.Creative, images: Sequence[str]) -> str:
    """The one that its first version shows, as long as it may be shown, else the best."""
    shown = [each.url for each in creative.assets if each.url in images]
    return next(iter([*shown, *images]), "")


def laid_out_by(campaign: Campaign, template_id: str) -> tuple[str, str]:
    """The variant that a template names, or the SVG of the campaign's layout that it names; '' = none."""
    named = next((each.layout for each in campaign.templates if each.template_id == template_id), "")
    own = next((each.svg for each in campaign.layouts if named and each.layout_id == named), "")
    return ("", own) if own else (named, "")


def drawn_of(request: r.RenderRequest) -> str:
    """Digest of what a picture shows, whichever version of its creative asks for it."""
    creative = request.creative
    shown = structs.replace(
        creative, version=0, created=0, expires=0, replaces_version=None, audit=r.Audit(0)
    )
    bare = structs.replace(shown, assets=[], trackers=[], attr=[], link=r.Link(""), render={})
    return xxhash.xxh3_128_hexdigest(encode(r.RenderRequest(bare, request.look)))


def content_of(request: r.RenderRequest) -> str:
    """Name of what a picture shows, whoever it is for: 40 hex digits. Of two creatives that differ in nothing
    that is drawn it is the same."""
    creative = request.creative
    ad = (creative.campaign_id, creative.item_id, creative.slot, creative.lang, creative.copy, creative.legal)
    made_of = msgspec.json.encode((*ad, creative.advertiser, creative.provenance, request.look))
    return sha256(made_of).hexdigest()[:40]


def pictured(request: r.RenderRequest, assets: Sequence[r.Asset]) -> r.Creative:
    """The creative of a request with its own pictures first; a clip of its own comes with its poster and
    needs no picture beside it. What it carries ready-made is made anew: with a clip it can be had as VAST."""
    creative = request.creative
    filmed = any(map(is_clip, assets))
    clips = [] if filmed else [each for each in creative.assets if is_clip(each)]
    kinds = {each for each in creative.attr if each not in (TEXT_ONLY, STATIC_VISUAL)}
    kinds |= set() if filmed else {STATIC_VISUAL}
    made = structs.replace(creative, assets=[*assets, *clips], attr=sorted(kinds))
    wanted = dict.fromkeys((*creative.render, *request.render))  # earlier builds' requests name none
    return structs.replace(made, render=stored_markup(wanted, ad_of(made))) if wanted else made


def is_clip(asset: r.Asset) -> bool:
    """Whether a file is a video."""
    return (asset.mime or "").startswith("video/")


def next_version(request: r.RenderRequest, assets: Sequence[r.Asset]) -> r.Creative:
    """The creative with what was made for it, and the version that it replaces."""
    version = request.creative.version
    made = pictured(request, assets)
    return structs.replace(made, version=version + 1, replaces_version=version)
