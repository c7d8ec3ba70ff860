"""What leaves for ad servers: creative records, and withdrawals of what they replace. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import structs

from agents.creatives.collected import collected_of
from agents.creatives.declarations import (
    audit_of,
    click_trackers_of,
    domain_of,
    dsa_of,
    provenance_of,
    trackers_of,
)
from agents.creatives.plan import CreativePlan, SlotPlan, Written
from models.campaigns import Campaign
from models.clip.looks import clip_layouts
from models.item import Item
from models.link import LINK_SCHEMES, SECURE_SCHEMES, host_fault, link_fault
from models.markup.ad import click_macro_fault
from models.markup.formats import stored_markup
from models.material.matching import Suited, suited
from streams import records as r
from streams import topics
from streams.mapping.ads import ad_of
from streams.wire.codecs import encode, headers
from streams.wire.ids import creative_id
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.withdrawals import withdrawal_output

_HOUR_MS: Final = 3_600_000
LIFE_MS: Final = 24 * _HOUR_MS
"""How long a creative may be shown unless an offer, its item or its campaign ends earlier."""
_WHY: Final = 120
"""Characters of the reason for a picture that a creative carries."""
TEXT_ONLY: Final = 12
STATIC_VISUAL: Final = 21
"""AdCOM creative attributes."""


def user_key(user: str, campaign_id: str, slot: str) -> str:
    """Topic key of a creative for one user."""
    return f"u:{user}|{campaign_id}|{slot}"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a creative is published, for whom and under which id."""

    creative_id: str
    audience: r.Audience
    lang: str
    version: int
    trigger: str
    request_id: str | None = None
    replaces: str | None = None
    cause: r.Cause | None = None
    life_ms: int = LIFE_MS


def make_creatives(
    request: r.CreativeRequest, plan: CreativePlan, written: Sequence[Written], now_ms: int
) -> list[r.Creative]:
    """One creative per written line, in the order of the plan. Ids come from the request, so a replay makes
    the same ones."""
    return [_user_creative(request, plan, line, now_ms) for line in written]


def _user_creative(
    request: r.CreativeRequest, plan: CreativePlan, written: Written, now_ms: int
) -> r.Creative:
    key = user_key(request.user, plan.campaign.campaign_id, written.line.slot)
    live = {each.key: each for each in request.live}
    occasion = Occasion(
        creative_id=creative_id(request.request_id, plan.campaign.campaign_id, written.line.slot),
        audience=r.Audience("user", f"u:{request.user}"),
        lang=request.context.locale,
        version=max(now_ms, live[key].version + 1 if key in live else 0),
        trigger=request.trigger.kind,
        request_id=request.request_id,
        replaces=_replaced(request, key, written.line.slot),
        cause=request.cause,
    )
    return make_creative(occasion, plan.campaign, plan.item, written, now_ms)


def _replaced(request: r.CreativeRequest, key: str, slot: str) -> str | None:
    """The live creative that this one takes the place of: the same key's, else another campaign's in the same
    slot."""
    same = [each.creative_id for each in request.live if each.key == key]
    beside = [each.creative_id for each in request.live if each.slot == slot]
    return next(iter(same or beside), None)


def leads_somewhere(item: Item) -> bool:
    """Whether an ad may link to the item: what earlier builds took in is judged again before it leaves."""
    return not link_fault(item.url)


def make_creative(
    occasion: Occasion, campaign: Campaign, item: Item, written: Written, now_ms: int
) -> r.Creative:
    """The self-contained record of one creative. It says which kind of trigger made it, never which
    interest."""
    line, text = written.line, written.copy
    interest = line.brief.interest
    images = [] if campaign.judged else images_of(campaign, item, interest)[:1]
    why = _why(campaign, item, interest)
    domain = domain_of(campaign)
    ids = {
        "CREATIVE_ID": occasion.creative_id,
        "CAMPAIGN_ID": campaign.campaign_id,
        "TEMPLATE_ID": line.template.template_id,
        "ITEM_ID": item.item_id,
        "SLOT": line.slot,
    }
    ends_ms = expires_ms(campaign, item, now_ms, occasion.life_ms)
    user = occasion.audience.key.removeprefix("u:") if occasion.audience.type == "user" else ""
    collected = collected_of(campaign, ids, user, item.url, ends_ms)
    made = r.Creative(
        creative_id=occasion.creative_id,
        template_id=line.template.template_id,
        campaign_id=campaign.campaign_id,
        advertiser=r.Advertiser(
            campaign.advertiser or campaign.brand, [each for each in campaign.adomain if not host_fault(each)]
        ),
        audience=occasion.audience,
        slot=line.slot,
        lang=occasion.lang,
        version=occasion.version,
        created=now_ms,
        expires=ends_ms,
        copy=r.CopyText(
            text.headline, text.description, text.cta, text.brand or campaign.brand, list(text.scenes)
        ),
        link=r.Link(
            item.url,
            f"https://{domain}/" if domain else None,
            [*click_trackers_of(campaign, ids), *collected.click_trackers],
            "" if click_macro_fault(campaign.click_macro) else campaign.click_macro,
            collected.redirect,
        ),
        trackers=[*trackers_of(campaign, ids), *collected.trackers],
        audit=audit_of(written, now_ms),
        provenance=provenance_of(written, campaign.voice if line.slot in clip_layouts() else ""),
        reason=r.CreativeReason(occasion.trigger),
        legal=campaign.legal_for(occasion.lang)[1],
        item_id=item.item_id,
        source=written.written_when,
        copy_id=(line.past_copy_id if written.source == "reused" else written.copy_id) or None,
        also=[r.AlsoSaid(id, each.headline, each.description) for id, each in written.also],
        request_id=occasion.request_id,
        replaces=occasion.replaces,
        assets=[r.Asset("main", url, 3, why=why.get(url)) for url in images],
        cat=list(item.categories),
        cattax=item.category_taxonomy,
        attr=[STATIC_VISUAL if images else TEXT_ONLY],
        dsa=dsa_of(campaign, profiled=occasion.audience.type == "user"),
        experiment=_experiment(line, campaign, now_ms),
        cause=occasion.cause,
    )
    return (
        structs.replace(made, render=stored_markup(campaign.render, ad_of(made))) if campaign.render else made
    )


