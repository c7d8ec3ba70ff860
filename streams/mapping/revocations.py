"""Revocations as they travel, and what a creative that travels stands on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from models.revocations import MadeOf, Revocation, Revocations
from streams import records as r
from streams.mapping.authorship import written_by_model
from streams.topics import DAY_MS, REVOCATION
from streams.wire.codecs import encode, headers
from streams.wire.output import Output

DEFAULT_KEY: Final = "d"
"""Audience key of a default."""
REMEMBERED_MS: Final = 7 * DAY_MS
"""A creative lives 6 days at most: a word on what was made before then says nothing any more."""


def heed(revocations: Revocations, key: str, record: r.Record | None) -> None:
    """Take what a follower of ads.revocation.v1 brings."""
    if isinstance(record, r.Revocation):
        revocations.take(
            Revocation(
                record.kind,
                record.id,
                record.reason,
                record.since,
                record.lasting,
                record.mode or "",
                record.by or "",
            )
        )
    else:
        kind, _, id = key.partition("|")
        revocations.drop(kind, id)


def revocation_output(said: Revocation, now_ms: int) -> Output:
    """The record that states a revocation."""
    record = r.Revocation(
        said.kind, said.id, said.reason, said.since_ms, said.lasting, said.mode or None, said.by or None
    )
    return _output(said.kind, said.id, encode(record), REVOCATION.ce_type, now_ms)


def unsaid(said: Revocation, now_ms: int) -> Output:
    """The null after which nothing is said of an id."""
    return _output(said.kind, said.id, None, REVOCATION.withdrawn_type, now_ms)


def made_of(creative: r.Creative, origin_id: str = "") -> MadeOf:
    """What a published creative stands on."""
    return MadeOf(
        creative.campaign_id,
        creative.item_id or "",
        creative.template_id,
        creative.creative_id,
        creative.created,
        origin_id,
        written_by_model(creative),
        creative.audience.key == DEFAULT_KEY,
        creative.copy_id or "",
        pictures_in(creative.assets),
    )


def pictures_in(assets: Iterable[r.Asset]) -> tuple[str, ...]:
    """Ids of what the pictures and clips of a creative show."""
    return tuple(dict.fromkeys(id for each in assets for id in each.shown))


def _output(kind: str, id: str, value: bytes | None, ce_type: str, now_ms: int) -> Output:
    key = f"{kind}|{id}"
    return Output(REVOCATION.name, key.encode(), value, 0, headers(ce_type, f"{key}@{now_ms}", now_ms))
