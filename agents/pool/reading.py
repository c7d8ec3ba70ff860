"""The pool as its topic holds it now, for people."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agents.pool.demand import Demand
from models.revocations import Revocations
from streams import records as r
from streams.broker.read_once import read_topics
from streams.broker.reading import read_records
from streams.loud_end import RefusedError
from streams.mapping.revocations import heed
from streams.settings import Settings
from streams.topics import COPY, DAY_MS, GENERATION, REVOCATION

LOOK_BACK_MS = 7 * DAY_MS
"""Demand is what was asked for so lately."""


class _Asked(msgspec.Struct):
    """What is read of a result; the rest is left undecoded."""

    campaign_id: str | None = None
    item_id: str | None = None


async def read_entries(settings: Settings) -> list[r.CopyEntry]:
    """In the order of their keys. Raises RefusedError without the topic."""
    found: dict[str, r.CopyEntry] = {}
    async for _, raw, record in read_records(settings, [COPY]):
        key = raw.key.decode()
        found.pop(key, None)
        if isinstance(record, r.CopyEntry):
            found[key] = record
    return [found[key] for key in sorted(found)]


def with_ids(entries: Iterable[r.CopyEntry], ids: Iterable[str]) -> dict[str, r.CopyEntry]:
    """The entries of these copy ids, as far as they are there."""
    by_id = {each.copy_id: each for each in entries}
    return {each: by_id[each] for each in ids if each in by_id}


def missing_copy(copy_id: str) -> RefusedError:
    """The refusal of an id that no entry has."""
    return RefusedError(
        f"{COPY.name} holds no copy {copy_id}: it was retired, or is mistyped; `shiftcast copy list` shows "
        "what there is"
    )


async def read_demand(settings: Settings, now_ms: int) -> Demand:
    """How often each campaign and item was asked for, by how requests ended."""
    demand, decoder = Demand(), msgspec.json.Decoder(_Asked)
    async for raw in read_topics(settings, [GENERATION.name], since_ms=now_ms - LOOK_BACK_MS):
        try:
            asked = decoder.decode(raw.value or b"{}")
        except msgspec.MsgspecError:
            continue
        if asked.campaign_id and asked.item_id:
            demand.count(asked.campaign_id, asked.item_id)
    return demand


async def read_revocations(settings: Settings) -> Revocations:
    """All that are in force."""
    found = Revocations()
    async for _, raw, record in read_records(settings, [REVOCATION]):
        heed(found, raw.key.decode(), record)
    return found
