"""A campaign whose caps cannot be held to is refused by name, as its windows are."""

from __future__ import annotations

import msgspec
import pytest

from streams.topics import CAMPAIGN
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Reason, Rejected

LIMITS = WireLimits()


def taken(**fields: object) -> object:
    body = {"campaign_id": "c1", "version": 1, "status": "active", "advertiser": {"name": "A"}, **fields}
    return decode(CAMPAIGN, msgspec.json.encode(body), b"c1", (), 0, LIMITS)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cap": [{"n": 65, "per_s": 60}]}, ".cap[0].n is 65; at most 64 impressions"),
        ({"cap": [{"n": 5}, {"n": 1, "per_s": 7_776_001}]}, ".cap[1].per_s is 7776001; at most 7776000"),
        ({"cap": [{"n": 0}]}, ".cap[0].n is 0: nothing is ever shown; allowed: 1 or more"),
        ({"cap": [{"n": 5, "per_s": 0}]}, ".cap[0].per_s is 0 seconds; allowed: 1 or more"),
        ({"cap": [{"n": 5, "scope": "user"}]}, '.cap[0].scope is "user"; allowed: campaign, creative'),
        ({"attribution": {"view_s": 7_776_001}}, "at `$.attribution.view_s`"),
    ],
)
def test_what_cannot_be_held_is_refused_and_names_what_is_allowed(
    fields: dict[str, object], said: str
) -> None:
    with pytest.raises(Rejected) as refused:
        taken(**fields)
    assert refused.value.reason == Reason.NUMBER_RANGE and said in refused.value.message


def test_what_can_be_held_is_taken() -> None:
    assert taken(cap=[{"n": 64, "per_s": 7_776_000}, {"n": 900}], attribution={"click_s": 0})
