"""A pool without Kafka: a copywriter that says what it is told, entries as it would keep them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agents.pool.ahead.wanting import Wanted
from agents.pool.ahead.writing import PoolModel, WritingRecipe, write_ahead
from agents.pool.basis import Bases
from agents.pool.demand import CopyPlace
from agents.pool.judge import Judge
from agents.pool.view import PoolView
from models.brief.brief import Brief, Copy
from models.campaigns import Campaign
from models.copywriter.generate import WrittenCopy
from models.item import Item
from models.rules import load_rules
from streams import records as r
from streams.mapping.copies import key_of_copy
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN, NOW_MS

PLACE = CopyPlace("c1", "i1", "native", "en", "direct")
BASES = Bases("rules")
HEADLINES = ("Boots for wet rock", "Trails want boots", "Boots, and off you go", "The boots are here")
MODEL = "acme/1"


class Scripted:
    """Writes the headlines it was given, as many as drafts are asked for."""

    model_hash = "scripted"

    def __init__(self, *headlines: str) -> None:
        self.headlines = headlines or HEADLINES
        self.briefs: list[Brief] = []

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = 3,
        said: Sequence[object] = (),
    ) -> list[WrittenCopy]:
        self.briefs += briefs
        if remaining_ms() <= 0:
            return [WrittenCopy(None, 0.0, 0, "deadline") for _ in briefs]
        drafts = []
        for brief in briefs:
            copies = tuple(
                Copy(text, f"{brief.title}, ready for your weekend.", "Shop now", "Stridewell")
                for text in self.headlines[:candidates]
            )
            good = tuple(copy for copy in copies if accept(brief, copy))
            drafts.append(
                WrittenCopy(good[0], 0.0, 0, "", good) if good else WrittenCopy(None, 0.0, 0, "not_accepted")
            )
        return drafts


def by_length(_brief: Brief, copy: Copy) -> float:
    """The shorter the better."""
    return max(0.0, 1 - len(copy.headline) / 100)


def recipe(drafts: int = 4, bar: float = 0.5) -> WritingRecipe:
    return WritingRecipe(drafts, Judge("length", bar, by_length), load_rules, BASES)


def wanted(
    place: CopyPlace = PLACE, campaign: Campaign = CAMPAIGN, item: Item = BOOT, copies: int = 2
) -> Wanted:
    return Wanted(campaign, item, place, tuple(range(copies)), frozenset())


def entries(
    copies: int = 2, place: CopyPlace = PLACE, item: Item = BOOT, *headlines: str
) -> list[r.CopyEntry]:
    """What the scripted copywriter keeps for a place."""
    model = PoolModel(Scripted(*headlines), MODEL)
    [made] = write_ahead(model, [wanted(place, item=item, copies=copies)], recipe(), lambda: 1e9, NOW_MS)
    return list(made.entries)


def view(*kept: r.CopyEntry, most_bytes: int = 1 << 20) -> PoolView:
    made = PoolView(most_bytes)
    for each in kept:
        made.take(key_of_copy(each), each)
    return made


def other_item(number: int) -> Item:
    return replace(BOOT, item_id=f"i{number}", title=f"Granite trail boots {number}")
