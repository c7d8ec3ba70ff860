"""`shiftcast model read`: a blind sheet of a model's copy for people to read, and what their marks say."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from agents.commands.option_types import SEED, Count, FileToWrite
from agents.commands.options import briefs_option, echo_json, json_option, retail_data_option
from agents.commands.tables import print_table
from agents.model_commands.evaluate import asked_briefs, bar, loaded, named_model
from agents.reading.files import KEY_SUFFIX, key_file_of, read_sheet, write_sheet
from agents.reading.pairs import plain_pairs, score_pairs, served_pairs_of, show_pairs
from agents.reading.served import read_served
from models.brief.brief import Brief, Copy, language_of
from models.corpus.shipped import shipped_ads
from models.evaluation.writing import samples
from models.judge.marks import mark_line
from models.reading.known import known_pieces
from models.reading.pairs import blind_pairs
from models.reading.scoring import RELIABLE, Scored, ShareInterval, judged_pieces, scored
from models.reading.sheet import Piece, ReaderMark, Secret, blind
from streams.loud_end import RefusedError
from streams.settings import Settings

CORPUS = "corpus"


@click.command()
@click.argument("model", metavar="[FOLDER|NAME/VERSION|builtin]", required=False)
@click.option(
    "--sheet",
    type=FileToWrite(),
    metavar="FILE.jsonl",
    help="Write a sheet; its key stands beside it and is not for the reader.",
)
@click.option(
    "--copies",
    "copies_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.jsonl",
    help='Copies to read, {"source", "brief", "copy"} per line, instead of letting a model write.',
)
@click.option(
    "--served", is_flag=True, help="Read what users got: creatives that the topics hold, pool and live."
)
@click.option(
    "--pairs",
    is_flag=True,
    help="Pairs of a served copy and the template for the same brief: which is better?",
)
@briefs_option
@retail_data_option
@click.option(
    "--limit", type=Count(1), default=100, show_default=True, help="At most so many of the model's."
)
@click.option(
    "--templates", type=Count(0), default=0, help="With --served: so many of templates' among them."
)
@click.option(
    "--corpus",
    type=Count(0),
    default=0,
    help="So many good ads of the repository among them.",
)
@click.option(
    "--known",
    type=Count(1),
    default=20,
    show_default=True,
    help="Hidden good ads, and as many hidden bad ones.",
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Another one is another order.")
@click.option(
    "--score",
    "filled",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE.jsonl",
    help='Score a filled sheet: each line with "publishable": true or false, and perhaps "reason"; of pairs '
    'with "better": "A", "B" or "tie".',
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Key of the filled sheets; default: the sheet's name with {KEY_SUFFIX}.",
)
@click.option(
    "--keep",
    type=FileToWrite(),
    metavar="FILE.jsonl",
    help="Write the marks of readings that count as the judge learns from them (models/judge/marks).",
)
@json_option()
def command(
    model: str | None, sheet: Path | None, copies_file: Path | None, served: bool, pairs: bool,
    briefs_file: Path | None, data: Path | None, limit: int, templates: int, corpus: int, known: int,
    seed: int, filled: tuple[Path, ...], key_file: Path | None, keep: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Copy as a reader sees it who does not know who wrote it and answers one question: would you run it as
    it stands? Good and spoilt ads are hidden in the sheet; a reading that does not tell those apart is not
    counted.

    With --pairs it is two copies for the same brief, and the question which of them is better.
    """
    if (sheet is None) == (not filled):
        raise click.UsageError("give --sheet FILE to write a sheet, or --score FILE for filled ones")
    if templates and not served:
        raise click.UsageError("--templates are those of campaigns whose creatives are read: add --served")
    if sheet is None:
        if pairs:
            _score_pairs(filled, key_file, as_json)
        else:
            _score(filled, key_file, keep, as_json)
    elif pairs:
        _write_pairs(sheet, key_file, limit, known, seed, as_json)
    else:
        if served:
            found = asyncio.run(read_served(Settings.from_environ(os.environ)))
            pieces = [*found.by_model(limit, seed), *found.templates(templates, seed)]
        elif copies_file:
            pieces = read_sheet(copies_file, Piece)
        else:
            pieces = _written(model, briefs_file, data, limit, as_json)
        hidden = _hidden(pieces, known, seed)
        shown = {piece.brief.title for piece in hidden}
        entries, secrets = blind([*pieces, *_of_corpus(pieces, corpus, shown, seed), *hidden], seed)
        key = write_sheet(sheet, entries, secrets, key_file)
        how = '"publishable": true or false to each line, and "reason" where it is false'
        _told(sheet, key, len(entries), 2 * known, how, as_json)


def _told(sheet: Path, key: Path, entries: int, known: int, how: str, as_json: bool, more: str = "") -> None:
    if as_json:
        echo_json({"sheet": str(sheet), "key": str(key), "entries": entries})
        return
    click.echo(f"{sheet}: {entries} entries, {known} of them known beforehand")
    click.echo(f"add {how}, then:")
    click.echo(
        f"shiftcast model read{more} --score {sheet}" + ("" if key == key_file_of(sheet) else f" --key {key}")
    )


