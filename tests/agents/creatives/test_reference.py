"""What the generator follows: a click model is taken up whole, once it has learnt enough; campaigns with what
the settings declare for them."""

from __future__ import annotations

from dataclasses import replace

from agents.creatives.declarations import Declarations
from agents.creatives.reference import GeneratorReference
from models.campaigns import EventTracker
from models.click.features import Showing
from models.click.model import LEAST_CLICKS, ClickModel
from streams import records as r
from streams.artifacts.click_model import click_model_records
from streams.artifacts.kinds import artifact_key
from streams.topics import ARTIFACT, CAMPAIGN
from tests.models.choice.test_expected_clicks import learnt


def hear(reference: GeneratorReference, model: ClickModel) -> None:
    for record in click_model_records(model, 1_000, {}):
        reference.on_record(ARTIFACT, artifact_key(record), record, [], 1_000)


def test_a_published_model_is_used_once_it_has_learnt_enough() -> None:
    reference = GeneratorReference()
    model = learnt([Showing(campaign_id="c1", code="lamps")], lambda _each: 0.3)
    assert reference.snapshot().opinion is None
    hear(reference, replace(model, clicks=LEAST_CLICKS - 1))
    assert reference.snapshot().opinion is None, "too young: it would rank by chance"
    hear(reference, replace(model, version=2))
    first = reference.snapshot().opinion
    assert first is not None
    hear(reference, replace(model, version=3))
    assert reference.snapshot().opinion is not first


def test_a_campaign_without_trackers_has_those_of_the_settings() -> None:
    tracker = EventTracker(1, 1, "https://t.example/i")
    reference = GeneratorReference(Declarations("", (tracker,)))
    reference.on_record(CAMPAIGN, "c1", r.Campaign("c1", 1, "active", r.Advertiser("Stridewell")), [], 1_000)
    assert reference.campaigns["c1"].trackers == (tracker,)
