"""Why one creative was made, told from its records: what moved, what was chosen and how likely, what review
said, what it earned, and what is missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from agents.explaining.chosen import audience_of, chosen_because
from agents.explaining.found import CreativeTraces, metric_cell_of
from agents.explaining.sums import money_words
from models.measured.rates import wilson
from streams import records as r
from streams.mapping.ads import own_asset
from streams.mapping.authorship import written_by_model
from streams.topics import DAY_MS, GENERATION, REQUEST
from streams.wire.dead_letters import DeadLetter

PLOTTED_MS: Final = 30 * DAY_MS
MOST_LINES: Final = 6
"""Codes whose weights are plotted: those gained or lost first."""
Pairs = list[tuple[str, float]]


@dataclass(frozen=True)
class InterestLine:
    """Weight of one code at each of the user's requests, oldest first; 0 where it was not among the
    strongest. `moved`: gained | lost | top."""

    name: str
    moved: str
    weights: list[float]


@dataclass(frozen=True)
class CellEarned:
    """What the creative's campaign, template, arm and slot earned over the campaign's life, all segments; CTR
    with its Wilson interval."""

    impressions: int
    clicks: int
    conversions: int
    ctr: float | None
    ctr_lo: float
    ctr_hi: float
    cvr: float | None  # conversions per click, this and the next two
    cvr_lo: float
    cvr_hi: float
    revenue_minor: dict[str, int]
    revenue: list[str]  # the same in words
    suppressed: int  # segments with too few users to be told


@dataclass(frozen=True)
class ToldQuote:
    """A sentence of the item's own text that the copy repeats, and its characters there."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Explanation:
    """What is known of one creative; None and empty = not, and `missing` says why."""

    creative_id: str
    user: str | None  # a pseudonym
    audience: str
    campaign_id: str | None
    campaign_because: str
    item_id: str | None
    item_because: str
    template_id: str | None
    slot: str | None
    copy: dict[str, str] | None
    trigger: str | None
    score: float | None
    price: str | None  # what the user pays among alike items: dearer | cheaper than before
    goes_with: str | None  # item that the user looked at or took which this one is bought with
    gained: Pairs
    lost: Pairs
    top: Pairs
    times_ms: list[int]  # of the user's requests of the last 30 days, up to this one
    lines: list[InterestLine]
    arm: str | None
    propensity: float | None
    policy_version: str | None
    status: str | None
    review: list[str]
    draft_scores: dict[str, float] | None
    drafts: int | None
    quotes: list[ToldQuote]
    written_by: str | None
    queue_ms: float | None
    model_ms: float | None
    earned: CellEarned | None
    picture: str | None  # its own, or the code of why there is none
    missing: list[str]


def explain_creative(
    creative_id: str, found: CreativeTraces, pseudonym: Callable[[str], str], now_ms: int
) -> Explanation:
    """Tell what was found; `found` holds at least the creative or the result."""
    creative, result, request = found.creative, found.result, found.request
    reason = result.reason if result is not None else r.GenerationReason()
    cell, audience, policy = metric_cell_of(found), audience_of(creative), _policy(creative, result)
    because = chosen_because(audience, policy)
    seen = _until(found.results, result, now_ms)
    score = _score(result, cell[3] if cell else None)
    user = result.user if result is not None else _user_of(creative)
    return Explanation(
        creative_id=creative_id,
        user=pseudonym(user) if user else None,
        audience=audience,
        campaign_id=cell[0] if cell else (creative.campaign_id if creative else None),
        campaign_because=because.campaign,
        item_because=because.item,
        item_id=creative.item_id if creative is not None else (result.item_id if result else None),
        template_id=cell[1] if cell else (creative.template_id if creative else None),
        slot=cell[3] if cell else (creative.slot if creative else None),
        copy=_copy_of(creative),
        trigger=_trigger_of(creative, request),
        score=reason.score if result is not None else None,
        gained=_pairs(reason.gained),
        lost=_pairs(reason.lost),
        price=reason.price,
        goes_with=reason.goes_with,
        top=_pairs(reason.top),
        times_ms=[each.ts for each in seen],
        lines=_lines(seen, reason),
        arm=cell[2] if cell else None,
        propensity=_propensity(creative, result),
        policy_version=policy,
        status=result.status if result is not None else None,
        review=list(result.review) if result is not None else [],
        draft_scores=score,
        drafts=_drafts(result, cell[3] if cell else None),
        quotes=_quotes(result, cell[3] if cell else None),
        written_by=_writer(creative, result),
        queue_ms=result.queue_ms if result is not None else None,
        model_ms=result.model_ms if result is not None else None,
        earned=_earned(found.metrics),
        picture=_picture(creative, found.refused),
        missing=list(_missing(found, now_ms)),
    )


def _until(
    results: Sequence[r.GenerationResult], ended: r.GenerationResult | None, now_ms: int
) -> list[r.GenerationResult]:
    """The user's requests of the last 30 days up to this one, oldest first; those that carry a reason."""
    last = ended.ts if ended is not None else now_ms
    return [each for each in results if last - PLOTTED_MS <= each.ts <= last and each.reason.top]


