"""What is kept of several drafts, what an entry says of itself, and which place is written for next."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from agents.pool.ahead.wanting import copy_places_of, offered_by, wanted_at
from agents.pool.ahead.writing import PoolModel, write_ahead
from agents.pool.basis import Bases, mark_of
from agents.pool.demand import CopyPlace, Demand
from agents.pool.judge import Judge
from models.brief.brief import Brief, Copy
from models.choice.matching import Matcher
from models.copywriter.generate import WrittenCopy
from streams import records as r
from streams.records.copies import APPROVED, JUDGED, REJECTED
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, catalog
from tests.agents.pool.pool_fixtures import (
    MODEL,
    PLACE,
    Scripted,
    by_length,
    entries,
    other_item,
    recipe,
    view,
    wanted,
)


def test_the_best_draft_is_kept_and_one_that_says_something_else_and_they_say_what_they_stand_on() -> None:
    first, second = entries()
    assert [first.copy.headline, second.copy.headline] == ["Trails want boots", "Boots, and off you go"]
    assert first.score > second.score >= first.recipe.bar
    assert (first.number, second.number, first.status, first.model) == (0, 1, JUDGED, "acme/1")
    assert first.copy_id != second.copy_id and first.copy_id.startswith("cp_")
    assert r.CopySource("noun", "boots") in first.sources and r.CopySource("cta", "Shop now") in first.sources


def test_a_draft_below_the_bar_or_refused_by_review_is_not_kept() -> None:
    model = PoolModel(Scripted("The best boots, guaranteed", "Boots for wet rock"), MODEL)
    [strict] = write_ahead(model, [wanted()], recipe(bar=0.99), lambda: 1e9, NOW_MS)
    assert strict.entries == () and strict.done
    [made] = write_ahead(model, [wanted()], recipe(), lambda: 1e9, NOW_MS)
    assert [each.copy.headline for each in made.entries] == ["Boots for wet rock"]


def test_a_place_whose_drafts_cannot_be_judged_fails_no_other() -> None:
    def judge(brief: Brief, copy: Copy) -> float:
        return by_length(brief, copy) if brief.title == BOOT.title else [0.0][len(brief.title)]

    places = [wanted(PLACE._replace(item_id="i2"), item=other_item(2)), wanted()]
    how = replace(recipe(), judge=Judge("length", 0.5, judge))
    failed, made = write_ahead(PoolModel(Scripted(), MODEL), places, how, lambda: 1e9, NOW_MS)
    assert failed.entries == () and failed.done
    assert len(made.entries) == 2


def test_of_drafts_above_the_bar_those_come_first_that_say_what_the_item_has_not_said() -> None:
    class Closing(Scripted):
        def write(self, briefs, remaining_ms, accept, candidates=3, said=()):  # type: ignore[no-untyped-def]
            ends = ("Ask us.", "Ask us.", "Have a look.")
            texts = zip(("Boots", "The boots", "The new boots"), ends, strict=True)
            copies = tuple(Copy(head, f"Granite trail boots. {end}", "Shop now") for head, end in texts)
            return [WrittenCopy(copies[0], 0.0, 0, "", copies) for _ in briefs]

    [made] = write_ahead(PoolModel(Closing(), MODEL), [wanted()], recipe(), lambda: 1e9, NOW_MS)
    assert [each.copy.headline for each in made.entries] == ["Boots", "The new boots"]
    have = view(*made.entries).of(("c1", "i1"))
    here = wanted_at(PLACE, Matcher(catalog(), [CAMPAIGN]), have, 3, 0, NOW_MS)
    assert here is not None and ("ask", "us") in here.said

    class Again(Scripted):
        def write(self, briefs, remaining_ms, accept, candidates=3, said=()):  # type: ignore[no-untyped-def]
            ends = ("Ask us.", "Take it along.")
            copies = tuple(Copy(f"Granite {end}", f"Trail boots. {end}", "Shop now") for end in ends)
            return [WrittenCopy(copies[0], 0.0, 0, "", copies) for _ in briefs]

    [more] = write_ahead(PoolModel(Again(), MODEL), [here], recipe(), lambda: 1e9, NOW_MS)
    assert [each.copy.description for each in more.entries] == ["Trail boots. Take it along."]


def test_no_two_entries_of_an_item_share_a_headline() -> None:
    model = PoolModel(Scripted(), MODEL)
    slots = [PLACE, PLACE._replace(slot="banner_300x250")]
    made = write_ahead(model, [wanted(each) for each in slots], recipe(), lambda: 1e9, NOW_MS)
    said = [entry.copy.headline for each in made for entry in each.entries]
    assert len(said) == len(set(said)) == 4
    have = view(*made[0].entries)
    here = wanted_at(PLACE, Matcher(catalog(), [CAMPAIGN]), have.of(("c1", "i1")), 4, 0, NOW_MS)
    assert here is not None
    [more] = write_ahead(model, [here], recipe(), lambda: 1e9, NOW_MS)
    assert {each.copy.headline for each in more.entries}.isdisjoint(
        each.copy.headline for each in made[0].entries
    )


def test_a_call_that_is_taken_back_keeps_nothing_and_is_not_counted_as_tried() -> None:
    [made] = write_ahead(PoolModel(Scripted(), MODEL), [wanted()], recipe(), lambda: 0.0, NOW_MS)
    assert (made.entries, made.done) == ((), False)


def test_what_an_entry_stands_on_changes_with_row_campaign_rules_and_model_alone() -> None:
    def mark(campaign=CAMPAIGN, item=BOOT, rules="a", model="m", status=JUDGED) -> int:  # type: ignore[no-untyped-def]
        return mark_of(Bases(rules).of(campaign, item, model), status)

    same = mark()
    assert mark(replace(CAMPAIGN, version=9, budget=5.0), replace(BOOT, images=())) == same
    for other in (
        mark(item=replace(BOOT, price_minor=1)),
        mark(item=replace(BOOT, title="Other boots")),
        mark(campaign=replace(CAMPAIGN, facts=("Free returns",))),
        mark(rules="b"),
        mark(model="n"),
    ):
        assert other != same
    assert mark(model="n", status=APPROVED) == mark(status=APPROVED), "an approval is of the words"


def test_places_with_room_come_in_the_order_of_demand_and_rejected_copy_keeps_its_number() -> None:
    matcher = Matcher(catalog(), [CAMPAIGN])
    demand = Demand()
    for _ in range(3):
        demand.note(PLACE._replace(item_id="i2"), missed=False)
    demand.note(PLACE, missed=True)
    assert list(offered_by(matcher, demand.hottest(), lambda _key: True))[:3] == [
        ("c1", "i2"), ("c1", "i1"), ("c1", "i3")
    ]  # fmt: skip
    assert len(list(offered_by(matcher, demand.hottest(), lambda _key: True, limit=2))) == 2
    assert demand.next_missed(4) == [PLACE] and demand.next_missed(4) == []
    assert PLACE in list(copy_places_of(CAMPAIGN, "i1"))

    first, second = entries()
    gone = msgspec.structs.replace(first, status=REJECTED)
    have = view(gone, second).of(("c1", "i1"))
    here = wanted_at(PLACE, matcher, have, 2, 0, NOW_MS)
    assert here is not None and here.numbers == (2,) and len(here.headlines) == 2
    assert wanted_at(PLACE, matcher, view(first, second).of(("c1", "i1")), 2, 0, NOW_MS) is None
    assert wanted_at(CopyPlace("c1", "i9", "native", "en", "direct"), matcher, {}, 2, 0, NOW_MS) is None


def test_the_view_keeps_texts_of_the_items_asked_for_last_and_knows_the_others() -> None:
    kept = [each for n in range(4) for each in entries(2, PLACE._replace(item_id=f"i{n}"), other_item(n))]
    whole = view(*kept)
    most = whole._bytes - 1
    small = view(most_bytes=most)
    for each in kept:
        small.ask(("c1", "i0"))
        small.take(f"{each.item_id}/{each.number}", each)
    assert len(small) == 8 and small._bytes <= most
    assert all(each.text is not None for each in small.of(("c1", "i0")).values())
    assert all(each.text is None for each in small.of(("c1", "i1")).values())
    for each in kept:
        small.take(f"{each.item_id}/{each.number}", None)
    assert (len(small), small._bytes) == (0, 0)
