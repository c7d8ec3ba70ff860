"""Whether topics and data folder are fit for a worker; each refusal is one line that says what to type."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from streams.broker.admin import differences, states
from streams.broker.clients import admin
from streams.broker.source_change import wrong_partitions
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import TopicSpec


async def reason_to_refuse(settings: Settings, specs: Sequence[TopicSpec]) -> str | None:
    """One line when the topics are not fit, or None. Raises RefusedError when no broker answers."""
    async with admin(settings) as client:
        found = await states(client, [spec.name for spec in specs])
    wrong = [each for spec in specs for each in differences(spec, found.get(spec.name), settings)]
    missing = [each.topic for each in wrong if each.what == "topic"]
    if missing:
        return f"no topic {', '.join(missing)} at {settings.broker}: make them with `shiftcast topics create`"
    counts = {spec.name: found[spec.name].partitions for spec in specs if spec.partitions is None}
    if refusal := wrong_partitions(counts, settings):
        return refusal
    clocks = [each.topic for each in wrong if each.what == "message.timestamp.type"]
    if clocks:
        return (
            f"{', '.join(clocks)}: message.timestamp.type is not LogAppendTime, so producers would set the "
            "clock by which events are judged: `shiftcast topics create --repair`"
        )
    return None


def make_data_folder(folder: Path) -> None:
    """The folder of a worker's rows. Raises RefusedError when it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusedError(
            f"the data folder {folder} cannot be made ({error.strerror}: {error.filename}): "
            "set SHIFTCAST_DATA_DIR to one that can"
        ) from error
    if not os.access(folder, os.W_OK):
        raise RefusedError(
            f"the data folder {folder} cannot be written: set SHIFTCAST_DATA_DIR to one that can"
        )
