"""`python -m agents.review_copies`: the copy that comes with the demo is reviewed and judged again, as it
must be after any change of the rule packs, of what a sentence means or of the judge. What is refused now is
left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
import msgspec

from agents.creatives.briefs import brief_without_user
from agents.pool.ahead.sources import sources_of
from agents.pool.basis import Bases
from agents.pool.judge import judge_in_force
from agents.pool.serving import copy_of
from models.campaigns import Campaign
from models.item import Item
from models.review.judging import accepted, review
from models.rules import load_rules
from streams import records as r
from streams.mapping.campaigns import campaign_of
from streams.mapping.catalog_items import item_of
from streams.wire.record_files import read_lines, write_lines

_DATA: Final = Path(__file__).parents[1] / "deploy" / "demo"


@click.command()
@click.option(
    "--folder", type=click.Path(exists=True, path_type=Path), default=_DATA, help="Of the three files."
)
def main(folder: Path) -> None:
    """Keep of FOLDER/copy.jsonl.gz what review and judge of now let pass."""
    items = {each.item_id: item_of(each) for each in read_lines(folder / "catalog.jsonl", r.CatalogItem)}
    offers = read_lines(folder / "campaigns.jsonl", r.Campaign)
    campaigns = {each.campaign_id: campaign_of(each) for each in offers}
    path = folder / "copy.jsonl.gz"
    entries = read_lines(path, r.CopyEntry)
    kept = list(reviewed(entries, campaigns, items))
    write_lines(path, kept)
    click.echo(f"{len(kept)} of {len(entries)} copies stand")


def reviewed(
    entries: list[r.CopyEntry], campaigns: dict[str, Campaign], items: dict[str, Item]
) -> Iterator[r.CopyEntry]:
    """Entries that pass, on what they stand on now; the model that wrote them stays who it was."""
    bases, judge = Bases(), judge_in_force(None)
    for each in entries:
        campaign, item = campaigns[each.campaign_id], items[each.item_id]
        brief = replace(brief_without_user("", campaign, item, each.slot, each.locale), style=each.style)
        copy = copy_of(each)
        findings = review(copy, brief, load_rules(brief.markets))
        score = judge.score(brief, copy)
        if accepted(findings) and score >= judge.bar:
            yield msgspec.structs.replace(
                each,
                basis=bases.of(campaign, item, each.model),
                recipe=msgspec.structs.replace(each.recipe, judge=judge.name, bar=judge.bar),
                score=round(score, 4),
                review=list(dict.fromkeys(finding.code for finding in findings)),
                sources=sources_of(copy, brief),
            )


if __name__ == "__main__":
    main()
