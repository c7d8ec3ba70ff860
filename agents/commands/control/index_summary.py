"""What stands in the catalogue artefact, for people and machines, and what is probably wrong with items that
were sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
from rich.table import Table

from agents.commands.tables import print_table
from agents.indexing.indexer import Indexer
from models.catalog.complements import NOBODY
from models.catalog.space.coclicks import LEAST_POSITIVES
from models.mistakes.item import item_mistakes
from streams.loud_end import RefusedError
from streams.mapping.catalog_items import item_of
from streams.records import CatalogItem


def counted_mistakes(items: Sequence[CatalogItem]) -> list[dict[str, Any]]:
    """Each kind of mistake in these items: how many, and the first that has it."""
    first: dict[tuple[str, str], str] = {}
    count: Counter[tuple[str, str]] = Counter()
    for record in items:
        stated = record.price, record.salesprice, record.cur, record.availability
        for each in item_mistakes(item_of(record), *stated):
            kind = each.where, each.severity
            first.setdefault(kind, f"item {record.item_id}: {each}")
            count[kind] += 1
    return [
        {"where": where, "severity": severity, "items": count[where, severity], "first": said}
        for (where, severity), said in first.items()
    ]


def index_summary(indexer: Indexer) -> dict[str, Any]:
    """What stands in the artefact now, as a machine reads it; version 0 = nothing yet."""
    catalog, pending = indexer.reader.catalog, len(indexer.pending())
    if catalog is None:
        return {"version": 0, "items": 0, "pending": pending}
    return {
        "version": catalog.version,
        "items": len(catalog.items),
        "available": sum(item.available for item in catalog.items),
        "fitted_items": catalog.fitted_items,
        "codes": list(catalog.code_names),
        "curated": catalog.curated,
        "segments": len(catalog.segments),
        "encoder": catalog.basis.encoder,
        "threshold": catalog.detector.threshold,
        "complemented": int((catalog.complements != NOBODY).any(axis=1).sum()),
        "portraits": 0 if indexer.reader.portraits is None else len(indexer.reader.portraits.groups),
        "shared_creatives": len(indexer.reader.shared),
        "pending": pending,
        "damaged": indexer.reader.damaged,
    }


def show_index(report: dict[str, Any]) -> None:
    """As a table. Raises RefusedError where there is no version yet."""
    if report["version"] == 0:
        raise RefusedError(
            f"no catalogue version yet ({report['pending']} items wait): make one with `shiftcast index`"
        )
    table = Table(show_header=False, title=f"Catalogue version {report['version']}", title_justify="left")
    table.add_row(
        "items",
        f"{report['items']}, {report['available']} of them available, {report['pending']} waiting to be "
        "indexed",
    )
    table.add_row(
        "interest codes",
        f"{len(report['codes'])} {'categories' if report['curated'] else 'clusters'}: "
        f"{', '.join(report['codes'])}",
    )
    table.add_row("segments", str(report["segments"]))
    if report["complemented"]:
        table.add_row("bought together", f"{report['complemented']} items have others that go with them")
    if report["portraits"]:
        table.add_row("portraits", f"{report['portraits']} groups of users: `shiftcast portraits`")
    table.add_row("encoder", f"{report['encoder']}, fitted on {report['fitted_items']} items")
    table.add_row("detector threshold", f"{report['threshold']:g}")
    if report["positives"]:
        learnt = report["positives"] >= LEAST_POSITIVES
        said = "texts and co-clicks" if learnt else f"texts alone: below {LEAST_POSITIVES:,} positives"
        table.add_row("fitted from", f"{said} ({report['positives']:,} positives of the log)")
    if report["arms"]:
        table.add_row("arms", f"{report['arms']} start from what they did in the other market")
    table.add_row("published now", f"{report['published']} records in {report['seconds']} s")
    print_table(table)
    for each in report["mistakes"]:
        click.echo(f"{each['items']} of the items sent, such as {each['first']}")
    if report["items"] > 2 * report["fitted_items"]:
        click.echo(
            "The basis was fitted on less than half of the items: `shiftcast index --refit` makes it anew."
        )
    if report["damaged"]:
        click.echo(f"Damaged: {report['damaged']}; `shiftcast index --refit` replaces it.")
