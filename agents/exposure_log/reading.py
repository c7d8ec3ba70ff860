"""Exposures from the topic, or from files of the same records; each once, those that count."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streams import records as r
from streams.broker.follow import read_topics
from streams.settings import Settings
from streams.topics import EXPOSURE
from streams.wire.codecs import WireLimits, decode
from streams.wire.ids import hash64
from streams.wire.record_files import read_lines
from streams.wire.refusals import Rejected


@dataclass
class ExposureReader:
    """`read` yields; the counts say what it left out."""

    repeated: int = 0
    invalid: int = 0
    not_measured: int = 0
    unreadable: int = 0
    _seen: set[int] = field(default_factory=set)

    async def read(self, settings: Settings, files: Sequence[Path]) -> AsyncIterator[r.Exposure]:
        """The topic's without `files`. Delivery is at-least-once, so the first of an id counts. Raises
        RefusedError for a broken file or a missing topic."""
        for path in files:
            for exposure in read_lines(path, r.Exposure):
                if self.counts(exposure):
                    yield exposure
        if files:
            return
        async for record in read_topics(settings, [EXPOSURE.name]):
            try:
                decoded = decode(
                    EXPOSURE, record.value, record.key, record.headers, record.timestamp, WireLimits()
                )
            except Rejected:
                self.unreadable += 1
                continue
            if isinstance(decoded, r.Exposure) and self.counts(decoded):
                yield decoded

    def counts(self, exposure: r.Exposure) -> bool:
        """Whether it is the first of its id, of a person, with the measuring purpose."""
        number = hash64(exposure.exposure_id)
        if number in self._seen:
            self.repeated += 1
            return False
        self._seen.add(number)
        if exposure.invalid is not None:
            self.invalid += 1
            return False
        if "measure" not in exposure.purposes:
            self.not_measured += 1
            return False
        return True
