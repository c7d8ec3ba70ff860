"""Which exposures count, and that each counts once."""

from __future__ import annotations

from typing import Any

from agents.exposure_log.reading import counted_exposures
from agents.exposure_log.withdrawn import MEASURE, Withdrawn
from streams import records as r
from streams.topics import CONSENT, PRIVACY_REQUEST

NOBODY = Withdrawn(MEASURE)


def exposure(name: str, **more: Any) -> r.Exposure:
    given: dict[str, Any] = {
        "exposure_id": name, "user": "u1", "ts": 1, "settled": "complete", "campaign_id": "c1",
        "creative_id": "cr_1", "slot": "native", "template_id": "t1", "arm": "direct.t1",
        "purposes": ["measure"],
    }  # fmt: skip
    return r.Exposure(**given | more)


def test_what_is_told_again_counts_once_as_it_was_told_last() -> None:
    found = counted_exposures([exposure("a"), exposure("b"), exposure("a", clicked=True)], NOBODY)
    assert [(each.exposure_id, each.clicked) for each in found.exposures] == [("a", True), ("b", False)]
    assert found.repeated == 1


def test_what_is_not_of_people_or_may_not_be_measured_is_counted_apart() -> None:
    found = counted_exposures(
        [exposure("a", invalid="bot"), exposure("b", purposes=["train"]), exposure("c")], NOBODY
    )
    assert [each.exposure_id for each in found.exposures] == ["c"]
    assert (found.invalid, found.not_measured) == (1, 1)


def test_users_who_took_measuring_back_since_are_counted_apart() -> None:
    withdrawn = Withdrawn(MEASURE)
    for user, said in (("no", r.Explicit(train=True)), ("yes", r.Explicit(measure=True))):
        withdrawn.on_record(CONSENT, user, r.Consent(user, 2_000, explicit=said), (), 2_000)
    withdrawn.on_record(PRIVACY_REQUEST, "gone", r.PrivacyRequest("p", "erasure", 2_000), (), 2_000)
    withdrawn.on_record(PRIVACY_REQUEST, "asks", r.PrivacyRequest("q", "access", 2_000), (), 2_000)
    users = ("no", "yes", "gone", "asks")
    found = counted_exposures(
        [*(exposure(user, user=user, ts=1_000) for user in users), exposure("later", user="no", ts=3_000)],
        withdrawn,
    )
    assert [each.exposure_id for each in found.exposures] == ["yes", "asks", "later"]
    assert found.withdrawn == 2
