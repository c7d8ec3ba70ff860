"""`shiftcast model read`: a blind sheet of a model's copy for people to read, and what their marks say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from rich.table import Table

from agents.commands.options import briefs_option, echo_json, json_option, retail_data_option
from agents.commands.tables import print_table
from agents.model_commands.evaluate import asked_briefs, bar, loaded, named_model
from models.brief.brief import language_of
from models.corpus.shipped import shipped_ads
from models.evaluation.writing import samples
from models.judge.marks import mark_line
from models.reading.known import known_pieces
from models.reading.scoring import RELIABLE, Scored, Share, judged_pieces, scored
from models.reading.sheet import Entry, Mark, Piece, Secret, blind
from streams.loud_end import RefusedError
from streams.settings import Settings

KEY_SUFFIX = ".key.jsonl"
Line = TypeVar("Line", Entry, Secret, Mark, Piece)


@click.command()
@click.argument("model", metavar="[FOLDER|NAME/VERSION|builtin]", required=False)
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
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
@briefs_option
@retail_data_option
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many of the model's."
)
@click.option(
    "--known",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Hidden good ads, and as many hidden bad ones.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one is another order.")
@click.option(
    "--score",
    "filled",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE.jsonl",
    help='Score a filled sheet: each line with "publishable": true or false, and perhaps "reason".',
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Key of the filled sheets; default: the sheet's name with {KEY_SUFFIX}.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.jsonl",
    help="Write the marks of readings that count as the judge learns from them (models/judge/marks).",
)
@json_option()
def command(
    model: str | None, sheet: Path | None, copies_file: Path | None, briefs_file: Path | None,
    data: Path | None, limit: int, known: int, seed: int, filled: tuple[Path, ...], key_file: Path | None,
    keep: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Copy as a reader sees it who does not know who wrote it and answers one question: would you run it as
    it stands? Good and spoilt ads are hidden in the sheet; a reading that does not tell those apart is not
    counted."""
    if (sheet is None) == (not filled):
        raise click.UsageError("give --sheet FILE to write a sheet, or --score FILE for filled ones")
    if sheet is None:
        _score(filled, key_file, keep, as_json)
        return
    pieces = _lines(copies_file, Piece) if copies_file else _written(model, briefs_file, data, limit, as_json)
    entries, secrets = blind([*pieces, *_hidden(pieces, known, seed)], seed)
    sheet.parent.mkdir(parents=True, exist_ok=True)
    _write(sheet, entries)
    _write(_key_of(sheet), secrets)
    if as_json:
        echo_json({"sheet": str(sheet), "key": str(_key_of(sheet)), "entries": len(entries)})
        return
    click.echo(f"{sheet}: {len(entries)} entries, {2 * known} of them known beforehand")
    click.echo('add "publishable": true or false to each line, and "reason" where it is false, then:')
    click.echo(f"shiftcast model read --score {sheet}")


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


def _hidden(pieces: Sequence[Piece], known: int, seed: int) -> list[Piece]:
    """Good and spoilt ads in the language that most pieces are in."""
    languages = [language_of(piece.brief.locale) for piece in pieces]
    if not languages:
        raise RefusedError("there is no copy to read: every brief ended in a template, or the file is empty")
    language = max(dict.fromkeys(languages), key=languages.count)
    ads = [
        (ad.brief, ad.copy)
        for ad in shipped_ads()
        if language_of(ad.brief.locale) == language and ad.moment_told
    ]
    try:
        return known_pieces(ads, known, seed)
    except ValueError as error:
        raise RefusedError(f"{error}; ask for fewer with --known") from error


def _score(filled: Sequence[Path], key_file: Path | None, keep: Path | None, as_json: bool) -> None:
    found: dict[str, Scored] = {}
    kept: list[bytes] = []
    for path in filled:
        secrets, marks = _lines(key_file or _key_of(path), Secret), _lines(path, Mark)
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
    def share(each: Share) -> dict[str, Any]:
        return {**each._asdict(), "share": each.value}

    return {
        "counts": reading.counts,
        "good_right": share(reading.good_right),
        "bad_right": share(reading.bad_right),
        "missing": reading.missing,
        "publishable": {source: share(each) for source, each in reading.publishable.items()},
        "reasons": reading.reasons,
    }


def _key_of(sheet: Path) -> Path:
    return sheet.with_name(sheet.name.removesuffix(".jsonl") + KEY_SUFFIX)


def _write(path: Path, lines: Sequence[Entry | Secret]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def _lines(path: Path, kind: type[Line]) -> list[Line]:
    """The lines of a file. Raises RefusedError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RefusedError(
            f"{path}: {error.strerror}; name a sheet that `model read --sheet` wrote"
        ) from error
    lines = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            lines.append(msgspec.json.decode(line, type=kind))
        except ValueError as error:
            raise RefusedError(f"{path}, line {number}: {error}") from error
    return lines
