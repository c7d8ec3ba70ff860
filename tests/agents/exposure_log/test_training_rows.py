"""What of the exposures may train, and that `shiftcast model train --log` reads what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.exposure_log.training_rows import TrainingRows, training_rows
from agents.exposure_log.withdrawn import TRAIN, Withdrawn
from models.campaigns import Campaign
from models.item import Item
from models.preference.log import read_log
from streams import records as r
from streams.topics import CONSENT, PRIVACY_REQUEST
from tests.agents.exposure_log.test_reading import exposure

ITEM = Item(
    "shoe1",
    "Fell Runner trail shoe",
    "https://shop.example/1",
    "trail shoe",
    ("shoes",),
    price_minor=7_990,
    currency="EUR",
)
CAMPAIGN = Campaign("c1", 1, "active", "Stridewell", facts=("Grip for wet rock",))
COPY = r.CopyText(
    "Grip for wet rock", "Grip for wet rock. The Fell Runner trail shoe.", "Shop now", "Stridewell"
)
TRAINS = ["measure", "profile", "personalise", "train"]


def shown(name: str, **more: Any) -> r.Exposure:
    given: dict[str, Any] = {
        "purposes": TRAINS, "item_id": "shoe1", "lang": "en", "copy": COPY, "propensity": 0.25,
        "arm": "benefit.t1", "ts": 1_000, "interest": ["shoes"], "country": "DEU",
    }  # fmt: skip
    return exposure(name, **given | more)


def rows_of(*exposures: r.Exposure, withdrawn: Withdrawn | None = None, item: Item = ITEM) -> TrainingRows:
    allows = (withdrawn or Withdrawn(TRAIN)).allows
    return training_rows(exposures, allows, {"c1": CAMPAIGN}, {item.item_id: item})


def test_a_creative_is_one_row_with_all_that_came_of_it_and_is_read_as_written(tmp_path: Path) -> None:
    found = rows_of(
        shown("a"), shown("b", clicked=True), shown("c", conversions=1), shown("d", creative_id="cr_2")
    )
    path = tmp_path / "training.jsonl"
    found.write(path)
    first, second = read_log(path.read_bytes().splitlines(), path.name)
    assert (first.creative_id, first.clicked, first.converted, first.propensity) == ("cr_1", True, True, 0.25)
    assert (second.creative_id, second.clicked, second.converted) == ("cr_2", False, False)
    assert first.copy.headline == COPY.headline and first.arm == "benefit.t1"
    brief = first.brief
    assert (brief.brand, brief.style, brief.interest, brief.place) == (
        "Stridewell",
        "benefit",
        ("shoes",),
        "DE",
    )
    assert found.counts()["creatives"] == 2 and found.counts()["clicked"] == 1


@pytest.mark.parametrize(
    ("why", "more"),
    [
        ("without_purpose", {"purposes": ["measure"]}),
        ("evicted", {"settled": "evicted"}),
        ("without_copy", {"copy": None}),
        ("without_copy", {"item_id": "gone"}),
        ("without_copy", {"propensity": None}),
        ("outdated", {"copy": r.CopyText("Now 12,34 EUR", "Fell Runner at 12,34 EUR.", "Shop now")}),
    ],
)
def test_what_may_not_train_or_is_not_known_is_left_out_and_counted(why: str, more: dict[str, Any]) -> None:
    found = rows_of(shown("a"), shown("b", creative_id="cr_2", **more))
    assert list(found.rows) == ["cr_1"] and found.counts()[why] == 1


def test_users_who_took_it_back_since_are_left_out() -> None:
    withdrawn = Withdrawn(TRAIN)
    denied = r.Consent("u1", 2_000, explicit=r.Explicit(measure=True))
    withdrawn.on_record(CONSENT, "u1", denied, (), 2_000)
    withdrawn.on_record(PRIVACY_REQUEST, "u2", r.PrivacyRequest("p", "erasure", 2_000), (), 2_000)
    found = rows_of(
        shown("a"), shown("b", user="u2", creative_id="cr_2"), shown("c", ts=3_000, creative_id="cr_3"),
        withdrawn=withdrawn,
    )  # fmt: skip
    assert list(found.rows) == ["cr_3"] and found.withdrawn == 2
