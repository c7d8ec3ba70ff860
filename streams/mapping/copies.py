"""Entries of the pool of copy as they travel."""

from __future__ import annotations

from streams import records as r
from streams.topics import COPY
from streams.wire.codecs import encode, headers, record_key_of
from streams.wire.output import Output


def copy_key(campaign_id: str, item_id: str, slot: str, locale: str, style: str, number: int) -> str:
    """Topic key of an entry."""
    return f"{campaign_id}|{item_id}|{slot}|{locale}|{style}|{number}"


def key_of_copy(entry: r.CopyEntry) -> str:
    """Its own."""
    key = record_key_of(COPY, entry)
    assert key is not None
    return key.decode()


def copy_output(entry: r.CopyEntry, now_ms: int) -> Output:
    """The entry under its key."""
    return _output(key_of_copy(entry), encode(entry), COPY.ce_type, now_ms)


def copy_retired(key: str, now_ms: int) -> Output:
    """The null that takes an entry out of the pool."""
    return _output(key, None, COPY.withdrawn_type, now_ms)


def _output(key: str, value: bytes | None, ce_type: str, now_ms: int) -> Output:
    return Output(COPY.name, key.encode(), value, None, headers(ce_type, f"{key}@{now_ms}", now_ms))
