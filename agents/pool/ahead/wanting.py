"""Which copy is to be written next: what was missed, then what the hottest items lack, then everything else
that campaigns advertise. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from agents.pool.demand import CopyPlace
from agents.pool.view import KeptEntry, Offered, said_by_entries
from agents.shelf.sharing import campaign_slots_of
from models.brief.brief import copy_slot
from models.campaigns import Campaign
from models.choice.matching import Matcher
from models.choice.selection import styles_of
from models.item import Item
from models.text.variety import Pairs
from streams.records.copies import REJECTED


@dataclass(frozen=True, slots=True)
class Wanted:
    """One place that has room: what to write about, the numbers that are free, the headlines and neighbouring
    words that the item's entries have already, and how often it was tried."""

    campaign: Campaign
    item: Item
    place: CopyPlace
    numbers: tuple[int, ...]
    headlines: frozenset[int]
    said: Pairs = frozenset()
    round: int = 0


def wanted_at(
    place: CopyPlace, matcher: Matcher, entries: Mapping[str, KeptEntry], copies: int, round: int, now_ms: int
) -> Wanted | None:
    """What is lacking of `copies` at a place; None when nothing is, or it may not be advertised.

    `entries`: those of its campaign and item. A rejected one keeps its number, and its headline stays taken.
    """
    campaign, row = matcher.campaigns.get(place.campaign_id), matcher.catalog.index.get(place.item_id)
    if campaign is None or row is None or not campaign.running(now_ms):
        return None
    item = matcher.catalog.items[row]
    if not item.available or (item.valid_until_ms is not None and item.valid_until_ms <= now_ms):
        return None
    if place not in copy_places_of(campaign, place.item_id):
        return None
    here = [each for each in entries.values() if (each.slot, each.locale, each.style) == place[2:]]
    missing = copies - sum(each.status != REJECTED for each in here)
    if missing <= 0:
        return None
    taken = {each.number for each in here}
    free = (number for number in range(len(here) + missing) if number not in taken)
    numbers = tuple(number for number, _ in zip(free, range(missing), strict=False))
    headlines = frozenset(each.headline for each in entries.values())
    return Wanted(campaign, item, place, numbers, headlines, said_by_entries(entries.values()), round)


def copy_places_of(campaign: Campaign, item_id: str) -> Iterator[CopyPlace]:
    """Where copy for an item of a campaign can be asked for: each slot that copy is written for, locale and
    style."""
    offered = [
        (copy_slot(slot), locale)
        for slot in campaign_slots_of(campaign)
        for locale in dict.fromkeys(each.locale for each in campaign.templates if each.slot == slot)
        if campaign.drawn_templates(slot, locale)
    ]
    for slot, locale in dict.fromkeys(offered):
        for style in styles_of(campaign):
            yield CopyPlace(campaign.campaign_id, item_id, slot, locale, style)


def offered_by(
    matcher: Matcher, hottest: Iterable[Offered], owns: Callable[[str], bool], limit: int | None = None
) -> Iterator[Offered]:
    """Campaign and item, the hottest first, then all that is advertised in turn of the campaigns; of `limit`
    items at most."""
    seen: set[Offered] = set()
    items: set[str] = set()
    for offered in _every(matcher, hottest):
        campaign_id, item_id = offered
        if offered in seen or not owns(owner_key(offered)):
            continue
        if limit is not None and item_id not in items and len(items) >= limit:
            continue
        seen.add(offered)
        items.add(item_id)
        if campaign_id in matcher.campaigns:
            yield offered


def _every(matcher: Matcher, hottest: Iterable[Offered]) -> Iterator[Offered]:
    yield from hottest
    rows = {each: matcher.advertised_rows(each) for each in matcher.campaigns}
    for turn in range(max(map(len, rows.values()), default=0)):
        for campaign_id, advertised in rows.items():
            if turn < len(advertised):
                yield campaign_id, matcher.catalog.items[int(advertised[turn])].item_id


def owner_key(offered: Offered) -> str:
    """What decides which worker writes and retires copy of a campaign and item."""
    return "|".join(offered)
