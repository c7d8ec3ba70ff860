"""Which exposures count, and that each counts once."""

from __future__ import annotations

from typing import Any

from agents.exposure_log.reading import counted_exposures
from streams import records as r


def exposure(name: str, **more: Any) -> r.Exposure:
    given: dict[str, Any] = {
        "exposure_id": name, "user": "u1", "ts": 1, "settled": "complete", "campaign_id": "c1",
        "creative_id": "cr_1", "slot": "native", "template_id": "t1", "arm": "direct.t1",
        "purposes": ["measure"],
    }  # fmt: skip
    return r.Exposure(**given | more)


def test_what_is_told_again_counts_once_as_it_was_told_last() -> None:
    found = counted_exposures([exposure("a"), exposure("b"), exposure("a", clicked=True)])
    assert [(each.exposure_id, each.clicked) for each in found.exposures] == [("a", True), ("b", False)]
    assert found.repeated == 1


def test_what_is_not_of_people_or_may_not_be_measured_is_counted_apart() -> None:
    found = counted_exposures(
        [exposure("a", invalid="bot"), exposure("b", purposes=["train"]), exposure("c")]
    )
    assert [each.exposure_id for each in found.exposures] == ["c"]
    assert (found.invalid, found.not_measured) == (1, 1)