def _write_pairs(
    sheet: Path, key_file: Path | None, limit: int, known: int, seed: int, as_json: bool
) -> None:
    found = asyncio.run(read_served(Settings.from_environ(os.environ)))
    pieces = found.by_model(limit, seed)
    good = [(each.brief, each.copy) for each in _hidden(pieces, known, seed) if each.publishable]
    entries, secrets = blind_pairs(served_pairs_of(found, limit, good, seed), seed)
    key = write_sheet(sheet, entries, secrets, key_file)
    _told(sheet, key, len(entries), known, '"better": "A", "B" or "tie" to each line', as_json, " --pairs")


def _written(
    model: str | None, briefs_file: Path | None, data: Path | None, limit: int, quiet: bool
) -> list[Piece]:
    """What a model writes for some briefs, as the review lets it pass."""
    settings = Settings.from_environ(os.environ)
    name, folder = named_model(model, settings)
    briefs = asked_briefs(briefs_file, data, limit)
    with bar(f"{name}: {len(briefs)} briefs", len(briefs), quiet) as advance:
        made = samples(loaded(folder, settings), briefs, advance)
    return [Piece(name, sample.brief, sample.copy) for sample in made if sample.copy]


def _ads(pieces: Sequence[Piece]) -> list[tuple[Brief, Copy]]:
    """The repository's good ads in the language that most pieces are in. Raises RefusedError."""
    languages = [language_of(piece.brief.locale) for piece in pieces]
    if not languages:
        raise RefusedError("there is no copy to read: every brief ended in a template, or nothing was served")
    language = max(dict.fromkeys(languages), key=languages.count)
    return [
        (ad.brief, ad.copy)
        for ad in shipped_ads()
        if language_of(ad.brief.locale) == language and ad.moment_told
    ]


def _hidden(pieces: Sequence[Piece], known: int, seed: int) -> list[Piece]:
    """Good and spoilt ads. Raises RefusedError."""
    try:
        return known_pieces(_ads(pieces), known, seed)
    except ValueError as error:
        raise RefusedError(f"{error}; ask for fewer with --known") from error


def _of_corpus(pieces: Sequence[Piece], count: int, shown: set[str], seed: int) -> list[Piece]:
    """Good ads for other items than those of `shown`, to be judged like the rest."""
    by_item = {brief.title: (brief, copy) for brief, copy in _ads(pieces) if brief.title not in shown}
    chosen = random.Random(seed).sample(list(by_item.values()), min(count, len(by_item)))  # noqa: S311
    return [Piece(CORPUS, brief, copy) for brief, copy in chosen]


def _score_pairs(filled: Sequence[Path], key_file: Path | None, as_json: bool) -> None:
    found = score_pairs(filled, key_file)
    if as_json:
        echo_json({name: plain_pairs(each) for name, each in found.items()})
        return
    for name, each in found.items():
        show_pairs(name, each)


def _score(filled: Sequence[Path], key_file: Path | None, keep: Path | None, as_json: bool) -> None:
    found: dict[str, Scored] = {}
    kept: list[bytes] = []
    for path in filled:
        secrets, marks = read_sheet(key_file or key_file_of(path), Secret), read_sheet(path, ReaderMark)
        try:
            found[str(path)] = scored(secrets, marks)
        except ValueError as error:
            raise RefusedError(f"{path}: {error}") from error
        kept += map(mark_line, judged_pieces(secrets, marks)) if found[str(path)].counts else ()
    if keep is not None:
        keep.write_bytes(b"".join(kept))
    if as_json:
        echo_json({name: _plain(each) for name, each in found.items()})
        return
    for name, each in found.items():
        _show(name, each)
    if keep is not None:
        click.echo(f"{keep}: {len(kept)} marks; `python -m agents.fit_judge` learns from models/judge/marks")


def _show(name: str, reading: Scored) -> None:
    table = Table("source", "read", "publishable", "95 %", title=name, title_justify="left")
    for source, share in reading.publishable.items():
        table.add_row(source, str(share.of), f"{share.value:.3f}", f"{share.low:.3f} to {share.high:.3f}")
    print_table(table)
    good, bad = reading.good_right.value, reading.bad_right.value
    verdict = "the reading counts" if reading.counts else f"the reading does not count, below {RELIABLE}"
    click.echo(f"{good:.2f} of the hidden good and {bad:.2f} of the hidden bad ones right: {verdict}")
    if reading.missing:
        click.echo(f"{reading.missing} entries without a mark")
    for reason, times in list(reading.reasons.items())[:10]:
        click.echo(f"{times:4d}  {reason}")


def _plain(reading: Scored) -> dict[str, Any]:
    def share(each: ShareInterval) -> dict[str, Any]:
        return {**each._asdict(), "share": each.value}

    return {
        "counts": reading.counts,
        "good_right": share(reading.good_right),
        "bad_right": share(reading.bad_right),
        "missing": reading.missing,
        "publishable": {source: share(each) for source, each in reading.publishable.items()},
        "reasons": reading.reasons,
    }
