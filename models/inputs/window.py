"""What came lately: counts in blocks of append time, of which the newest few are kept.

A lane counts each event once; blocks follow the append time of its batches, so two runs may draw the line
between two blocks elsewhere. Nothing but the watch over the inputs reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec
import numpy as np

from models.inputs.counts import QUALITY, SCORES, Counts
from models.interest.profile import CODES

HOUR_MS: Final = 3_600_000
QUALITY_MS, QUALITY_KEPT = HOUR_MS, 2
SPREAD_MS, SPREAD_KEPT = 6 * HOUR_MS, 4
"""What events lack is looked at over the last one to two hours, for a producer breaks at once; codes and
scores over three quarters of a day to a whole one, for interests have hours of the day."""


class Setup(NamedTuple):
    """What codes and scores mean: the catalogue's version, and the calibration that is in force ("" none)."""

    catalog_version: int = 0
    calibration: str = ""


NO_SETUP: Final = Setup()


class Seen(NamedTuple):
    """Sums over the blocks that are kept, arrays (n,) as in models.inputs.counts; `spread_blocks` is how many
    blocks of SPREAD_MS those of codes and scores come from."""

    quality: Counts
    codes: Counts
    scores: Counts
    spread_blocks: int


@dataclass
class InputWindow:
    """Blocks by number, oldest first."""

    setup: Setup = NO_SETUP
    quality: dict[int, list[int]] = field(default_factory=dict)
    spread: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of_bytes(cls, payload: bytes | None) -> InputWindow:
        """What `to_bytes` made; empty of None."""
        if payload is None:
            return cls()
        return cls(*_decoder.decode(payload))

    def to_bytes(self) -> bytes:
        return _encoder.encode((self.setup, self.quality, self.spread))

    def add(self, setup: Setup, append_ms: int, counts: Counts) -> None:
        """Count a batch (COUNTED,); codes and scores of another setup than before say nothing of this one."""
        if setup != self.setup:
            self.setup, self.spread = setup, {}
        quality, spread = counts[: len(QUALITY)], counts[len(QUALITY) :]
        _add(self.quality, append_ms // QUALITY_MS, quality, QUALITY_KEPT)
        _add(self.spread, append_ms // SPREAD_MS, spread, SPREAD_KEPT)

    def seen(self) -> Seen:
        spread = _sum(self.spread, CODES + SCORES)
        return Seen(_sum(self.quality, len(QUALITY)), spread[:CODES], spread[CODES:], len(self.spread))


def _add(blocks: dict[int, list[int]], block: int, counts: Counts, kept: int) -> None:
    block = max(block, min(blocks, default=block))  # older than all: the oldest takes it
    held = blocks.get(block)
    blocks[block] = counts.tolist() if held is None else (counts + held).tolist()
    for old in sorted(blocks)[:-1]:
        if old <= max(blocks) - kept:
            del blocks[old]


def _sum(blocks: dict[int, list[int]], n: int) -> Counts:
    return np.array(list(blocks.values()), np.int64).reshape(-1, n).sum(0)


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(tuple[Setup, dict[int, list[int]], dict[int, list[int]]])
