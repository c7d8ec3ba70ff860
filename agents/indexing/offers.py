"""Items that creatives may not show as they did: sold out, gone, offered or described otherwise. Pure.

The catalogue worker alone sees an item before and after, and what it has not published yet is the difference
of two topics: a restart between a change and its revocation finds both again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from agents.revoking.causes import CHANGED
from agents.revoking.stating import RESUMED, is_forgotten
from models.item import Item
from models.revocations import Revocation, Revocations

REPRICED: Final = "repriced"


def wrong_items(
    known: Mapping[str, Item], changed: Mapping[str, Item | None], said: Revocations, now_ms: int
) -> Iterator[Revocation]:
    """Items whose published row (`known`) is wrong, with the reason: nothing may be made of them until the
    new row is out. `changed` = rows that are not published yet, None = the item goes."""
    for item_id, item in changed.items():
        old, before = known.get(item_id), said.get("item", item_id)
        reason = None if old is None else _reason(old, item)
        stands = before is not None and before.lasting and bool(before.by or before.reason == reason)
        if reason is not None and not stands:
            yield Revocation("item", item_id, reason, now_ms, lasting=True)


def right_items(
    known: Mapping[str, Item], changed: Mapping[str, Item | None], said: Revocations, now_ms: int
) -> Iterator[Revocation]:
    """Items that may be shown again as they are published now: what was made before stays revoked. A person's
    word stands."""
    for each in said:
        if each.kind != "item" or not each.lasting or each.by or each.id in changed:
            continue
        item = known.get(each.id)
        if item is not None and item.available:
            reason = each.reason if each.reason in (REPRICED, CHANGED) else RESUMED
            yield Revocation("item", each.id, reason, now_ms)


def forgotten_items(said: Revocations, now_ms: int) -> list[Revocation]:
    """Revocations of items that say nothing any more."""
    return [each for each in said if each.kind == "item" and is_forgotten(each, now_ms)]


def _reason(old: Item, new: Item | None) -> str | None:
    """Why creatives of the old row are wrong, or None."""
    if not old.available:
        return None
    if new is None:
        return "deleted"
    if not new.available:
        return "sold_out"
    if new.offer != old.offer:
        return REPRICED
    return CHANGED if old.is_retold(new) else None
