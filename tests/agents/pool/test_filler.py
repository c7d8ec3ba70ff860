"""Filling in idle time: misses first, then the hottest items; a request takes the copywriter back; what gives
nothing is left alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from agents.pool.ahead.filler import AT_ONCE, CALL_MS, ROUNDS, WAIT_MS, Filler, Shares
from agents.pool.ahead.filling_now import fill_now, in_turn
from agents.pool.ahead.wanting import copy_places_of
from agents.pool.ahead.writing import PoolModel
from agents.pool.demand import Demand
from models.choice.matching import Matcher
from streams import records as r
from streams.wire.output import Output
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS, catalog
from tests.agents.pool.pool_fixtures import MODEL, PLACE, Scripted, recipe, view

MATCHER = Matcher(catalog(), [CAMPAIGN])


class Desk:
    """A filler, its copywriter, and what it sent."""

    def __init__(self, copywriter: Any = None, owned: str = "") -> None:
        self.copywriter = copywriter or Scripted()
        self.view, self.demand, self.waits, self.now_ms = view(), Demand(), False, NOW_MS
        self.sent: list[r.CopyEntry] = []
        self.filler = Filler(
            self.view, self.demand, recipe(), Shares(2, 1.0),
            lambda: PoolModel(self.copywriter, MODEL), lambda: MATCHER,
            lambda key: key.startswith(owned), lambda: self.waits, self.send, lambda: self.now_ms,
        )  # fmt: skip

    async def send(self, outputs: Sequence[Output]) -> None:
        self.sent += [msgspec.json.decode(each.value or b"", type=r.CopyEntry) for each in outputs]

    def turn(self) -> bool:
        return asyncio.run(self.filler.turn())

    def places(self) -> list[tuple[str, str, str]]:
        """Item, slot and style of what was sent, each once."""
        return list(dict.fromkeys((each.item_id, each.slot, each.style) for each in self.sent))


def test_misses_come_first_then_what_the_hottest_item_lacks() -> None:
    desk = Desk()
    missed = PLACE._replace(item_id="i3", style="scene")
    for _ in range(3):
        desk.demand.note(PLACE._replace(item_id="i2"), missed=False)
    desk.demand.note(missed, missed=True)
    assert desk.turn()
    assert desk.places()[0] == ("i3", "native", "scene")
    assert {item for item, _, _ in desk.places()[1:]} == {"i2"}
    assert len(desk.copywriter.briefs) == AT_ONCE
    briefs = {(each.title, each.slot, each.style) for each in desk.copywriter.briefs}
    assert len(briefs) == AT_ONCE and all(not each.interest for each in desk.copywriter.briefs)


def test_what_is_filled_is_not_written_again_and_others_items_are_left_to_them() -> None:
    desk = Desk(Scripted(*(f"Boots {word}" for word in WORDS)), owned="c1|i2")
    while desk.turn():
        pass
    assert {each.item_id for each in desk.sent} == {"i2"}
    keys = [(each.slot, each.style, each.number) for each in desk.sent]
    assert len(keys) == len(set(keys))
    assert len({each.copy.headline for each in desk.sent}) == len(desk.sent)


WORDS = ("for rain", "for rock", "and off", "at dawn", "on trails", "in fog", "for two", "again", "up high")


def test_a_request_takes_the_copywriter_back_and_the_place_is_written_later() -> None:
    desk = Desk()
    desk.demand.note(PLACE, missed=True)
    desk.waits = True
    assert desk.turn() and desk.sent == []
    desk.waits = False
    assert desk.turn()
    assert ("i1", "native", "direct") in desk.places()


def test_a_clock_that_is_set_back_prolongs_no_call_and_no_round() -> None:
    class Slow(Scripted):
        def write(self, briefs: Any, remaining_ms: Callable[[], float], *args: Any, **more: Any) -> Any:
            desk.now_ms -= 3_600_000
            assert 0 < remaining_ms() <= CALL_MS
            return super().write(briefs, remaining_ms, *args, **more)

    desk = Desk(Slow())
    desk.demand.note(PLACE._replace(item_id="i1"), missed=False)
    assert desk.turn()
    assert {item for item, _, _ in desk.places()} == {"i1"}
    for _ in range(5):
        desk.demand.note(PLACE._replace(item_id="i2"), missed=False)
    desk.sent.clear()
    assert desk.turn()
    assert desk.places()[0][0] == "i2", "a round begins with what is hottest by then"


def test_a_place_for_which_nothing_is_good_enough_is_left_alone_after_some_rounds() -> None:
    desk = Desk(Scripted("The best boots, guaranteed"), owned="nobody's")
    for _ in range(ROUNDS + 2):
        desk.demand.note(PLACE, missed=True)
        desk.turn()
    rounds = [each.request_id for each in desk.copywriter.briefs]
    assert desk.sent == [] and len(rounds) == len(set(rounds)) == ROUNDS, "other random numbers each time"


def test_a_copywriter_that_fails_does_not_end_the_worker() -> None:
    class Broken(Scripted):
        def write(self, *_args: Any, **_more: Any) -> Any:
            raise MemoryError("arena")

    desk = Desk(Broken())
    desk.demand.note(PLACE, missed=True)
    assert not desk.turn() and desk.sent == []


def test_the_command_fills_all_places_and_says_for_which_nothing_was_good_enough() -> None:
    kept, sent, told = view(), list[Output](), list[int]()
    places = list(copy_places_of(CAMPAIGN, "i1"))[:3]

    async def send(outputs: Sequence[Output]) -> None:
        sent.extend(outputs)

    filled = asyncio.run(
        fill_now(
            places,
            kept,
            lambda: MATCHER,
            PoolModel(Scripted(), MODEL),
            recipe(),
            Shares(2, 1.0),
            send,
            lambda: NOW_MS,
            told.append,
        )
    )
    assert len(sent) == len(filled.entries) == len(kept) == 4, "four headlines, no two alike in an item"
    assert filled.left == 1 and sum(told) == len(places)


def test_no_call_of_the_command_writes_twice_for_one_item() -> None:
    places = [PLACE._replace(item_id=item, style=style) for item in "ab" for style in ("direct", "offer")]
    calls = [[(each.item_id, each.style) for each in call] for call in in_turn(places)]
    assert calls == [[("a", "direct"), ("b", "direct")], [("a", "offer"), ("b", "offer")]]


def test_the_command_is_done_with_the_hottest_items_before_it_begins_others() -> None:
    places = [PLACE._replace(item_id=f"{n}", style=style) for n in range(70) for style in ("direct", "offer")]
    order = [int(each.item_id) for call in in_turn(places) for each in call]
    assert all(len(call) <= 8 for call in in_turn(places))
    assert sorted(order) == sorted([*range(70)] * 2) and set(order[:128]) == set(range(64))


def test_a_copywriter_that_is_slow_writes_for_fewer_places_at_once() -> None:
    class Slow(Scripted):
        def write(self, *args: Any, **more: Any) -> Any:
            time.sleep(WAIT_MS / 1_000 * 1.05)
            return super().write(*args, **more)

    desk = Desk(Slow())
    before = 0
    calls = []
    for _ in range(3):
        desk.turn()
        calls.append(len(desk.copywriter.briefs) - before)
        before = len(desk.copywriter.briefs)
    assert calls == [AT_ONCE, AT_ONCE // 2, AT_ONCE // 4]
