"""Campaigns take turns by interest, whether or not the user has a creative of their own."""

from __future__ import annotations

import numpy as np

from models.world.ad_server import AdServer, ShownCreative

INTEREST = {"boots": 0.6, "lamps": 0.2}


def creative(name: str, campaign: str, category: str) -> ShownCreative:
    return ShownCreative(name, campaign, "t1", "i1", category, "native")


def turns(server: AdServer, user: str, n: int = 4_000) -> dict[str, float]:
    """Share of each creative in the ads of a user."""
    rng = np.random.default_rng(7)
    chosen = [
        server.choose(rng, user, "native", lambda category: INTEREST.get(category, 0.0)) for _ in range(n)
    ]
    names = [each.creative_id for each in chosen if each is not None]
    return {name: names.count(name) / n for name in set(names)}


def stocked() -> AdServer:
    server = AdServer()
    for campaign, category in (("c1", "boots"), ("c2", "lamps"), ("c3", "drums")):
        server.show_all(campaign, "native", creative(f"default {campaign}", campaign, category))
    return server


def test_a_campaign_comes_as_often_with_a_creative_of_the_users_own_as_without() -> None:
    server = stocked()
    without = turns(server, "u1")
    server.show("u1", "c1", "native", creative("own", "c1", "boots"))
    assert turns(server, "u1")["own"] == without["default c1"]
    assert turns(server, "u2") == without


def test_what_suits_the_user_comes_more_often_and_nothing_never() -> None:
    shares = turns(stocked(), "u1")
    assert shares["default c1"] > 2 * shares["default c2"] > shares["default c3"] > 0


def test_what_is_withdrawn_is_not_shown_and_without_anything_there_is_none() -> None:
    server = AdServer()
    server.show("u1", "c1", "native", creative("own", "c1", "boots"))
    server.show("u1", "c1", "native", None)
    assert turns(server, "u1") == {}
    assert turns(stocked(), "u1").keys() == {"default c1", "default c2", "default c3"}
