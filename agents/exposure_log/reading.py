"""Exposures from the topic, or from files of the same records; each once, those that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.exposure_log.withdrawn import MEASURE, Withdrawn
from streams import records as r
from streams.broker.follow import read_topics
from streams.settings import Settings
from streams.topics import EXPOSURE
from streams.wire.codecs import WireLimits, decode
from streams.wire.ids import hash64
from streams.wire.record_files import read_lines
from streams.wire.refusals import Rejected


@dataclass
class CountedExposures:
    """`exposures`: the last of each id (delivery is at-least-once), of people, with the measuring purpose,
    which was not taken back since; the counts say what was left out."""

    exposures: list[r.Exposure] = field(default_factory=list)
    repeated: int = 0
    invalid: int = 0
    not_measured: int = 0
    withdrawn: int = 0
    unreadable: int = 0


async def read_exposures(settings: Settings, files: Sequence[Path], withdrawn: Withdrawn) -> CountedExposures:
    """The topic's without `files`. Raises RefusedError for a broken file or a missing topic."""
    if files:
        return counted_exposures([each for path in files for each in read_lines(path, r.Exposure)], withdrawn)
    read: list[r.Exposure] = []
    limits, unreadable = WireLimits.of(settings), 0
    async for record in read_topics(settings, [EXPOSURE.name]):
        try:
            decoded = decode(EXPOSURE, record.value, record.key, record.headers, record.timestamp, limits)
        except Rejected:
            unreadable += 1
            continue
        if isinstance(decoded, r.Exposure):
            read.append(decoded)
    found = counted_exposures(read, withdrawn)
    found.unreadable = unreadable
    return found


def counted_exposures(read: Sequence[r.Exposure], withdrawn: Withdrawn) -> CountedExposures:
    """Of records in the order in which they came."""
    newest = {hash64(each.exposure_id): each for each in read}
    found = CountedExposures(repeated=len(read) - len(newest))
    for each in newest.values():
        if each.invalid is not None:
            found.invalid += 1
        elif MEASURE not in each.purposes:
            found.not_measured += 1
        elif not withdrawn.allows(each.user, each.ts):
            found.withdrawn += 1
        else:
            found.exposures.append(each)
    return found
