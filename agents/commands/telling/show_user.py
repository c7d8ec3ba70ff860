"""`shiftcast show-user`: what is kept of one user, read from the user's changelog partition; the broker's
ACLs guard it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import click
import msgspec
from rich.table import Table

from agents.calibration.threshold import current_catalog
from agents.commands.option_types import UserKey
from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.commands.telling.told_lines import told_lines
from agents.profiles.rows.link import link_row_of
from agents.profiles.rows.outcomes import UNKNOWN_NAMES
from agents.profiles.rows.portfolio import portfolio_of
from agents.profiles.rows.told import tell_exposures, tell_link, tell_portfolio
from models.catalog.version import Catalog
from models.choice.served import describe
from models.earned.counters import CellNames
from models.event.layout import Purpose
from models.stored.layouts import ROW_LAYOUTS
from streams.broker.read_once import read_topics
from streams.records import Creative
from streams.rows.merging import row_ranks
from streams.rows.ownership import Succession
from streams.rows.row_versions import RowVersions
from streams.settings import Settings
from streams.topics import CREATIVE, changelog
from streams.unix_time import unix_ms
from streams.wire.partition import partition

_KINDS: Final = b"cpxri"
_NAMES: Final = b"n"
_creative = msgspec.json.Decoder(Creative)


@dataclass
class KeptOfUser:
    """Newest row of each kind as it is stored, and the creatives that are live."""

    partition: int
    rows: dict[bytes, bytes] = field(default_factory=dict)
    names: dict[int, bytes] = field(default_factory=dict)  # rows n by cell
    creatives: dict[bytes, Creative] = field(default_factory=dict)


@click.command()
@click.argument("user", type=UserKey())
@json_option()
def command(user: str, as_json: bool) -> None:
    """Show consent, interests, what was shown and done, kept copy and live creatives of USER (a pseudonym, as
    producers key their events). Times are UTC."""
    settings = Settings.from_environ(os.environ)
    kept, catalog = asyncio.run(_read(settings, user))
    if not kept.rows:
        raise click.ClickException(
            f"nothing is kept of {user}: no event was learnt or counted, or the user was forgotten long ago"
        )
    told = tell_user(user, kept, catalog, unix_ms())
    if as_json:
        echo_json(told)
    else:
        _show(told)


async def _read(settings: Settings, user: str) -> tuple[KeptOfUser, Catalog]:
    catalog = await current_catalog(settings)
    where = partition(user.encode(), settings.partitions)
    kept, succession = KeptOfUser(where), Succession()
    async for record in read_topics(settings, [changelog(settings.app_prefix).name], partitions=[where]):
        beaten = succession.is_beaten(record.headers)
        if record.key is not None and record.key[1:] == user.encode() and record.key[:1] in _KINDS:
            _take_row(kept, record.key[:1], record.value, beaten)
        elif record.key is not None and record.key[:1] == _NAMES and record.value is not None:
            kept.names[int.from_bytes(record.key[1:], "big")] = record.value  # a cell's names never change
    prefix = f"u:{user}|".encode()
    async for record in read_topics(settings, [CREATIVE.name], partitions=[where]):
        if record.key is None or not record.key.startswith(prefix):
            continue
        kept.creatives.pop(record.key, None)
        if record.value is not None:
            kept.creatives[record.key] = _creative.decode(record.value)
    return kept, catalog


def _take_row(kept: KeptOfUser, kind: bytes, value: bytes | None, beaten: bool | None) -> None:
    """As in a restore: the newest owner wins, the higher fence where a record (None) does not say whose it
    is."""
    held = kept.rows.get(kind)
    if beaten:
        return
    if value is None:
        kept.rows.pop(kind, None)
    elif held is None or beaten is False or row_ranks([value]) >= row_ranks([held]):
        kept.rows[kind] = value


def tell_user(user: str, kept: KeptOfUser, catalog: Catalog, now_ms: int) -> dict[str, Any]:
    """What is kept, for people and machines: names instead of numbers. Raises RefusedError."""
    told: dict[str, Any] = {"user": user, "catalog_version": catalog.version}
    versions = RowVersions(ROW_LAYOUTS, kept.partition)
    rows = {
        kind: versions.rows(kind.decode(), [value])[0]
        for kind, value in kept.rows.items()
        if kind not in b"ri"
    }
    if b"c" in rows:
        told["consent"] = _consent(rows[b"c"])
    if b"p" in rows:
        told["profile"] = describe(rows[b"p"], catalog, now_ms)
    if b"x" in rows:
        told["exposures"] = {
            name: int(rows[b"x"][f"n_{name}"]) for name in ("shown", "acts", "sales", "live")
        }
        told |= tell_exposures(rows[b"x"], partial(_names_of, kept.names, versions))
    if b"r" in kept.rows:
        portfolio = portfolio_of(versions.payload(kept.rows[b"r"]))
        told["kept_copies"] = tell_portfolio(portfolio)["kept_copies"]
    if b"i" in kept.rows:
        told |= tell_link(link_row_of(versions.payload(kept.rows[b"i"])))
    live = [each for each in kept.creatives.values() if each.expires > now_ms]
    told["creatives"] = [_creative_of(each) for each in sorted(live, key=lambda each: -each.created)]
    return told


def _names_of(names: Mapping[int, bytes], versions: RowVersions, cell: int) -> CellNames:
    stored = names.get(cell)
    return UNKNOWN_NAMES if stored is None else msgspec.json.decode(versions.payload(stored), type=CellNames)


def _consent(row: Any) -> dict[str, Any]:
    granted = {each.name.lower(): bool(row["granted"] & each) for each in Purpose}
    return {
        "stated": bool(row["known"]),
        **granted,
        "stated_ts": int(row["stated_ts"]),
        "erased_ts": int(row["erased_ts"]),
    }


def _creative_of(each: Creative) -> dict[str, Any]:
    copy = each.copy
    return {
        "creative_id": each.creative_id, "campaign_id": each.campaign_id, "slot": each.slot,
        "headline": copy.headline,
        "description": copy.description, "cta": copy.cta, "because": each.reason.trigger,
        "expires": each.expires,
    }  # fmt: skip


def _show(told: dict[str, Any]) -> None:
    table = Table(show_header=False, title=f"What is kept of {told['user']}", title_justify="left")
    for name, value in told_lines(told):
        table.add_row(name, value)
    print_table(table)
