"""Ids stand in topic keys between bars: one that holds a bar is refused, and found before it is sent."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from streams.mapping.campaign_mistakes import mistakes_of
from streams.topics import CAMPAIGN
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Reason, Rejected

TEMPLATE = {"slot": "native", "locale": "en", "headline": "{title}", "description": "d", "cta": "Go"}


def campaign(campaign_id: str = "c1", template_id: str = "t1") -> dict[str, Any]:
    template = {"template_id": template_id, **TEMPLATE}
    said = {"campaign_id": campaign_id, "version": 1, "status": "active", "advertiser": {"name": "A"}}
    return said | {"templates": [template]}


def taken(said: dict[str, Any]) -> Any:
    return decode(CAMPAIGN, msgspec.json.encode(said), said["campaign_id"].encode(), (), 0, WireLimits())


@pytest.mark.parametrize(
    ("said", "where"),
    [
        (campaign("a|b"), "campaign_id"),
        (campaign("a b"), "campaign_id"),
        (campaign(template_id="a|b"), "templates[0].template_id"),
    ],
)
def test_a_bar_in_an_id_is_refused_and_found_by_the_check(said: dict[str, Any], where: str) -> None:
    with pytest.raises(Rejected) as refused:
        taken(said)
    assert refused.value.reason == Reason.BAD_STRING and where in refused.value.message
    (found,) = (each for each in mistakes_of(said, None, 0) if each.where == where)
    assert found.severity == "error" and found.allowed.startswith("text without")


def test_other_ids_are_taken() -> None:
    assert taken(campaign("c-1.ü/x", "t 1")).campaign_id == "c-1.ü/x"