def _lines(seen: Sequence[r.GenerationResult], reason: r.GenerationReason) -> list[InterestLine]:
    moved = {each.name: "top" for each in reason.top}
    moved |= {each.name: "lost" for each in reason.lost} | {each.name: "gained" for each in reason.gained}
    order = sorted(moved, key=lambda name: ("gained", "lost", "top").index(moved[name]))
    weights = [{each.name: each.weight for each in result.reason.top} for result in seen]
    return [
        InterestLine(name, moved[name], [round(at.get(name, 0.0), 4) for at in weights])
        for name in order[:MOST_LINES]
    ]


def _pairs(weighted: Sequence[r.Weighted]) -> Pairs:
    return [(each.name, round(each.weight, 4)) for each in weighted]


def _copy_of(creative: r.Creative | None) -> dict[str, str] | None:
    if creative is None:
        return None
    said = creative.copy
    return {"headline": said.headline, "description": said.description, "cta": said.cta}


def _user_of(creative: r.Creative | None) -> str | None:
    if creative is None or creative.audience.type != "user":
        return None
    return creative.audience.key.removeprefix("u:")


def _trigger_of(creative: r.Creative | None, request: r.CreativeRequest | None) -> str | None:
    if request is not None:
        return request.trigger.kind
    return creative.reason.trigger if creative is not None else None


def _propensity(creative: r.Creative | None, result: r.GenerationResult | None) -> float | None:
    if creative is not None and creative.experiment is not None:
        return creative.experiment.propensity
    return result.propensity if result is not None else None


def _policy(creative: r.Creative | None, result: r.GenerationResult | None) -> str | None:
    if creative is not None and creative.experiment is not None:
        return creative.experiment.policy_version
    return result.policy_version if result is not None else None


def _writer(creative: r.Creative | None, result: r.GenerationResult | None) -> str | None:
    """The model by name and version, with the entry of the pool if it wrote ahead; `approved template` where
    none wrote, with the voice that speaks it if one does."""
    if creative is None:
        return result.model_hash if result is not None else None
    tool = creative.provenance.ai_tool
    if tool is None:
        return "approved template"
    if not written_by_model(creative):
        return f"approved template, spoken by {tool.name}"
    name, ahead = f"{tool.name} {tool.version}" if tool.version else tool.name, creative.copy_id
    return f"{name}, ahead of the request (shiftcast copy show {ahead})" if ahead else name


def _scores_of(result: r.GenerationResult | None, slot: str | None) -> r.CopyScore | None:
    return next((each for each in result.scores if each.slot == slot), None) if result is not None else None


def _score(result: r.GenerationResult | None, slot: str | None) -> dict[str, float] | None:
    each = _scores_of(result, slot)
    if each is None:
        return None
    return {
        "facts": each.facts, "policy": each.policy, "relevance": each.relevance, "novelty": each.novelty,
        "expected_ctr": each.expected_ctr, "total": each.total,
    }  # fmt: skip


def _drafts(result: r.GenerationResult | None, slot: str | None) -> int | None:
    each = _scores_of(result, slot)
    return each.candidates if each is not None else None


def _quotes(result: r.GenerationResult | None, slot: str | None) -> list[ToldQuote]:
    told = result.quotes if result is not None else []
    return [ToldQuote(each.text, each.start, each.end) for each in told if each.slot == slot]


def _picture(creative: r.Creative | None, refused: DeadLetter | None) -> str | None:
    """A shop's own picture has no hash; a refusal of before the picture that there is says nothing."""
    if creative is None:
        return None
    ours = own_asset(creative)
    if ours is not None:
        return f"{ours.url}, layout {ours.layout}" if ours.layout else ours.url
    if refused is not None:
        return f"none of its own: {refused.reason}, {refused.message}"
    return creative.assets[0].url if creative.assets else None


def _earned(metrics: Sequence[r.CreativeMetric]) -> CellEarned | None:
    told = [each for each in metrics if not each.suppressed]
    if not metrics:
        return None
    shown, clicks = sum(each.counts.impressions for each in told), sum(each.counts.clicks for each in told)
    revenue: dict[str, int] = {}
    for each in told:
        for currency, minor in each.money.revenue_minor.items():
            revenue[currency] = revenue.get(currency, 0) + minor
    sold = sum(each.counts.conversions for each in told)
    return CellEarned(
        shown, clicks, sold, clicks / shown if shown else None, *wilson(clicks, shown),
        sold / clicks if clicks else None, *wilson(sold, clicks), revenue, money_words(revenue),
        len(metrics) - len(told),
    )  # fmt: skip


def _missing(found: CreativeTraces, now_ms: int) -> Sequence[str]:
    """What cannot be told, and why."""
    missing = []
    shared = found.creative is not None and found.creative.audience.type != "user"
    if found.creative is None:
        missing.append("its words: the creative was replaced, withdrawn or has expired")
    if found.result is None and shared:
        missing.append("a request: it is shared by many, made from an approved template for no one user")
    elif found.result is None:
        missing.append(
            f"how its request ended: {GENERATION.name} keeps that for {_days(GENERATION.retention_ms)}"
        )
    elif found.request is None:
        age = timedelta(milliseconds=max(0, now_ms - found.result.ts))
        kept = _days(REQUEST.retention_ms)
        missing.append(f"the request itself: {REQUEST.name} keeps it for {kept}, it ended {age.days} d ago")
    if not found.metrics:
        missing.append(
            "what its cell earned: nothing is measured of it yet, is agents.measure_feedback there?"
        )
    return missing


def _days(ms: int | None) -> str:
    days = (ms or 0) // DAY_MS
    return "1 day" if days == 1 else f"{days} days"
