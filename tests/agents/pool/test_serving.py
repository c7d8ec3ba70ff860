"""Which entry a request gets, and why it gets none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from agents.creatives import publication
from agents.creatives.plan import CreativePlan, Written
from agents.pool.demand import CopyPlace, Demand
from agents.pool.serving import CopyPool
from agents.pool.view import PoolView
from models.brief.brief import LIMITS, copy_slot
from models.choice.headlines import headline_hash
from models.revocations import Revocation, Revocations
from models.rules import load_rules
from streams.mapping.ads import rendering
from streams.metrics.pool import POOL_LOOKUPS
from streams.records.copies import APPROVED, REJECTED
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, line, plan, request
from tests.agents.pool.pool_fixtures import BASES, HEADLINES, MODEL, PLACE, entries, view


class Shop:
    """A pool and what it is asked."""

    def __init__(self, kept: PoolView, bar: float = 0.5) -> None:
        self.demand, self.revocations, self.model = Demand(), Revocations(), MODEL
        self.bar = bar
        self.pool = CopyPool(
            kept, self.demand, BASES, lambda: self.model, lambda: self.revocations, load_rules, self.bar
        )

    def ask(self, asked: CreativePlan) -> list[Written]:
        return list(self.pool.take(asked, NOW_MS).values())


@pytest.fixture
def outcomes() -> Counter[str]:
    """How often each outcome was counted before the test."""
    return Counter(
        {
            sample.labels["outcome"]: int(sample.value)
            for family in POOL_LOOKUPS.collect()
            for sample in family.samples
            if sample.name.endswith("_total")
        }
    )


def counted(before: Counter[str], outcome: str) -> int:
    return int(POOL_LOOKUPS.labels(outcome)._value.get()) - before[outcome]


def test_the_best_unseen_entry_of_the_arm_is_served_and_the_user_gets_none_twice(
    outcomes: Counter[str],
) -> None:
    shop = Shop(view(*entries()))
    [first] = shop.ask(plan())
    assert (first.source, first.written_when, first.model_hash) == ("model", "pool", "scripted")
    had = frozenset({headline_hash(first.copy.headline)})
    seen = CreativePlan(CAMPAIGN, BOOT, (replace(line(), headlines=had),))
    [second] = shop.ask(seen)
    assert second.copy_id != first.copy_id
    both = had | {headline_hash(second.copy.headline)}
    assert shop.ask(CreativePlan(CAMPAIGN, BOOT, (replace(line(), headlines=both),))) == []
    assert (counted(outcomes, "hit"), counted(outcomes, "seen")) == (2, 1)
    assert shop.demand.next_missed(9) == [PLACE], "a miss is queued"


def test_another_style_slot_or_item_has_no_copy(outcomes: Counter[str]) -> None:
    shop = Shop(view(*entries()))
    other = line()
    other = replace(other, brief=replace(other.brief, style="offer"))
    assert shop.ask(CreativePlan(CAMPAIGN, BOOT, (other, line("banner_320x50")))) == []
    assert shop.ask(CreativePlan(CAMPAIGN, replace(BOOT, item_id="i9"), (line(),))) == []
    assert counted(outcomes, "empty") == 3


def test_copy_serves_in_every_slot_with_as_much_room() -> None:
    [served] = Shop(view(*entries())).ask(CreativePlan(CAMPAIGN, BOOT, (line("banner_300x250"),)))
    assert served.line.slot == "banner_300x250"
    assert {slot: copy_slot(slot) for slot in ("banner_728x90", "video_16x9", "of_a_friend")} == {
        "banner_728x90": "social_9x16",
        "video_16x9": "video_16x9",
        "of_a_friend": "of_a_friend",
    }
    for slot, limits in LIMITS.items():
        assert all(mine <= theirs for mine, theirs in zip(LIMITS[copy_slot(slot)], limits, strict=True))


@pytest.mark.parametrize("changed", ["price", "campaign", "model"])
def test_copy_of_what_has_changed_is_not_served(changed: str, outcomes: Counter[str]) -> None:
    shop = Shop(view(*entries()))
    campaign = replace(CAMPAIGN, avoid=("rock",)) if changed == "campaign" else CAMPAIGN
    item = replace(BOOT, price_minor=9_900) if changed == "price" else BOOT
    shop.model = "other" if changed == "model" else MODEL
    assert shop.ask(CreativePlan(campaign, item, (line(),))) == []
    assert counted(outcomes, "stale") == 1


def test_review_has_the_last_word(outcomes: Counter[str]) -> None:
    """The market of the user, or rules of now, may refuse what was let through."""
    shop = Shop(view(*entries()))
    strict = line()
    strict = replace(strict, brief=replace(strict.brief, avoid=("weekend",)))
    assert shop.ask(CreativePlan(CAMPAIGN, BOOT, (strict,))) == []
    assert counted(outcomes, "refused") == 1


def test_copy_that_cannot_be_judged_is_not_served_and_fails_nobody(outcomes: Counter[str]) -> None:
    shop = Shop(view(*entries()))
    broken = replace(line(), brief=replace(line().brief, title=None))  # type: ignore[arg-type]
    [served] = shop.ask(CreativePlan(CAMPAIGN, BOOT, (broken, line())))
    assert served.source == "model"
    assert (counted(outcomes, "refused"), counted(outcomes, "hit")) == (1, 1)


def test_rejected_and_revoked_copy_is_not_served() -> None:
    first, second = entries()
    shop = Shop(view(msgspec.structs.replace(first, status=REJECTED), second))
    [served] = shop.ask(plan())
    assert served.copy_id == second.copy_id
    shop.revocations.take(Revocation("copy", second.copy_id, "rejected", NOW_MS, lasting=True, by="ana"))
    assert shop.ask(plan()) == []


def test_where_people_come_first_only_approved_copy_is_served(outcomes: Counter[str]) -> None:
    first, second = entries()
    first_people = replace(CAMPAIGN, people_first=True)
    asked = CreativePlan(first_people, BOOT, (line(),))
    shop = Shop(view(first, second))
    assert shop.ask(asked) == [] and counted(outcomes, "waits") == 1
    shop = Shop(view(first, msgspec.structs.replace(second, status=APPROVED, by="ana")))
    [served] = shop.ask(asked)
    assert (served.copy_id, served.approved) == (second.copy_id, True)


def test_an_arm_with_a_copywriter_of_its_own_is_written_by_that(outcomes: Counter[str]) -> None:
    shop = Shop(view(*entries()))
    assert shop.ask(CreativePlan(CAMPAIGN, BOOT, (replace(line(), copywriter="acme/9"),))) == []
    assert counted(outcomes, "hit") == counted(outcomes, "empty") == 0


def test_copy_below_the_bar_of_now_is_served_only_once_a_person_approved_it(outcomes: Counter[str]) -> None:
    first, second = entries()
    assert Shop(view(first, second), bar=0.99).ask(plan()) == []
    assert counted(outcomes, "refused") == 1
    approved = msgspec.structs.replace(second, status=APPROVED, by="ana")
    [served] = Shop(view(first, approved), bar=0.99).ask(plan())
    assert served.copy_id == second.copy_id


def test_a_search_ad_says_what_else_the_pool_has_of_its_style_from_the_same_hands() -> None:
    place = CopyPlace("c1", "i1", copy_slot("text"), "en", "direct")
    kept = entries(4, place)
    asked = CreativePlan(CAMPAIGN, BOOT, (line("text"),))
    [served] = Shop(view(*kept)).ask(asked)
    assert {id for id, _ in served.also} == {each.copy_id for each in kept} - {served.copy_id}
    written = publication.make_creatives(request(), asked, [served], NOW_MS)[0]
    assert len(rendering(written, "search")["headlines"]) == 4 + 2
    for change in ({"status": APPROVED, "by": "ana"}, {"model_hash": "other"}, {"status": REJECTED}):
        mixed = [*kept[:2], *(msgspec.structs.replace(each, **change) for each in kept[2:])]
        [served] = Shop(view(*mixed)).ask(asked)
        hands = {each.copy_id: (each.model_hash, each.status) for each in mixed}
        assert {hands[id] for id, _ in served.also} == {hands[served.copy_id]}, change
    [native] = Shop(view(*entries(4))).ask(plan())
    assert native.also == (), "a native ad says one thing"


def test_what_else_a_search_ad_says_is_reviewed_for_its_user_and_never_what_he_had() -> None:
    kept = entries(4, CopyPlace("c1", "i1", copy_slot("text"), "en", "direct"))
    seen = next(each for each in HEADLINES if "off" not in each)
    had = frozenset({headline_hash(seen)})
    strict = replace(line("text"), headlines=had)
    strict = replace(strict, brief=replace(strict.brief, avoid=("off",)))
    [served] = Shop(view(*kept)).ask(CreativePlan(CAMPAIGN, BOOT, (strict,)))
    said = {served.copy.headline, *(copy.headline for _, copy in served.also)}
    assert said == {each for each in HEADLINES if "off" not in each} - {seen}


def test_copy_that_names_another_moment_is_not_for_this_reader() -> None:
    (made,) = entries()[:1]
    text = msgspec.structs.replace(made.copy, description=f"{made.copy.description} Ready for the evening.")
    shop = Shop(view(msgspec.structs.replace(made, copy=text)))

    def at(daypart: str) -> CreativePlan:
        asked = line()
        return CreativePlan(CAMPAIGN, BOOT, (replace(asked, brief=replace(asked.brief, daypart=daypart)),))

    assert [each.copy.description for each in shop.ask(at("evening"))] == [text.description]
    assert shop.ask(at("morning")) == []
