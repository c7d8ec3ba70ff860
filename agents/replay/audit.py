"""Did every line arrive? Absolute counters and dead letters against a batch computation over the same file,
to the penny."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from models.order_log import CURRENCY, OrderLine
from streams import topics
from streams.broker.read_once import read_topics
from streams.records import Outcome
from streams.settings import Settings
from streams.wire.dead_letters import dead_letters_of

_DAY_S: Final = 86_400
_outcome = msgspec.json.Decoder(Outcome)


@dataclass(frozen=True)
class Books:
    """What the stream has booked: conversions and revenue in pennies over all cells, from the counters of one
    day each."""

    conversions: int = 0
    revenue_minor: int = 0

    def since(self, before: Books) -> Books:
        return Books(self.conversions - before.conversions, self.revenue_minor - before.revenue_minor)


@dataclass(frozen=True)
class ReplayAudit:
    """Batch computation against the stream; `dead` = reason -> lines, `write_offs` = lines of no sale."""

    lines: int
    wanted_minor: int
    booked: Books
    dead: dict[str, int] = field(default_factory=dict)
    write_offs: int = 0

    @property
    def exact(self) -> bool:
        """Every line is booked, has a reason or is no sale, and the money agrees."""
        return (
            self.lines == self.booked.conversions + self.write_offs + sum(self.dead.values())
            and self.wanted_minor == self.booked.revenue_minor
        )


async def books(settings: Settings) -> Books:
    """Sum of the newest absolute value of each cell and day; a value is newest by (generation, flush)."""
    newest: dict[bytes, Outcome] = {}
    async for record in read_topics(settings, [topics.OUTCOME.name]):
        if record.value is None:
            newest.pop(record.key, None)
            continue
        outcome = _outcome.decode(record.value)
        held = newest.get(record.key)
        if outcome.window_s == _DAY_S and (
            held is None or (outcome.generation, outcome.flush) >= (held.generation, held.flush)
        ):
            newest[record.key] = outcome
    return Books(
        conversions=sum(each.counts.conversions for each in newest.values()),
        revenue_minor=sum(each.value_minor.get(CURRENCY, 0) for each in newest.values()),
    )


async def refused_lines(settings: Settings, lines: Mapping[str, OrderLine], since_ms: int) -> dict[str, str]:
    """Line id -> reason of the lines that became dead letters since then."""
    letters, _replayed = dead_letters_of(
        [record async for record in read_topics(settings, [topics.DEAD.name], since_ms=since_ms)]
    )
    found: dict[str, str] = {}
    for letter in letters:
        line_id = _id_in(letter.value) if letter.topic == topics.CONVERSION.name else ""
        if line_id in lines:
            found[line_id] = letter.reason
    return found


async def audit(
    settings: Settings, lines: Mapping[str, OrderLine], before: Books, since_ms: int, patience_s: float
) -> ReplayAudit:
    """Waits until the stream has booked or refused every line, at most `patience_s`; then says what is
    there."""
    end = time.monotonic() + patience_s
    while True:
        dead = await refused_lines(settings, lines, since_ms)
        wanted = sum(int(line.value.scaleb(2)) for line_id, line in lines.items() if line_id not in dead)
        reasons: dict[str, int] = {}
        for reason in dead.values():
            reasons[reason] = reasons.get(reason, 0) + 1
        write_offs = sum(line.write_off for line_id, line in lines.items() if line_id not in dead)
        booked = (await books(settings)).since(before)
        result = ReplayAudit(len(lines), wanted, booked, reasons, write_offs)
        if result.exact or time.monotonic() > end:
            return result
        await asyncio.sleep(1.0)


def _id_in(value: bytes | None) -> str:
    """Event id in the bytes of a refused conversion; empty when there is none to read."""
    try:
        return str(msgspec.json.decode(value or b"", type=dict[str, Any]).get("id"))
    except msgspec.MsgspecError:
        return ""
