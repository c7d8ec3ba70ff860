"""A person's word on copy of the pool: its entry says so, and what was made of rejected copy is revoked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from agents.pool.reading import missing_copy, read_entries, read_revocations, with_ids
from agents.revoking.stating import RESUMED
from models.revocations import Revocation
from streams import records as r
from streams.broker.clients import require_broker
from streams.broker.producer import send_once
from streams.mapping.copies import copy_output
from streams.mapping.revocations import revocation_output
from streams.records.copies import APPROVED, REJECTED
from streams.settings import Settings
from streams.wire.ids import is_copy_id
from streams.wire.output import Output

KIND = "copy"


async def approve(settings: Settings, ids: Sequence[str], by: str, now_ms: int) -> list[r.CopyEntry]:
    """Let copies be shown, also where people come first; one that was rejected before may be again. Raises
    RefusedError for an id that no entry has, before anything is said."""
    await require_broker(settings)
    found = with_ids(await read_entries(settings), ids)
    for each in ids:
        if each not in found:
            raise missing_copy(each)
    revoked = (await read_revocations(settings)).lasting(KIND)
    lifted = [Revocation(KIND, each, RESUMED, now_ms, by=by) for each in found if each in revoked]
    return await _decide(settings, list(found.values()), APPROVED, lifted, by, now_ms)


async def reject(settings: Settings, ids: Sequence[str], by: str, now_ms: int) -> list[r.CopyEntry]:
    """Let copies be shown no more. Creatives made of one whose entry is gone are revoked as well. Raises
    RefusedError for what is no id of a copy, before anything is said."""
    await require_broker(settings)
    found = with_ids(await read_entries(settings), ids)
    for each in ids:
        if each not in found and not is_copy_id(each):
            raise missing_copy(each)
    said = [Revocation(KIND, each, REJECTED, now_ms, lasting=True, by=by) for each in ids]
    return await _decide(settings, list(found.values()), REJECTED, said, by, now_ms)


async def _decide(
    settings: Settings,
    entries: Sequence[r.CopyEntry],
    status: str,
    said: Sequence[Revocation],
    by: str,
    now_ms: int,
) -> list[r.CopyEntry]:
    """The revocations first: ad servers and generators obey those."""
    decided = [msgspec.structs.replace(each, status=status, by=by, decided=now_ms) for each in entries]
    outputs: list[Output] = [revocation_output(each, now_ms) for each in said]
    outputs += [copy_output(each, now_ms) for each in decided]
    await send_once(settings, outputs)
    return decided
