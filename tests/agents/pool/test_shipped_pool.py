"""The copy that comes with the demo, by checks that are not the review's own lists."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from agents.creatives.briefs import brief_without_user
from agents.pool.serving import copy_of
from models.review.support import support_of
from models.text.normalise import fold_text
from streams import records as r
from streams.mapping.campaigns import campaign_of
from streams.mapping.catalog_items import item_of
from streams.wire.record_files import read_lines

DATA = Path(__file__).parents[3] / "deploy" / "demo"
SAID_OF_A_THING = re.compile(
    r"(?<!\w)(?:with|for|in|on|of|has|into|from) (?:(?:[a-z-]+ ){0,2}?)(?P<head>[a-z-]{3,})"
    r"(?=[.,;:!?]|$| (?:and|or|for|in|on|of|to|that|from|at|by|with))"
)
OF_THE_SHOP = {"list", "page", "need", "yourself", "you", "clicks", "choice", "the"}
"""What copy says of readers and shop: "on your list", "find it on our page"."""


def test_no_shipped_copy_says_that_its_thing_has_or_is_for_what_stands_nowhere() -> None:
    items = {each.item_id: item_of(each) for each in read_lines(DATA / "catalog.jsonl", r.CatalogItem)}
    offers = read_lines(DATA / "campaigns.jsonl", r.Campaign)
    campaigns = {each.campaign_id: campaign_of(each) for each in offers}
    entries = [each for each in read_lines(DATA / "copy.jsonl.gz", r.CopyEntry) if each.locale == "en"]
    unsupported = []
    for entry in entries:
        brief = replace(
            brief_without_user(
                "", campaigns[entry.campaign_id], items[entry.item_id], entry.slot, entry.locale
            ),
            style=entry.style,
        )
        told, copy = support_of(brief, "").everything, copy_of(entry)
        for found in SAID_OF_A_THING.finditer(fold_text(f"{copy.description} \n {copy.headline}")):
            head = found["head"]
            if head not in OF_THE_SHOP and head[: max(4, len(head) - 2)] not in told:
                unsupported.append((brief.title, found.group()))
    assert len(entries) > 1_000
    assert len(unsupported) <= 0.001 * len(entries), unsupported
