"""What leaves for ad servers: creative records, withdrawals of what they replace, and the record that ends a
request. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agents.generation.plan import CreativePlan, PlanSource, Refusal, Timing, Written
from models.campaigns import Campaign
from models.item import Item
from models.review.simhash import novelty, simhash, unsigned
from streams import records as r
from streams import topics
from streams.wire.codecs import encode, headers
from streams.wire.ids import creative_id
from streams.wire.output import Output
from streams.wire.partition import partition

_HOUR_MS: Final = 3_600_000
_LIFE_MS: Final = 24 * _HOUR_MS
"""How long a creative may be shown unless an offer, its item or its campaign ends earlier."""
WITHDRAWN_HEADER: Final = "creative_id"
"""Header of a tombstone: which creative it withdraws."""
AI_TOOL: Final = "copy-lm"
EDITED: Final = r.Provenance("human_edits", human_oversight="edited", declared_by=r.DeclaredBy("advertiser"))
DOMAIN: Final = "shiftcast.example"
PROFILING: Final = 1
BASIC: Final = 2
"""`dsaparams` of the IAB's transparency extension."""
TEXT_ONLY: Final = 12
STATIC_VISUAL: Final = 21
"""AdCOM creative attributes."""


def user_key(user: str, campaign_id: str, slot: str) -> str:
    """Topic key of a creative for one user."""
    return f"u:{user}|{campaign_id}|{slot}"


