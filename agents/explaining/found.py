"""What the topics still hold of one creative: its record, how its request ended, the user's other requests,
what its cell earned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from streams import records as r
from streams.broker.read_once import read_topics
from streams.broker.reading import read_records
from streams.settings import Settings
from streams.topics import CREATIVE, CREATIVE_METRIC, DEAD, GENERATION, RENDER_REQUEST, REQUEST
from streams.wire.dead_letters import DeadLetter
from streams.wire.partition import partition


@dataclass
class CreativeTraces:
    """What is held of one creative; `results` of its user, oldest first; `metrics` of its arm and slot over
    the campaign's life, one per segment."""

    creative: r.Creative | None = None
    result: r.GenerationResult | None = None
    request: r.CreativeRequest | None = None
    results: list[r.GenerationResult] = field(default_factory=list)
    metrics: list[r.CreativeMetric] = field(default_factory=list)
    refused: DeadLetter | None = None  # of its picture or clip, the newest


async def find(settings: Settings, creative_id: str) -> CreativeTraces:
    """Everything that is retained of a creative. Raises RefusedError for a missing topic."""
    found = CreativeTraces()
    async for _, _, creative in read_records(settings, [CREATIVE], wanted=_holding(creative_id)):
        if isinstance(creative, r.Creative) and creative.creative_id == creative_id:
            found.creative = creative
    where = _partition_of(found.creative, settings)
    async for _, _, result in read_records(settings, [GENERATION], where, _holding(creative_id)):
        if isinstance(result, r.GenerationResult) and creative_id in result.creative_ids:
            found.result = result
    if found.result is not None:
        await _add_user(found, settings, found.result)
    await _add_metrics(found, settings)
    await _add_refused(found, settings, creative_id)
    return found


async def _add_user(found: CreativeTraces, settings: Settings, ended: r.GenerationResult) -> None:
    where = [partition(ended.user.encode(), settings.partitions)]
    async for _, _, result in read_records(settings, [GENERATION], where, _of(ended.user)):
        if isinstance(result, r.GenerationResult):
            found.results.append(result)
    found.results.sort(key=lambda each: each.ts)
    async for _, _, request in read_records(settings, [REQUEST], where, _of(ended.user)):
        if isinstance(request, r.CreativeRequest) and request.request_id == ended.request_id:
            found.request = request


async def _add_metrics(found: CreativeTraces, settings: Settings) -> None:
    cell = metric_cell_of(found)
    if cell is None:
        return
    newest: dict[str, r.CreativeMetric] = {}
    wanted = _beginning("|".join(cell) + "|")
    async for _, _, metric in read_records(settings, [CREATIVE_METRIC], wanted=wanted):
        if isinstance(metric, r.CreativeMetric) and metric.window_s == 0:
            newest[metric.segment] = metric
    found.metrics = list(newest.values())


async def _add_refused(found: CreativeTraces, settings: Settings, creative_id: str) -> None:
    holds = _holding(creative_id)
    letters = [DeadLetter.of(raw) async for raw in read_topics(settings, [DEAD.name]) if holds(raw)]
    of_pictures = [each for each in letters if each.topic == RENDER_REQUEST.name]
    found.refused = max(of_pictures, key=lambda each: each.when_ms, default=None)


def metric_cell_of(found: CreativeTraces) -> tuple[str, str, str, str] | None:
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


def _holding(text: str) -> Callable[[ConsumerRecord], bool]:
    """Whose value says a text: looked at as bytes, nearly all others need not be decoded."""
    return lambda raw: raw.value is not None and text.encode() in raw.value


def _of(user: str) -> Callable[[ConsumerRecord], bool]:
    return lambda raw: raw.key == user.encode()


def _beginning(key: str) -> Callable[[ConsumerRecord], bool]:
    return lambda raw: raw.key is not None and raw.key.startswith(key.encode())
