"""The demo's pool: of what its catalogue and campaigns hold, small, and judged."""

from __future__ import annotations

from pathlib import Path

from agents.commands.traffic.demo import fitting_entries
from agents.pool.basis import Bases
from agents.pool.judge import judge_in_force
from streams.mapping.campaigns import campaign_of
from streams.mapping.catalog_items import item_of
from streams.records import Campaign, CatalogItem, CopyEntry
from streams.records.copies import JUDGED
from streams.wire.record_files import read_lines
from tests.agents.pool.pool_fixtures import entries

DATA = Path(__file__).parents[3] / "deploy" / "demo"
MOST_BYTES = 1_000_000


def test_the_shipped_pool_fits_the_shipped_catalogue_and_is_small() -> None:
    file = DATA / "copy.jsonl.gz"
    items = read_lines(DATA / "catalog.jsonl", CatalogItem)
    campaigns = read_lines(DATA / "campaigns.jsonl", Campaign)
    kept = read_lines(file, CopyEntry)
    assert file.stat().st_size <= MOST_BYTES
    assert fitting_entries(kept, items, campaigns) == kept
    assert len({each.item_id for each in kept}) <= 150
    assert all(each.status == JUDGED and each.score >= each.recipe.bar for each in kept)
    keys = {(e.campaign_id, e.item_id, e.slot, e.locale, e.style, e.number) for e in kept}
    assert len(keys) == len(kept)


def test_copy_about_another_catalogue_is_left_out() -> None:
    item = CatalogItem("i9", "Brass lamp", "https://shop.example/9")
    assert fitting_entries(entries(), [item], []) == []


def test_the_shipped_pool_stands_on_rows_campaigns_rules_judge_and_model_of_now() -> None:
    """When it does not: `shiftcast demo` on a broker that stays, then `shiftcast copy fill --limit 150 --out
    deploy/demo/copy.jsonl.gz`."""
    items = {each.item_id: item_of(each) for each in read_lines(DATA / "catalog.jsonl", CatalogItem)}
    offers = read_lines(DATA / "campaigns.jsonl", Campaign)
    campaigns = {each.campaign_id: campaign_of(each) for each in offers}
    bases, kept = Bases(), read_lines(DATA / "copy.jsonl.gz", CopyEntry)
    bar = judge_in_force(None).bar
    stale = [
        each.copy_id
        for each in kept
        if each.score < bar
        or each.basis != bases.of(campaigns[each.campaign_id], items[each.item_id], each.model)
    ]
    assert stale == [], f"{len(stale)} of {len(kept)} copies would be withdrawn at once"
