"""Entries whose row, campaign or model changed are withdrawn, by their owner alone; the others stay."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from agents.creatives.reference import GeneratorReference
from agents.pool.retirer import PASS_MS, Retirer
from agents.pool.view import PoolView
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.revocations import Revocation
from streams import records as r
from streams.mapping.copies import key_of_copy
from streams.records.copies import APPROVED, REJECTED
from streams.wire.output import Output
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS, catalog
from tests.agents.pool.pool_fixtures import BASES, MODEL, PLACE, entries, view


class Place:
    """A retirer, what it stands on and what it sent."""

    def __init__(self, kept: PoolView) -> None:
        self.view, self.reference, self.model = kept, GeneratorReference(), MODEL
        self.now_ms, self.mine, self.sent = NOW_MS, True, list[Output]()
        self.know(CAMPAIGN, catalog())
        self.retirer = Retirer(
            kept, self.reference, BASES, lambda: self.model, lambda _key: self.mine, self.send,
            lambda: self.now_ms,
        )  # fmt: skip

    def know(self, campaign: Campaign | None, items: Catalog) -> None:
        self.reference.artifacts._catalog = items
        self.reference.campaigns = {} if campaign is None else {"c1": campaign}
        self.reference.decisions += 1

    async def send(self, outputs: Sequence[Output]) -> None:
        self.sent += outputs

    def turn(self) -> list[str]:
        """Keys withdrawn by one look."""
        before = len(self.sent)
        asyncio.run(self.retirer.turn())
        assert all(each.value is None for each in self.sent)
        return [(each.key or b"").decode() for each in self.sent[before:]]


def test_a_changed_row_campaign_or_model_retires_at_the_next_look_and_nothing_else_does() -> None:
    kept = entries()
    keys = [key_of_copy(each) for each in kept]
    place = Place(view(*kept))
    assert place.turn() == []
    place.know(replace(CAMPAIGN, version=9, budget=7.0, status="paused"), catalog())
    assert place.turn() == [], "a pause or another budget makes no copy wrong"
    place.model = "another"
    assert place.turn() == keys and len(place.view) == 0

    place = Place(view(*kept))
    cheaper = replace(catalog(), items=(replace(BOOT, price_minor=9_900), *catalog().items[1:]))
    place.know(CAMPAIGN, cheaper)
    assert place.turn() == keys

    place = Place(view(*kept))
    place.know(replace(CAMPAIGN, claims=("Made in Wales",)), catalog())
    assert place.turn() == keys


def test_copy_of_a_deleted_campaign_an_ended_one_and_expired_copy_goes() -> None:
    kept = entries()
    for campaign in (None, replace(CAMPAIGN, status="ended"), replace(CAMPAIGN, end_ms=NOW_MS - 1)):
        place = Place(view(*kept))
        place.know(campaign, catalog())
        assert len(place.turn()) == len(kept)
    place = Place(view(*kept))
    assert place.turn() == []
    place.now_ms = kept[0].expires + 1
    assert len(place.turn()) == len(kept)


def test_approved_copy_outlives_a_model_and_no_change_of_its_row() -> None:
    first, second = entries()
    place = Place(view(msgspec.structs.replace(first, status=APPROVED), second))
    place.model = "another"
    assert place.turn() == [key_of_copy(second)]
    place.know(CAMPAIGN, replace(catalog(), items=(replace(BOOT, title="Other"), *catalog().items[1:])))
    assert place.turn() == [key_of_copy(first)]


def test_what_comes_stale_from_elsewhere_goes_soon_and_another_workers_is_left_to_it() -> None:
    place = Place(view())
    assert place.turn() == []
    stale = msgspec.structs.replace(entries()[0], basis=msgspec.structs.replace(entries()[0].basis, row="x"))
    place.view.take(key_of_copy(stale), stale)
    place.now_ms += PASS_MS
    place.mine = False
    assert place.turn() == []
    place.mine = True
    place.retirer.assign()
    assert place.turn() == [key_of_copy(stale)]
    assert PLACE.campaign_id == stale.campaign_id


def test_a_clock_that_is_set_back_keeps_no_stale_entry() -> None:
    place = Place(view())
    assert place.turn() == []
    stale = msgspec.structs.replace(entries()[0], basis=msgspec.structs.replace(entries()[0].basis, row="x"))
    place.view.take(key_of_copy(stale), stale)
    place.now_ms -= 3_600_000
    assert place.turn() == [key_of_copy(stale)]


def test_copy_that_was_denied_in_a_creative_is_marked_as_rejected_once() -> None:
    denied, other = entries()
    place = Place(view(denied, other))
    assert place.turn() == []
    place.reference.heed(Revocation("copy", denied.copy_id, "denied", NOW_MS, lasting=True))
    asyncio.run(place.retirer.turn())
    asyncio.run(place.retirer.turn())
    [told] = [msgspec.json.decode(each.value or b"", type=r.CopyEntry) for each in place.sent]
    assert (told.copy_id, told.status, told.by) == (denied.copy_id, REJECTED, "review")
    kept = place.view.of((denied.campaign_id, denied.item_id))
    statuses = {each.copy_id: each.status for each in kept.values()}
    assert statuses == {denied.copy_id: REJECTED, other.copy_id: "judged"}


def test_copy_that_was_denied_and_whose_text_is_not_at_hand_is_withdrawn() -> None:
    denied, other = entries()
    place = Place(view(denied, other))
    place.view._cool((denied.campaign_id, denied.item_id))
    assert place.turn() == []
    place.reference.heed(Revocation("copy", denied.copy_id, "denied", NOW_MS, lasting=True))
    assert place.turn() == [key_of_copy(denied)]
    assert place.turn() == []
