"""Whose rows a worker's folder holds: cluster, app and changelog, noted at its first start and compared at
every other."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import msgspec

from streams.broker.clients import admin
from streams.broker.identity import identify_cluster
from streams.loud_end import RefusedError
from streams.settings import Settings

STAMP_FILE: Final = "belongs-to.json"


class FolderStamp(msgspec.Struct, frozen=True):
    """What rows on disk are rows of."""

    cluster_id: str
    app_id: str
    changelog: str
    changelog_id: str  # another one after the topic was deleted and made anew


async def stamp_of(settings: Settings, app_id: str, changelog: str) -> FolderStamp:
    """The stamp of a worker's rows as the broker knows them now. Raises RefusedError, KafkaError."""
    async with admin(settings) as client:
        cluster = await identify_cluster(client, [changelog])
    if changelog not in cluster.topics:
        raise RefusedError(f"no topic {changelog} at {settings.broker}: type `shiftcast topics create`")
    return FolderStamp(cluster.cluster_id, app_id, changelog, cluster.topics[changelog].topic_id)


def claim_folder(folder: Path, now: FolderStamp, data_dir: Path) -> None:
    """Stamp a folder that has no stamp. Raises RefusedError when it holds rows of another cluster, app or
    changelog, OSError."""
    file = folder / STAMP_FILE
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(now))
        fresh.replace(file)
        return
    try:
        before = msgspec.json.decode(file.read_bytes(), type=FolderStamp)
    except msgspec.DecodeError as error:
        raise RefusedError(f"{file} cannot be read ({error}): {begin_anew(folder)}") from None
    if (before.cluster_id, before.app_id) != (now.cluster_id, now.app_id):
        elsewhere = shlex.quote(f"{data_dir}-{now.cluster_id}")
        raise RefusedError(
            f"{folder} holds rows of {before.app_id} at cluster {before.cluster_id}, this is {now.app_id} at "
            f"cluster {now.cluster_id}: type `export SHIFTCAST_DATA_DIR={elsewhere}` for one of its own, "
            "or set KAFKA_BROKER and SHIFTCAST_APP_PREFIX back"
        )
    if before != now:
        raise RefusedError(changelog_anew(now.changelog, folder))


def changelog_anew(changelog: str, folder: Path) -> str:
    """What is said of rows whose changelog is no longer the topic that they were written to."""
    return (
        f"{changelog} was deleted and made anew since the rows in {folder} were written: restore it, or "
        f"{begin_anew(folder)}"
    )


def begin_anew(folder: Path) -> str:
    """How to go on with what the changelog holds."""
    return (
        f"type `rm -r {shlex.quote(str(folder))}`: rows are then what the changelog holds; where that is "
        "not all, privacy requests and every compacted source (consent, creatives, outcomes) are read again"
    )
