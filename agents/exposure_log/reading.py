"""Exposures from the topic, or from files of the same records; each once, those that count."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agents.exposure_log.withdrawn import MEASURE, Withdrawn
from streams import records as r
from streams.broker.read_once import read_topics
from streams.settings import Settings
from streams.topics import EXPOSURE
from streams.wire.codecs import WireLimits, decode
from streams.wire.ids import hash64
from streams.wire.record_files import read_lines
from streams.wire.refusals import Rejected

INVALID: Final = "invalid"
NOT_MEASURED: Final = "not measured"
TAKEN_BACK: Final = "taken back"


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
    read = [each async for each in exposures_of(settings, files)]
    found = counted_exposures([each for each in read if each is not None], withdrawn)
    found.unreadable = read.count(None)
    return found


async def exposures_of(settings: Settings, files: Sequence[Path]) -> AsyncIterator[r.Exposure | None]:
    """One after another, of the topic without `files`, in the order in which they came; None for one of the
    topic that cannot be read. Raises RefusedError for a broken file or a missing topic."""
    if files:
        for path in files:
            for each in read_lines(path, r.Exposure):
                yield each
        return
    limits = WireLimits.of(settings)
    async for record in read_topics(settings, [EXPOSURE.name]):
        try:
            decoded = decode(EXPOSURE, record.value, record.key, record.headers, record.timestamp, limits)
        except Rejected:
            yield None
            continue
        if isinstance(decoded, r.Exposure):
            yield decoded


def counted_exposures(read: Sequence[r.Exposure], withdrawn: Withdrawn) -> CountedExposures:
    """Of records in the order in which they came."""
    newest = {hash64(each.exposure_id): each for each in read}
    found = CountedExposures(repeated=len(read) - len(newest))
    left_out = Counter[str]()
    for each in newest.values():
        if why := why_left_out(each, withdrawn):
            left_out[why] += 1
        else:
            found.exposures.append(each)
    found.invalid, found.not_measured = left_out[INVALID], left_out[NOT_MEASURED]
    found.withdrawn = left_out[TAKEN_BACK]
    return found


def why_left_out(exposure: r.Exposure, withdrawn: Withdrawn) -> str:
    """Why an exposure does not count: no person's, without the measuring purpose, or taken back since; '' =
    it counts."""
    if exposure.invalid is not None:
        return INVALID
    if MEASURE not in exposure.purposes:
        return NOT_MEASURED
    return "" if withdrawn.allows(exposure.user, exposure.ts) else TAKEN_BACK
