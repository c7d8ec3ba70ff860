"""What the topics still hold of one creative: its record, how its request ended, the user's other requests,
what its cell earned."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams import records as r
from streams.broker.follow import read_topics
from streams.settings import Settings
from streams.topics import BY_NAME, CREATIVE, CREATIVE_METRIC, GENERATION, REQUEST, TopicSpec
from streams.wire.codecs import WireLimits, decode
from streams.wire.partition import partition
from streams.wire.refusals import Rejected


@dataclass
class Found:
    """Records about one creative; `results` of its user, oldest first; `metrics` of its arm and slot over the
    campaign's life, one per segment."""

    creative: r.Creative | None = None
    result: r.GenerationResult | None = None
    request: r.CreativeRequest | None = None
    results: list[r.GenerationResult] = field(default_factory=list)
    metrics: list[r.CreativeMetric] = field(default_factory=list)


async def find(settings: Settings, creative_id: str) -> Found:
    """Everything that is retained of a creative. Raises RefusedError for a missing topic."""
    found = Found()
    async for creative in _read(settings, CREATIVE, holding=creative_id):
        if isinstance(creative, r.Creative) and creative.creative_id == creative_id:
            found.creative = creative
    where = _partition_of(found.creative, settings)
    async for result in _read(settings, GENERATION, holding=creative_id, partitions=where):
        if isinstance(result, r.GenerationResult) and creative_id in result.creative_ids:
            found.result = result
    if found.result is not None:
        await _add_user(found, settings, found.result)
    await _add_metrics(found, settings)
    return found


async def _add_user(found: Found, settings: Settings, ended: r.GenerationResult) -> None:
    where = [partition(ended.user.encode(), settings.partitions)]
    async for result in _read(settings, GENERATION, of=ended.user, partitions=where):
        if isinstance(result, r.GenerationResult):
            found.results.append(result)
    found.results.sort(key=lambda each: each.ts)
    async for request in _read(settings, REQUEST, of=ended.user, partitions=where):
        if isinstance(request, r.CreativeRequest) and request.request_id == ended.request_id:
            found.request = request


async def _add_metrics(found: Found, settings: Settings) -> None:
    cell = cell_of(found)
    if cell is None:
        return
    newest: dict[str, r.CreativeMetric] = {}
    async for metric in _read(settings, CREATIVE_METRIC, beginning="|".join(cell) + "|"):
        if isinstance(metric, r.CreativeMetric) and metric.window_s == 0:
            newest[metric.segment] = metric
    found.metrics = list(newest.values())


def cell_of(found: Found) -> tuple[str, str, str, str] | None:
    """Campaign, template, arm and slot of a creative, as far as known: the beginning of its metrics' keys."""
    creative, result = found.creative, found.result
    if creative is not None and creative.experiment is not None:
        return creative.campaign_id, creative.template_id, creative.experiment.arm, creative.slot
    if result is not None and result.campaign_id and result.arm and result.slots:
        return result.campaign_id, result.arm.partition(".")[2], result.arm, result.slots[0]
    return None


def _partition_of(creative: r.Creative | None, settings: Settings) -> list[int] | None:
    """Where the results of a creative's user are; None = anywhere."""
    if creative is None or creative.audience.type != "user":
        return None
    return [partition(creative.audience.key.removeprefix("u:").encode(), settings.partitions)]


async def _read(
    settings: Settings,
    spec: TopicSpec,
    *,
    holding: str = "",
    of: str = "",
    beginning: str = "",
    partitions: Sequence[int] | None = None,
) -> AsyncIterator[r.Record]:
    """Records of a topic whose value holds a text, whose key is a user's, or begins so; looked at as bytes
    before they are decoded."""
    async for raw in read_topics(settings, [spec.name], partitions=partitions):
        if raw.value is None or raw.key is None or holding.encode() not in raw.value:
            continue
        if (of and raw.key != of.encode()) or not raw.key.startswith(beginning.encode()):
            continue
        record = _decoded(raw)
        if record is not None:
            yield record


def _decoded(raw: Any) -> r.Record | None:
    try:
        return decode(BY_NAME[raw.topic], raw.value, raw.key, raw.headers, raw.timestamp, WireLimits())
    except Rejected:
        return None
