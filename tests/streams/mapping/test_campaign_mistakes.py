"""What the check of a campaign finds that topics decide."""

from __future__ import annotations

import pytest

from streams.mapping.campaign_mistakes import mistakes_of
from streams.topics import DAY_MS, EXPOSURE

START_MS = 1_795_291_200_000


@pytest.mark.parametrize(("beyond_ms", "found"), [(0, False), (DAY_MS, True)])
def test_an_experiment_that_outlives_its_exposures_is_found(beyond_ms: int, found: bool) -> None:
    assert EXPOSURE.retention_ms is not None
    end_ms = START_MS + EXPOSURE.retention_ms + beyond_ms
    arms = [{"id": "a", "share": 0.5}, {"id": "b", "share": 0.5}]
    trial = {"id": "e", "salt": "s", "arms": arms, "start": START_MS, "end": end_ms}
    said = {"campaign_id": "c1", "version": 1, "status": "active", "advertiser": {"name": "A"}}
    told = [
        each
        for each in mistakes_of(said | {"experiment": trial}, None, START_MS)
        if "experiment" in each.where
    ]
    assert [each.severity for each in told] == ["error"] * found
    assert all("experiment of 31 days outlives its exposures" in str(each) for each in told)


def test_pictures_of_plain_http_are_mistakes_unless_the_settings_take_them() -> None:
    pictures = {"logo": "http://shop.example/l.png", "pool": {"images": ["http://shop.example/1.jpg"]}}
    said = {"campaign_id": "c1", "version": 1, "status": "active", "advertiser": {"name": "A"}} | pictures

    def errors(http_assets: bool) -> set[str]:
        found = mistakes_of(said, None, START_MS, http_assets)
        return {each.where for each in found if each.severity == "error"} & {"logo", "pool.images[0]"}

    assert errors(False) == {"logo", "pool.images[0]"} and not errors(True)


def test_what_a_campaign_says_and_nobody_does_is_told() -> None:
    said = {"campaign_id": "c1", "version": 1, "status": "active", "advertiser": {"name": "A"}}
    unread = {"blocked": {"attr": [1, 6]}, "budget": 100, "labels": {"team": "north"}}
    trackers = [{"type": 9, "method": 3, "url": "https://t.example/p"}]
    vendors = [{"type": 501, "method": 1, "url": "https://t.example/p"}]

    def told(value: object) -> dict[str, str]:
        return {each.where: each.severity for each in mistakes_of(value, None, START_MS)}

    silent = told(said | {"trackers": vendors})
    assert told(said | unread | {"trackers": trackers}).items() - silent.items() == {
        ("blocked.attr", "warning"),
        ("budget", "warning"),
        ("labels", "warning"),
        ("trackers[0].type", "error"),
        ("trackers[0].method", "error"),
    }
