"""`shiftcast assets`: the folder of pictures and clips, what a file of it says of its origin, and what an
advertiser supplies."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, replace
from pathlib import Path

import click

from agents.commands.groups import GuessingGroup
from agents.commands.options import echo_json, json_option
from agents.rendering.files.serving import serve_assets
from models.credentials.signing import MISSING, can_sign
from models.link import SECURE_SCHEMES, link_fault
from streams.settings import Settings


@click.group(cls=GuessingGroup)
def command() -> None:
    """Pictures and clips of creatives."""


@command.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one. Default: SHIFTCAST_ASSETS_PORT."
)
@click.option("--bind", help="Address; default: SHIFTCAST_ASSETS_BIND, loopback unless set.")
@json_option("Print the address as a JSON object.")
def serve(port: int | None, bind: str | None, as_json: bool) -> None:
    """Serve the folder of pictures (SHIFTCAST_ASSETS_DIR) over HTTP, for a laptop."""
    chosen = {
        name: value for name, value in (("assets_port", port), ("assets_bind", bind)) if value is not None
    }
    settings = replace(Settings.from_environ(os.environ), **chosen)  # type: ignore[arg-type]
    try:
        asyncio.run(serve_assets(settings, lambda address: _say(address, as_json)))
    except OSError as error:
        raise click.ClickException(
            f"pictures cannot be served: {error.strerror or error}; name another with --port or --bind"
        ) from error


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates of authorities that you trust, PEM.",
)
@json_option()
def verify(file: Path, anchors: Path | None, as_json: bool) -> None:
    """Say who signed FILE and what was signed. Exit code 1 when it carries no credentials or was changed."""
    if not can_sign():
        raise click.ClickException(MISSING)
    from agents.rendering.verifying import WHOLE, credentials_of, verdict_lines

    try:
        found = credentials_of(file, anchors)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        echo_json(asdict(found))
    else:
        click.echo("\n".join(verdict_lines(found)))
    if found.state not in WHOLE:
        raise click.exceptions.Exit(1)


@command.command("index")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--captions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.csv|FILE.jsonl",
    help="What each file shows: file, caption, item_id, cat.",
)
@click.option(
    "--items",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="The catalogue: items that encoders find pictures near to.",
)
@click.option(
    "--encoder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of an ONNX image encoder (CLIP and its kind).",
)
@click.option("--url", "prefix", metavar="https://...", help="Where the files are had: a campaign needs it.")
@click.option("--campaign", metavar="ID", help="Give this campaign the pictures and send it again.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: FOLDER.library.jsonl.")
@json_option("Print one JSON object, no progress.")
def index_folder(
    folder: Path,
    captions: Path | None,
    items: Path | None,
    encoder: Path | None,
    prefix: str | None,
    campaign: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Read the pictures and clips of FOLDER into a library of features, one line of JSON each."""
    if campaign is not None and prefix is None:
        raise click.UsageError("--campaign sends addresses of pictures: add --url https://cdn.example/folder")
    if prefix is not None and (fault := link_fault(prefix, SECURE_SCHEMES)):
        raise click.UsageError(f"--url {fault}; give https://cdn.example/folder")
    try:
        from agents.material.indexing import IndexingWish, index_material, lines_told
    except ImportError as error:
        said = f"pictures need the package {error.name}: pip install 'shiftcast[image]'"
        raise click.ClickException(said) from error
    from agents.material.sending import send_material

    settings = Settings.from_environ(os.environ)
    asked = IndexingWish(folder, captions, items, encoder, settings.encoder_dir, prefix or "")
    made = index_material(asked, quiet=as_json)
    path = out or folder.resolve().with_name(f"{folder.resolve().name}.library.jsonl")
    made.write(path)
    version = asyncio.run(send_material(settings, campaign, made.material)) if campaign else None
    if as_json:
        echo_json({**made.summary(), "library": str(path), "campaign_version": version})
    else:
        click.echo("\n".join(lines_told(made, path, campaign, version)))


def _say(address: str, as_json: bool) -> None:
    if as_json:
        echo_json({"pictures": address})
    else:
        click.echo(f"pictures: {address}")
