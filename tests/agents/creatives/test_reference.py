"""What the generator follows: a click model is taken up whole, once it has learnt enough; campaigns with what
the settings declare for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents.creatives.declarations import Declarations
from agents.creatives.reference import GeneratorReference
from models.campaigns import EventTracker
from models.catalog.version import Catalog
from models.click.features import Foreseen
from models.click.model import LEAST_CLICKS, ClickModel
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.click_model import click_model_records
from streams.artifacts.kinds import BEHAVIOUR_MODEL, artifact_key
from streams.topics import ARM, ARTIFACT, CAMPAIGN
from tests.models.choice.test_expected_clicks import learnt
from tests.models.small_catalogue import catalogue


def hear(reference: GeneratorReference, model: ClickModel) -> None:
    for record in click_model_records(model, 1_000, {}):
        reference.on_record(ARTIFACT, artifact_key(record), record, [], 1_000)


def hear_catalogue(reference: GeneratorReference, made: Catalog) -> None:
    for record in records_of(made):
        reference.on_record(ARTIFACT, artifact_key(record), record, [], 1_000)


def test_a_published_model_is_used_once_it_has_learnt_enough() -> None:
    reference = GeneratorReference()
    model = learnt([Foreseen(campaign_id="c1", code="lamps")], lambda _each: 0.3)
    assert reference.snapshot().opinion is None
    hear(reference, replace(model, clicks=LEAST_CLICKS - 1))
    assert reference.snapshot().opinion is None, "too young: it would rank by chance"
    hear(reference, replace(model, version=2))
    first = reference.snapshot().opinion
    assert first is not None
    hear(reference, replace(model, version=3))
    assert reference.snapshot().opinion is not first


def test_behaviour_speaks_until_the_catalogue_itself_is_fitted_on_it() -> None:
    reference, made = GeneratorReference(), catalogue()
    model = learnt([Foreseen(item_id="lamp")], lambda _each: 0.3)
    for record in click_model_records(model, 1_000, {}, BEHAVIOUR_MODEL):
        reference.on_record(ARTIFACT, artifact_key(record), record, [], 1_000)
    assert reference.snapshot().takes is None, "there is no catalogue yet"
    hear_catalogue(reference, made)
    takes = reference.snapshot().takes
    assert takes is not None and takes.clicks == 0
    assert reference.snapshot().opinion is None, "it is no model of exposures"
    hear(reference, replace(model, clicks=LEAST_CLICKS))
    takes = reference.snapshot().takes
    assert takes is not None and takes.clicks == LEAST_CLICKS
    popular = np.ones(len(made.items), np.float32)
    hear_catalogue(reference, replace(made, version=made.version + 1, popularity=popular))
    assert reference.snapshot().takes is None


def test_a_campaign_without_trackers_has_those_of_the_settings() -> None:
    tracker = EventTracker(1, 1, "https://t.example/i")
    reference = GeneratorReference(Declarations("", (tracker,)))
    reference.on_record(CAMPAIGN, "c1", r.Campaign("c1", 1, "active", r.Advertiser("Stridewell")), [], 1_000)
    assert reference.campaigns["c1"].trackers == (tracker,)


def test_layouts_are_followed_beside_arms_and_say_nothing_of_what_is_usual() -> None:
    reference, made = GeneratorReference(), catalogue()
    hear_catalogue(reference, made)
    shop = r.Campaign("c1", 1, "active", r.Advertiser("Stridewell"), goal="clicks")
    reference.on_record(CAMPAIGN, "c1", shop, [], 1_000)
    for arm, alpha in (("direct.t1", 10.0), ("@shelf", 900.0)):
        told = r.ArmPosterior("c1", "native", arm, alpha, 1_000 - alpha, "1")
        reference.on_record(ARM, f"c1|native|{arm}", told, [], 1_000)
    snapshot = reference.snapshot()
    assert set(snapshot.posteriors["c1", "native"]) == {"direct.t1", "@shelf"}
    assert snapshot.usual_rate("clicks") < 0.02
