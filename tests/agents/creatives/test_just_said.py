"""A request that leaves before its user's row knows the last creative repeats no headline either."""

from __future__ import annotations

import dataclasses

import msgspec

from agents.creatives import publication
from agents.creatives.just_said import JustSaid
from agents.creatives.plan import Written
from agents.creatives.planning import PlanningSnapshot, RequestPlanner
from agents.writing.drafts import REPEATED, WritingOrder, write_all
from models.brief.brief import Copy
from models.choice.headlines import headline_hash
from models.choice.matching import Matcher
from models.rules import load_rules
from streams import records as r
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS, catalog, request
from tests.agents.creatives.test_planning import BOOTS, planned, vector
from tests.agents.writing.test_drafts import Offers

WINDOW_MS = 30 * 86_400_000
FIRST = Copy("Boots from Stridewell", "Slate hiking boots.", "Shop now", "Stridewell")


def made(headline: str = "Boots", user: str = "u1", created: int = NOW_MS) -> r.Creative:
    plan = planned(request(vector=vector(0)))
    written = [
        Written(plan.slots[0], Copy(headline, "Granite trail boots.", "Shop now", CAMPAIGN.brand), "model")
    ]
    (one,) = publication.make_creatives(request(user=user, vector=vector(0)), plan, written, created)
    return one


def test_the_next_request_of_the_user_knows_what_was_just_published() -> None:
    slate = dataclasses.replace(BOOTS, item_categories=(), item_ids=("i2",))
    matcher = Matcher(catalog(), (slate,))
    planner = RequestPlanner(lambda: PlanningSnapshot(matcher), JustSaid(WINDOW_MS))
    first, second = (request(n, vector=vector(0)) for n in (1, 2))
    for asked, source in ((first, "model"), (second, "template")):
        plan = planned(asked, planner)
        order = WritingOrder(plan.slots, NOW_MS + 1_000)
        (written,) = write_all(Offers((FIRST,)), order, load_rules, lambda: NOW_MS)
        assert written.source == source, "the row of the user was empty for both"
        planner.note(publication.make_creatives(asked, plan, [written], NOW_MS))
    assert REPEATED in written.codes
    other = planned(request(3, user="u2", vector=vector(0)), planner)
    assert other.slots[0].headlines == frozenset()


def test_only_what_a_model_wrote_for_one_user_counts_and_only_as_long_as_the_window() -> None:
    said = JustSaid(WINDOW_MS)
    person = r.Provenance("human_edits")
    everyone = r.Audience("default", "d")
    said.note(
        [
            made("Boots"),
            msgspec.structs.replace(made("Shoes"), provenance=person),
            msgspec.structs.replace(made("Socks"), audience=everyone),
        ]
    )
    assert said.of("u1", NOW_MS) == {headline_hash("boots")}
    assert said.of("u1", NOW_MS - 5_000) == {headline_hash("boots")}, "a clock that was set back"
    assert said.of("u1", NOW_MS + WINDOW_MS) == frozenset()
    off = JustSaid(0)
    off.note([made()])
    assert off.of("u1", NOW_MS) == frozenset()


def test_the_users_heard_of_longest_ago_are_forgotten_first() -> None:
    said = JustSaid(WINDOW_MS, users=2)
    for user in ("u1", "u2", "u1", "u3"):
        said.note([made(user=user)])
    assert [bool(said.of(user, NOW_MS)) for user in ("u1", "u2", "u3")] == [True, False, True]
