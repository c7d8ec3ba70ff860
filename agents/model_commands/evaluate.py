"""`shiftcast model evaluate`: quality figures of a copywriter on briefs nobody trained on; two of them side
by side."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agents.commands.option_types import Count, FileToWrite
from agents.commands.options import briefs_option, echo_json, json_option, retail_data_option
from agents.commands.tables import print_table
from agents.copywriters.announcing import current, found, standing_registry
from models.brief.brief import Brief
from models.copywriter.generate import Copywriter
from models.copywriter.registry import MANIFEST_FILE
from models.evaluation.briefs import BriefsError, own_briefs, read_briefs, retail_briefs
from models.evaluation.page import FIGURES, page
from models.evaluation.report import GROUPS, OVERLAP_PACKAGES, QualityReport, evaluate
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ProviderError
from streams.loud_end import RefusedError
from streams.settings import Settings

GROUP_FIGURES = {
    "copies": "copies", "template_share": "template", "unsupported": "no source",
    "length_violations": "too long", "noun_share": "noun", "publishable": "publishable",
    "distinct_2": "distinct-2", "bleu": "BLEU",
}  # fmt: skip


@click.command()
@click.argument("model", metavar="[FOLDER|NAME/VERSION|builtin]", required=False)
@click.option("--against", metavar="MODEL", help="A second model on the same briefs.")
@briefs_option
@retail_data_option
@click.option("--limit", type=Count(1), help="At most so many briefs, spread evenly.")
@click.option(
    "--variants", type=click.IntRange(1, 100), default=10, show_default=True, help="Requests per brief."
)
@click.option(
    "--page",
    "page_file",
    type=FileToWrite(),
    metavar="FILE.html",
    help="Write the copies to read.",
)
@json_option()
def command(
    model: str | None, against: str | None, briefs_file: Path | None, data: Path | None, limit: int | None,
    variants: int,
    page_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Measure a model (default: the current one) on briefs (default: 200 English, 50 German and 50 Chinese
    items nobody trained on).

    Numbers, prices and brands without a source are found by a check of its own. BLEU, chrF and ROUGE compare
    with this project's own example copies where there are some, and are none where not. What is publishable
    is the judge's guess at what readers say (models/judge); `model read` asks readers themselves. Nothing
    here says what people will click.
    """
    if briefs_file is not None and data is not None:
        raise click.UsageError("give --briefs or --data, not both")
    settings = Settings.from_environ(os.environ)
    briefs = asked_briefs(briefs_file, data, limit)
    names = [named_model(each, settings) for each in ([model] if against is None else [model, against])]
    missing = [module for module in OVERLAP_PACKAGES if find_spec(module) is None]
    reports = []
    for name, copywriter in [(name, loaded(folder, settings)) for name, folder in names]:
        with bar(f"{name}: {len(briefs)} briefs", len(briefs) * variants, as_json) as advance:
            reports.append((name, evaluate(copywriter, briefs, variants, advance, overlaps=not missing)))
    if page_file is not None:
        page_file.write_text(page(reports), encoding="utf-8")
    if missing:
        click.echo(
            f"self-BLEU, BLEU, chrF and ROUGE are none: {' and '.join(missing)} of the extra `train` are not "
            "here (`make setup-dev` installs them)",
            err=True,
        )
    if as_json:
        echo_json(
            {
                "briefs": len(briefs),
                "variants": variants,
                "models": {name: each.as_dict() for name, each in reports},
            }
        )
        return
    _show(reports)
    click.echo(
        f"read them: {page_file}" if page_file else "read the copies beside each other: --page FILE.html"
    )


def asked_briefs(briefs_file: Path | None, data: Path | None, limit: int | None) -> list[Brief]:
    """The briefs of a file or of a shop's products, else the project's own; at most `limit`, spread evenly.
    Raises RefusedError."""
    try:
        briefs = read_briefs(briefs_file) if briefs_file else retail_briefs(data) if data else own_briefs()
    except BriefsError as error:
        raise RefusedError(str(error)) from error
    if limit is None or limit >= len(briefs):
        return briefs
    return [briefs[number * len(briefs) // limit] for number in range(limit)]


def named_model(which: str | None, settings: Settings) -> tuple[str, Path]:
    """What to call a model, and its folder: a folder as it stands (no copy is made), else a version of the
    registry."""
    if which is None and (settings.registry_dir / MANIFEST_FILE).exists():
        return str(settings.registry_dir), settings.registry_dir
    if which is not None and (Path(which) / MANIFEST_FILE).is_file():
        return which, Path(which)
    registry = standing_registry(settings)
    release = current(registry) if which is None else found(registry, which)
    return release.reference, registry.folder(release)


def loaded(folder: Path, settings: Settings) -> Copywriter:
    """The copywriter of a folder. Raises RefusedError."""
    try:
        return Copywriter.load(folder, settings.provider)
    except (ModelFileError, ProviderError) as error:
        raise RefusedError(str(error)) from error


def _show(reports: Sequence[tuple[str, QualityReport]]) -> None:
    console = Console()
    table = Table(title="Copy, measured", title_justify="left")
    table.add_column("figure")
    for name, _ in reports:
        table.add_column(name, justify="right", overflow="fold")
    for key, title in FIGURES.items():
        table.add_row(title, *(_cell(report.figures[key]) for _, report in reports))
    print_table(table)
    for name, report in reports:
        groups = Table(
            "", *GROUP_FIGURES.values(), title=f"{name}, by {', '.join(GROUPS)}", title_justify="left"
        )
        for kind in GROUPS:
            for value, figures in report.groups[kind].items():
                groups.add_row(value, *(_cell(figures[key]) for key in GROUP_FIGURES))
            groups.add_section()
        print_table(groups)
        if report.figures["why_none"]:
            console.print(
                f"{name}: templates because "
                f"{', '.join(f'{why} {count}' for why, count in report.figures['why_none'].items())}"
            )


def _cell(value: Any) -> str:
    return "none" if value is None else str(value)


@contextmanager
def bar(title: str, total: int, quiet: bool) -> Iterator[Any]:
    """A progress bar on the error output; what is yielded advances it."""
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task(title, total=total)
        yield lambda n: progress.advance(task, n)
