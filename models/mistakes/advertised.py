"""Mistakes in which items a campaign advertises, against the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from models.campaigns import Campaign
from models.mistakes.known import KnownItems
from models.mistakes.mistake import Mistake, cited, listed, nearest_word


def item_set_mistakes(campaign: Campaign, known: KnownItems) -> Iterator[Mistake]:
    """Categories and items the catalogue lacks, and a choice that leaves nothing."""
    for where, categories in (
        ("items.cat", campaign.item_categories),
        ("blocked.cat", campaign.blocked_categories),
    ):
        for at, category in enumerate(categories):
            if category not in known.categories:
                what = f"is {cited(category)}, a category of no item that may be shown"
                allowed = listed(sorted(known.categories))
                yield Mistake(
                    f"{where}[{at}]", "error", what, allowed, nearest_word(category, known.categories)
                )
    absent = [(at, each) for at, each in enumerate(campaign.item_ids) if each not in known.categories_of]
    for at, item_id in absent:
        what = f"is {cited(item_id)}, no item that may be shown"
        yield Mistake(f"items.ids[{at}]", "warning", what, meant=nearest_word(item_id, known.categories_of))
    if not any(advertised_items(campaign, known)):
        yield Mistake("items", "error", "leaves no item to advertise")


def advertised_items(campaign: Campaign, known: KnownItems) -> Iterator[str]:
    """Ids of the items that may be shown for the campaign."""
    ids, wanted = set(campaign.item_ids), set(campaign.item_categories)
    blocked = set(campaign.blocked_categories)
    for item_id, categories in known.categories_of.items():
        chosen = not (ids or wanted) or item_id in ids or not wanted.isdisjoint(categories)
        if chosen and blocked.isdisjoint(categories):
            yield item_id