def creatives(
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
    return creative(
        creative_id=creative_id(request.request_id, plan.campaign.campaign_id, written.line.slot),
        audience=r.Audience("user", f"u:{request.user}"),
        campaign=plan.campaign,
        item=plan.item,
        written=written,
        lang=request.context.locale,
        version=max(now_ms, live[key].version + 1 if key in live else 0),
        trigger=request.trigger.kind,
        now_ms=now_ms,
        request_id=request.request_id,
        replaces=_replaced(request, key, written.line.slot),
        cause=request.cause,
    )


def _replaced(request: r.CreativeRequest, key: str, slot: str) -> str | None:
    """The live creative that this one takes the place of: the same key's, else another campaign's in the same
    slot."""
    same = [each.creative_id for each in request.live if each.key == key]
    beside = [each.creative_id for each in request.live if each.slot == slot]
    return next(iter(same or beside), None)


def creative(
    *,
    creative_id: str,
    audience: r.Audience,
    campaign: Campaign,
    item: Item,
    written: Written,
    lang: str,
    version: int,
    trigger: str,
    now_ms: int,
    request_id: str | None = None,
    replaces: str | None = None,
    cause: r.Cause | None = None,
    life_ms: int = _LIFE_MS,
) -> r.Creative:
    """The self-contained record of one creative. It says which kind of trigger made it, never which
    interest."""
    line, text = written.line, written.copy
    return r.Creative(
        creative_id=creative_id,
        template_id=line.template.template_id,
        campaign_id=campaign.campaign_id,
        advertiser=r.Advertiser(campaign.advertiser or campaign.brand, list(campaign.adomain)),
        audience=audience,
        slot=line.slot,
        lang=lang,
        version=version,
        created=now_ms,
        expires=expires_ms(campaign, item, now_ms, life_ms),
        copy=r.CopyText(
            text.headline, text.description, text.cta, text.brand or campaign.brand, list(text.scenes)
        ),
        link=r.Link(item.url, f"https://{campaign.adomain[0]}/" if campaign.adomain else None),
        audit=r.Audit(3, [], now_ms, now_ms),
        provenance=provenance(written.source, written.model_hash),
        reason=r.CreativeReason(trigger),
        item_id=item.item_id,
        request_id=request_id,
        replaces=replaces,
        assets=[r.Asset("main", url, 3) for url in (item.images or campaign.images)[:1]],
        cat=list(item.categories),
        cattax=item.category_taxonomy,
        attr=[STATIC_VISUAL if item.images or campaign.images else TEXT_ONLY],
        dsa=_dsa(campaign, profiled=audience.type == "user"),
        experiment=r.CreativeExperiment(
            line.arm,
            line.propensity,
            line.policy_version,
            campaign.experiment.id if campaign.experiment else None,
        ),
        cause=cause,
    )


def expires_ms(campaign: Campaign, item: Item, now_ms: int, life_ms: int = _LIFE_MS) -> int:
    """After `life_ms`, or earlier when the item's offer or the campaign ends; never before `now_ms`."""
    ends = [end for end in (item.valid_until_ms, campaign.end_ms) if end is not None]
    return max(now_ms, min([now_ms + life_ms, *ends]))


def provenance(source: PlanSource, model_hash: str) -> r.Provenance:
    """AdCP provenance: what a model wrote says so and names the model if it is known; a filled template is a
    person's work."""
    if source == "template":
        return EDITED
    return r.Provenance(
        "composite_with_trained_algorithmic_media",
        ai_tool=r.AiTool(AI_TOOL, f"sha256:{model_hash}" if model_hash else None),
    )


def _dsa(campaign: Campaign, profiled: bool) -> r.CreativeDsa | None:
    if campaign.dsa is None:
        return None
    transparency = r.DsaTransparency(DOMAIN, [PROFILING, BASIC] if profiled else [BASIC])
    return r.CreativeDsa(campaign.dsa.behalf, campaign.dsa.paid, [transparency])


def creative_output(key: str, record: r.Creative, partitions: int, now_ms: int) -> Output:
    """The record under its topic key, in the partition of the key's audience."""
    stamped = headers(topics.CREATIVE.ce_type, record.creative_id, now_ms)
    raw = key.encode()
    return Output(topics.CREATIVE.name, raw, encode(record), partition(raw, partitions), stamped)


def withdrawal(key: str, withdrawn: str, cause: str, partitions: int, now_ms: int) -> Output:
    """A tombstone: ad servers drop the key; the header names the creative, so that a newer one of that key is
    not lost by it."""
    stamped = [
        *headers("ads.creative.withdrawn.v1", f"{withdrawn}-{cause}", now_ms),
        (WITHDRAWN_HEADER, withdrawn.encode()),
    ]
    raw = key.encode()
    return Output(topics.CREATIVE.name, raw, None, partition(raw, partitions), stamped)


def withdrawals(
    request: r.CreativeRequest, made: Sequence[r.Creative], partitions: int, now_ms: int
) -> list[Output]:
    """Tombstones for the user's live creatives that the new ones replace under another key: same slot, other
    campaign."""
    keys = {user_key(request.user, each.campaign_id, each.slot) for each in made}
    slots = {each.slot for each in made}
    gone = (
        live for live in request.live if live.slot in slots and live.key not in keys and live.expires > now_ms
    )
    return [withdrawal(live.key, live.creative_id, request.request_id, partitions, now_ms) for live in gone]


def result(
    request: r.CreativeRequest,
    plan: CreativePlan | None,
    written: Sequence[Written],
    timing: Timing,
    now_ms: int,
) -> r.GenerationResult:
    """How a request with creatives ended: `model` when a model wrote any of them, else `reused`, else
    `template`."""
    if plan is None or not written:
        return refused_result(request, Refusal("no_match"), timing, now_ms)
    sources = {each.source for each in written}
    status = next(each for each in ("model", "reused", "template") if each in sources)
    first = written[0].line
    return r.GenerationResult(
        request_id=request.request_id,
        user=request.user,
        status=status,
        cause=request.cause,
        ts=now_ms,
        creative_ids=[
            creative_id(request.request_id, plan.campaign.campaign_id, each.line.slot) for each in written
        ],
        campaign_id=plan.campaign.campaign_id,
        item_id=plan.item.item_id,
        slots=[each.line.slot for each in written],
        arm=first.arm,
        propensity=first.propensity,
        policy_version=first.policy_version,
        novelty=min(novelty(simhash(each.copy), unsigned(request.recent)) for each in written),
        review=sorted({code for each in written for code in each.codes}),
        scores=[_score(each) for each in written if each.score is not None],
        queue_ms=timing.queue_ms,
        model_ms=timing.model_ms,
        total_ms=timing.total_ms,
        model_hash=next((each.model_hash for each in written if each.model_hash), None),
        reason=reason(request),
    )


def _score(written: Written) -> r.CopyScore:
    score = written.score
    assert score is not None
    parts = (score.facts, score.policy, score.relevance, score.novelty, score.expected_ctr, score.total)
    return r.CopyScore(written.line.slot, written.candidates, *(round(part, 4) for part in parts))


def refused_result(
    request: r.CreativeRequest, refusal: Refusal, timing: Timing, now_ms: int
) -> r.GenerationResult:
    """How a request without a creative ended."""
    return r.GenerationResult(
        request_id=request.request_id,
        user=request.user,
        status=refusal.status,
        cause=request.cause,
        ts=now_ms,
        review=list(refusal.codes),
        queue_ms=timing.queue_ms,
        total_ms=timing.total_ms,
        reason=reason(request),
    )


def reason(request: r.CreativeRequest) -> r.GenerationReason:
    """The whole reason, for reviewers: this topic's readers are not ad servers."""
    return r.GenerationReason(
        request.trigger.score, request.top, request.trigger.gained, request.trigger.lost
    )


def result_output(record: r.GenerationResult, lane: int) -> Output:
    """The record that ends a request, beside its request: same partition number."""
    stamped = headers(topics.GENERATION.ce_type, record.request_id, record.ts)
    return Output(topics.GENERATION.name, record.user.encode(), encode(record), lane, stamped)


def finished(request: r.CreativeRequest, published: Sequence[r.Creative], now_ms: int) -> r.GenerationResult:
    """The end of a request whose creatives are out already: an earlier worker sent them and was killed before
    it said so."""
    first = published[0]
    arm = first.experiment
    hashes = [each.provenance.ai_tool.version for each in published if each.provenance.ai_tool]
    return r.GenerationResult(
        request_id=request.request_id,
        user=request.user,
        status="model" if hashes else "template",
        cause=request.cause,
        ts=now_ms,
        creative_ids=[each.creative_id for each in published],
        campaign_id=first.campaign_id,
        item_id=first.item_id,
        slots=[each.slot for each in published],
        arm=arm.arm if arm else None,
        propensity=arm.propensity if arm else None,
        policy_version=arm.policy_version if arm else None,
        model_hash=hashes[0].removeprefix("sha256:") if hashes and hashes[0] else None,
        reason=reason(request),
    )