def asset_schemes(campaign: Campaign) -> frozenset[str]:
    """What addresses of pictures may begin with: what was taken in under other settings is judged again."""
    return LINK_SCHEMES if campaign.http_assets else SECURE_SCHEMES


def images_of(campaign: Campaign, item: Item, interest: tuple[str, ...] = ()) -> list[str]:
    """Addresses of what a creative may show: what the campaign states to be of the item, else the item's own
    pictures, else the campaign's, the one that suits it and the interest best first."""
    schemes = asset_schemes(campaign)
    library = [each for each in _of_library(campaign, item, interest) if not link_fault(each.url, schemes)]
    stated = [each.url for each in library if each.stated]
    own = [url for url in item.images if not link_fault(url, schemes)]
    return stated or own or [each.url for each in library]


def _why(campaign: Campaign, item: Item, interest: tuple[str, ...]) -> dict[str, str]:
    """Why each picture suits the item, by address; nothing where there was none to choose from."""
    library = _of_library(campaign, item, interest)
    return {each.url: each.why[:_WHY] for each in library} if len(library) > 1 else {}


def _of_library(campaign: Campaign, item: Item, interest: tuple[str, ...]) -> tuple[Suited, ...]:
    answered = interest if campaign.material else ()
    return suited(campaign.material, campaign.images, item, campaign.tone, answered)


def _experiment(line: SlotPlan, campaign: Campaign, now_ms: int) -> r.CreativeExperiment:
    trial = campaign.experiment
    running = trial.id if trial is not None and trial.running(now_ms) else None
    return r.CreativeExperiment(
        line.arm, line.propensity, line.policy_version, running, line.item_propensity, line.layout or None,
        line.layout_propensity,
    )  # fmt: skip


def expires_ms(campaign: Campaign, item: Item, now_ms: int, life_ms: int = LIFE_MS) -> int:
    """After `life_ms`, or earlier when the item's offer or the campaign ends; never before `now_ms`."""
    ends = [end for end in (item.valid_until_ms, campaign.end_ms) if end is not None]
    return max(now_ms, min([now_ms + life_ms, *ends]))


def creative_output(key: str, record: r.Creative, partitions: int, now_ms: int) -> Output:
    """The record under its topic key, in the partition of the key's audience."""
    stamped = headers(topics.CREATIVE.ce_type, record.creative_id, now_ms)
    raw = key.encode()
    return Output(topics.CREATIVE.name, raw, encode(record), partition(raw, partitions), stamped)


def withdraw_creative(key: str, creative_id: str, cause: str, partitions: int, now_ms: int) -> Output:
    """A tombstone in the partition of the key's audience."""
    return withdrawal_output(key, creative_id, cause, partition(key.encode(), partitions), now_ms)


def withdraw_replaced(
    request: r.CreativeRequest, made: Sequence[r.Creative], partitions: int, now_ms: int
) -> list[Output]:
    """Tombstones for the user's live creatives that the new ones replace under another key: same slot, other
    campaign."""
    keys = {user_key(request.user, each.campaign_id, each.slot) for each in made}
    slots = {each.slot for each in made}
    gone = (
        live for live in request.live if live.slot in slots and live.key not in keys and live.expires > now_ms
    )
    return [
        withdraw_creative(live.key, live.creative_id, request.request_id, partitions, now_ms) for live in gone
    ]
