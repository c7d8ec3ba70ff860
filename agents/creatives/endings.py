"""The record that ends a request, beside its request: how it ended, what it got, where the time went, why.
Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agents.creatives.plan import LIVE, PAST_POLICY, POOL, CreativePlan, Refusal, Timing, Written
from models.brief.spans import spans_of
from models.review.simhash import novelty, simhash, unsigned
from streams import records as r
from streams import topics
from streams.mapping.authorship import written_by_model
from streams.wire.codecs import encode, headers
from streams.wire.ids import creative_id
from streams.wire.output import Output


def end_written(
    request: r.CreativeRequest,
    plan: CreativePlan | None,
    written: Sequence[Written],
    timing: Timing,
    now_ms: int,
) -> r.GenerationResult:
    """How a request with creatives ended: `model` when a model wrote any of them, else `reused`, else
    `template`."""
    if plan is None or not written:
        return end_refused(request, Refusal("no_match"), timing, now_ms)
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
        template_id=first.template.template_id,
        arm=first.arm,
        propensity=first.propensity,
        policy_version=first.policy_version,
        segment=request.segment,
        novelty=min(novelty(simhash(each.copy), unsigned(request.recent)) for each in written),
        review=sorted({code for each in written for code in each.codes}),
        scores=[_score(each) for each in written if each.score is not None],
        quotes=[quote for each in written for quote in _quotes(each)],
        queue_ms=timing.queue_ms,
        model_ms=timing.model_ms,
        total_ms=timing.total_ms,
        cpu_ms=timing.cpu_ms,
        model_hash=next((each.model_hash for each in written if each.model_hash), None),
        source=_source([each.written_when for each in written]),
        reason=reason_of(request, plan.goes_with),
    )


def _source(sources: Sequence[str | None]) -> str | None:
    """`live` where a model wrote any of them for the request, else `pool` where one was written ahead."""
    return next((each for each in (LIVE, POOL) if each in sources), None)


def _score(written: Written) -> r.CopyScore:
    score = written.score
    assert score is not None
    parts = (score.facts, score.policy, score.relevance, score.novelty, score.expected_ctr, score.total)
    return r.CopyScore(written.line.slot, written.candidates, *(round(part, 4) for part in parts))


def _quotes(written: Written) -> list[r.CopyQuote]:
    spans = spans_of(written.copy, written.line.brief)
    return [r.CopyQuote(written.line.slot, each.text, each.start, each.end) for each in spans]


def end_refused(
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
        reason=reason_of(request),
    )


def reason_of(request: r.CreativeRequest, goes_with: str = "") -> r.GenerationReason:
    """The whole reason, for reviewers: this topic's readers are not ad servers."""
    asked = request.trigger
    return r.GenerationReason(
        asked.score, request.top, asked.gained, asked.lost, asked.price, goes_with or None
    )


def result_output(record: r.GenerationResult, lane: int) -> Output:
    """The record that ends a request, beside its request: same partition number."""
    stamped = headers(topics.GENERATION.ce_type, record.request_id, record.ts)
    return Output(topics.GENERATION.name, record.user.encode(), encode(record), lane, stamped)


def end_published(
    request: r.CreativeRequest, published: Sequence[r.Creative], now_ms: int
) -> r.GenerationResult:
    """The end of a request whose creatives are out already: an earlier worker sent them and was killed before
    it said so."""
    first = published[0]
    arm = first.experiment
    tools = [each.provenance.ai_tool for each in published if written_by_model(each)]
    versions = [tool.version for tool in tools if tool and tool.version]
    return r.GenerationResult(
        request_id=request.request_id,
        user=request.user,
        status=_status_of(published),
        cause=request.cause,
        ts=now_ms,
        creative_ids=[each.creative_id for each in published],
        campaign_id=first.campaign_id,
        item_id=first.item_id,
        slots=[each.slot for each in published],
        template_id=first.template_id,
        segment=request.segment,
        arm=arm.arm if arm else None,
        propensity=arm.propensity if arm else None,
        policy_version=arm.policy_version if arm else None,
        model_hash=versions[0].removeprefix("sha256:") if versions else None,
        source=_source([each.source for each in published]),
        reason=reason_of(request),
    )


def _status_of(published: Sequence[r.Creative]) -> str:
    """What `end_written` would have said: copy that was published again says so in its policy."""
    fresh = [each for each in published if not _published_again(each)]
    if any(map(written_by_model, fresh)):
        return "model"
    return "reused" if len(fresh) < len(published) else "template"


def _published_again(creative: r.Creative) -> bool:
    return creative.experiment is not None and creative.experiment.policy_version == PAST_POLICY
