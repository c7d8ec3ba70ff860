"""Items that changed: revoked until the new row is out, then only what was made before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.indexing.offers import forgotten_items, right_items, wrong_items
from models.item import Item
from models.revocations import Revocation, Revocations
from streams.mapping.revocations import REMEMBERED_MS
from tests.agents.creatives.generation_fixtures import BOOT, NOW_MS

KNOWN = {BOOT.item_id: BOOT}


def wrong(item: Item | None, known: Item = BOOT, said: Revocations | None = None) -> list[tuple[str, bool]]:
    found = wrong_items({known.item_id: known}, {BOOT.item_id: item}, said or Revocations(), NOW_MS)
    return [(each.reason, each.lasting) for each in found]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "deleted"),
        (replace(BOOT, available=False), "sold_out"),
        (replace(BOOT, price_minor=13_000), "repriced"),
        (replace(BOOT, salesprice_minor=9_900), "repriced"),
        (replace(BOOT, currency="EUR"), "repriced"),
        (replace(BOOT, valid_until_ms=NOW_MS), "repriced"),
        (replace(BOOT, url="https://shop.example/p/2"), "changed"),
        (replace(BOOT, title="Granite boots"), "changed"),
        (replace(BOOT, text="Not waterproof any more."), "changed"),
        (replace(BOOT, images=()), "changed"),
    ],
)
def test_what_a_creative_says_wrongly_of_its_item_is_revoked(item: Item | None, reason: str) -> None:
    assert wrong(item) == [(reason, True)]


def test_what_no_creative_shows_and_new_items_revoke_nothing() -> None:
    more = (*BOOT.images, "https://cdn.example/2.jpg")
    assert wrong(replace(BOOT, images=more, categories=("footwear", "sale"))) == []
    assert list(wrong_items({}, {BOOT.item_id: BOOT}, Revocations(), NOW_MS)) == []
    assert wrong(BOOT, replace(BOOT, available=False)) == [], "nothing was made of it"


def said(**fields: object) -> Revocations:
    found = Revocations()
    found.take(Revocation("item", BOOT.item_id, "sold_out", NOW_MS, **fields))  # type: ignore[arg-type]
    return found


def test_it_is_said_once_and_a_persons_word_stands() -> None:
    gone = replace(BOOT, available=False)
    assert wrong(gone, said=said(lasting=True)) == []
    assert wrong(None, said=said(lasting=True)) == [("deleted", True)]
    assert wrong(gone, said=said(lasting=True, by="ada")) == []
    assert wrong(gone, said=said()) == [("sold_out", True)], "sold out again"


def right(known: Item | None, changed: bool = False, **fields: object) -> list[Revocation]:
    rows = {} if known is None else {known.item_id: known}
    changes: dict[str, Item | None] = {BOOT.item_id: BOOT} if changed else {}
    return list(right_items(rows, changes, said(**fields), NOW_MS + 5))


def test_once_the_new_row_is_out_only_what_was_made_before_stays_revoked() -> None:
    assert right(BOOT, lasting=True) == [Revocation("item", BOOT.item_id, "resumed", NOW_MS + 5)]
    assert right(BOOT, changed=True, lasting=True) == [], "not out yet"
    assert right(replace(BOOT, available=False), lasting=True) == []
    assert right(None, lasting=True) == []
    assert right(BOOT, lasting=True, by="ada") == []
    assert right(BOOT) == []


@pytest.mark.parametrize("reason", ["repriced", "changed"])
def test_a_new_row_keeps_its_reason(reason: str) -> None:
    found = Revocations()
    found.take(Revocation("item", BOOT.item_id, reason, NOW_MS, lasting=True))
    assert [each.reason for each in right_items(KNOWN, {}, found, NOW_MS)] == [reason]


def test_a_word_on_an_item_is_unsaid_when_nothing_lives_that_it_touches() -> None:
    for lasting in (True, False):
        old = said(lasting=lasting)
        assert forgotten_items(old, NOW_MS + REMEMBERED_MS) == []
        assert [each.id for each in forgotten_items(old, NOW_MS + REMEMBERED_MS + 1)] == [BOOT.item_id]
    assert forgotten_items(said(lasting=True, by="ada"), NOW_MS + 2 * REMEMBERED_MS) == []
