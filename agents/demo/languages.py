"""In which languages a catalogue is advertised: so many kinds of users are simulated."""

from __future__ import annotations

from collections.abc import Sequence

from models.brief.brief import language_of
from streams.records import Campaign, CatalogItem


def sold_in(items: Sequence[CatalogItem], campaigns: Sequence[Campaign]) -> dict[str, set[str]]:
    """Ids of items by the language of the templates that advertise them."""
    sold: dict[str, set[str]] = {}
    for campaign in campaigns:
        named, categories = set(campaign.items.ids), set(campaign.items.cat)
        ids = {
            each.item_id
            for each in items
            if not (named or categories) or each.item_id in named or not categories.isdisjoint(each.cat)
        }
        for language in {language_of(each.locale) for each in campaign.templates}:
            sold.setdefault(language, set()).update(ids)
    return sold
