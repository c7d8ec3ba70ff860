"""A request becomes a creative that the built-in model wrote, without a broker: planned, written, reviewed,
ready for an ad server."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence

import msgspec
import pytest

from agents.creatives.plan import Written
from agents.creatives.planning import RequestPlanner
from agents.creatives.reference import GeneratorReference
from agents.generation.answering import Answering
from agents.generation.jobs import Job
from agents.generation.outlet import Outlet
from agents.writing.copywriters import load_first
from agents.writing.drafts import WritingOrder, write_all
from agents.writing.model_thread import ModelThread
from models.brief.brief import limits_of
from models.choice.request_queue import BatchSettings
from models.rules import load_rules
from models.text.graphemes import shown_width
from streams import records as r
from streams import topics
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from tests.agents.creatives.generation_fixtures import NOW_MS, axis, catalog, request

SLOTS = ["native", "banner_300x250", "social_1x1"]


def clock_ms() -> float:
    return time.time() * 1_000


def furnished() -> GeneratorReference:
    """What a generator knows after reading its reference topics."""
    reference = GeneratorReference()
    for record in records_of(catalog()):
        reference.on_record(topics.ARTIFACT, artifact_key(record), record, [], NOW_MS)
    templates = [
        r.Template(
            f"t-{slot}", slot, "en", "{brand}: find your {noun}", "{title} for {price}.", "Shop now", audit=3
        )
        for slot in SLOTS
    ]
    brief = r.Brief("Stridewell", ["Free returns within 30 days"])
    campaign = r.Campaign(
        "c1",
        1,
        "active",
        r.Advertiser("Stridewell", ["shop.example"]),
        templates=templates,
        brief=brief,
        dsa=r.Dsa("Stridewell", "Stridewell"),
    )
    reference.on_record(topics.CAMPAIGN, "c1", campaign, [], NOW_MS)
    return reference


def published(asked: Sequence[r.CreativeRequest]) -> list[Output]:
    """Everything the generator sends for these requests."""
    copywriter = load_first(Settings()).copywriter
    sent: list[Output] = []

    async def send(outputs: Sequence[Output]) -> None:
        sent.extend(outputs)

    async def story() -> None:
        thread: ModelThread[WritingOrder, list[Written]] = ModelThread(
            lambda order: write_all(copywriter, order, load_rules, clock_ms)
        )
        thread.start()
        planner = RequestPlanner(furnished().snapshot)
        outlet = Outlet(planner, send, 4, clock_ms)
        answering = Answering(BatchSettings(), planner, thread, outlet, load_rules, clock_ms)
        running = asyncio.ensure_future(answering.run())
        for each in asked:
            await answering.submit(Job(each, 0, clock_ms(), lambda: None))
        await asyncio.wait_for(answering.finish(), 25)
        running.cancel()
        assert thread.stop(10)

    asyncio.run(story())
    return sent


def test_the_model_writes_reviewed_copy_for_every_slot_of_a_request() -> None:
    deadline = int(clock_ms()) + 20_000
    vector = base64.b64encode(axis(0).astype("<f2").tobytes()).decode()
    context = r.RequestContext(hour=19, weekday=2, device=4, country="USA", slots=SLOTS)
    asked = [request(n, f"user{n}", deadline=deadline, vector=vector, context=context) for n in range(1, 7)]
    sent = published(asked)
    made, endings = list[r.Creative](), list[r.GenerationResult]()
    for output in sent:
        spec = topics.CREATIVE if output.topic == topics.CREATIVE.name else topics.GENERATION
        assert output.value is not None
        record = decode(spec, output.value, output.key, output.headers, int(clock_ms()), WireLimits())
        made += [record] if isinstance(record, r.Creative) else []
        endings += [record] if isinstance(record, r.GenerationResult) else []
    assert len(made) == 18
    assert {each.request_id for each in endings} == {each.request_id for each in asked}
    by_model = [each for each in made if each.provenance.ai_tool is not None]
    assert len(by_model) >= 12, "most copy is the model's"
    for each in made:
        limits = limits_of(each.slot)
        assert shown_width(each.copy.headline) <= limits.headline
        assert shown_width(each.copy.description) <= limits.description
        assert b"0.8" not in msgspec.json.encode(each.reason)
    assert len({each.copy.headline for each in by_model}) > len(by_model) // 3
    assert {each.audience.key for each in made} == {f"u:user{n}" for n in range(1, 7)}
    assert all(ending.model_hash for ending in endings if ending.status == "model")


def test_cuda_without_a_gpu_is_refused_and_never_replaced_by_the_cpu() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(RefusedError, match="SHIFTCAST_PROVIDER=cpu"):
        load_first(Settings(provider="cuda"))
