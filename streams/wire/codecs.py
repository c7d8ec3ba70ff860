"""Bytes to records and back: typed decoding with every limit of the wire, each refusal with its own reason
code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Protocol

import msgspec

from streams import records as r
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.wire.refusals import (
    Reason,
    Reject,
    Rejected,
    check_caps,
    check_links,
    check_strings,
    composed,
    leaves,
    rejected,
)
from streams.wire.topic_codec import TopicCodec, codec_of, schema_uri

__all__ = [
    "Reason",
    "Reject",
    "Rejected",
    "WireLimits",
    "decode",
    "decode_batch",
    "encode",
    "headers",
    "record_key_of",
]

Headers = Sequence[tuple[str, bytes]]

KEY_BYTES: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
KEY_MAX_BYTES: Final = 128
COMPOSITE_KEY_MAX_BYTES: Final = 1024
MAX_AHEAD_MS: Final = 300_000
COLLECTOR: Final = "/shiftcast/collector"
"""`ce_source` of what the collector wrote."""
VERSIONED: Final = frozenset(("ce_type", "ce_dataschema"))
"""Headers that name a major version."""


class WireRecord(Protocol):
    """What is read of a consumed Kafka record (aiokafka's ConsumerRecord is one)."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def timestamp(self) -> int: ...


@dataclass(frozen=True)
class WireLimits:
    """Time window of an event's `ts` around its append time; whether images may be plain http."""

    max_event_age_ms: int = 7 * 86_400_000
    max_ahead_ms: int = MAX_AHEAD_MS
    http_assets: bool = False

    @classmethod
    def of(cls, settings: Settings) -> WireLimits:
        """The limits these settings ask for."""
        return cls(max_event_age_ms=int(settings.max_event_age_s * 1000), http_assets=settings.http_assets)


def decode(
    spec: TopicSpec,
    value: bytes | None,
    key: bytes | None,
    headers: Headers,
    append_ts: int,
    limits: WireLimits,
) -> r.Record | None:
    """The record of one topic's bytes, or None for a legal tombstone. `append_ts`: the broker's, ms. Raises
    Rejected."""
    return _decode(codec_of(spec), value, key, headers, append_ts, limits, plain_key=False, plain_value=False)


def decode_batch(
    spec: TopicSpec, records: Sequence[WireRecord], limits: WireLimits
) -> tuple[list[r.Record | None], list[Reject]]:
    """All records of one batch: one entry each (None = tombstone or refused), and the refusals with their
    index.

    The character checks run once over all keys and all values together; only a batch that fails them pays for
    each record.
    """
    codec = codec_of(spec)
    plain_keys = codec.user_key and not b"".join([each.key or b"" for each in records]).translate(
        None, KEY_BYTES
    )
    plain_values = _plain(b"".join([each.value or b"" for each in records]))
    decoded: list[r.Record | None] = []
    rejects: list[Reject] = []
    for index, record in enumerate(records):
        try:
            decoded.append(
                _decode(
                    codec,
                    record.value,
                    record.key,
                    record.headers,
                    record.timestamp,
                    limits,
                    plain_key=plain_keys,
                    plain_value=plain_values,
                )
            )
        except Rejected as error:
            decoded.append(None)
            rejects.append(Reject(index, error.reason, error.stage, error.message))
    return decoded, rejects


def message(spec: TopicSpec, value: bytes | None) -> Any:
    """The record of bytes that were found good before."""
    return codec_of(spec).decoder.decode(value or b"")


_encoder: Final = msgspec.json.Encoder()


def encode(record: r.Record) -> bytes:
    """JSON of a record, defaults left out. Raises ValueError on a number that is not finite (JSON would turn
    it into null)."""
    data = _encoder.encode(record)
    if b"null" in data:
        for path, leaf in leaves(msgspec.to_builtins(record), ""):
            if isinstance(leaf, float) and not math.isfinite(leaf):
                raise ValueError(
                    f"{type(record).__name__}{path} is {leaf}: only finite numbers go on the wire"
                )
    return data


def record_key_of(spec: TopicSpec, record: r.Record) -> bytes | None:
    """The Kafka key that a record's own fields name; None where they do not (outcomes, privacy requests)."""
    key = codec_of(spec).key_of(record)
    return None if key is None else key.encode()


def headers(ce_type: str, ce_id: str, now_ms: int, source: str = "/shiftcast") -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 attributes in Kafka's binary mode. `ce_type` as TopicSpec.ce_type gives it; `ce_id`
    derived from the cause."""
    stamp = (
        datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    kind, schema = _type_headers(ce_type)
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", ce_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", kind),
        ("ce_time", stamp.encode()),
        ("ce_dataschema", schema),
        ("content-type", b"application/json"),
    ]


def collected(headers: Headers) -> bool:
    """Whether the collector wrote a record: what it says of consent anyone can write into an address."""
    return ("ce_source", COLLECTOR.encode()) in [(name, bytes(value or b"")) for name, value in headers]


@lru_cache(maxsize=256)
def _type_headers(ce_type: str) -> tuple[bytes, bytes]:
    entity, _, major = ce_type.removeprefix("ads.").rpartition(".v")
    return ce_type.encode(), schema_uri(entity.rpartition(".")[0], major).encode()


def _plain(data: bytes) -> bool:
    """No byte that could stand for anything but a printable ASCII character."""
    return data.isascii() and b"\\" not in data and b"\x7f" not in data


def _decode(
    codec: TopicCodec,
    value: bytes | None,
    key: bytes | None,
    headers: Headers,
    append_ts: int,
    limits: WireLimits,
    *,
    plain_key: bool,
    plain_value: bool,
) -> r.Record | None:
    """`plain_key`, `plain_value`: the characters were checked before, in bulk."""
    _check_key(codec, key, plain_key)
    if value is None:
        if codec.tombstones:
            return None
        raise Rejected(Reason.NULL_VALUE, "decode", "a null value means nothing on this topic")
    if len(value) > codec.value_bytes:
        raise Rejected(Reason.TOO_LARGE, "decode", f"{len(value)} bytes; at most {codec.value_bytes}")
    _check_versions(codec, headers)
    try:
        record: Any = codec.decoder.decode(value)
        if codec.feed and not (plain_value or _plain(value)):
            record = composed(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise rejected(error, value) from None
    if not (plain_value or _plain(value)):
        check_strings(record)
    if codec.links:
        check_links(record, limits.http_assets)
    if codec.caps:
        check_caps(record)
    own_key = codec.key_of(record)
    if own_key is not None and own_key.encode() != key:
        raise Rejected(Reason.KEY_MISMATCH, "validate", "the record's own key is another than the Kafka key")
    if codec.ts_ahead:
        _check_age(codec, append_ts - record.ts, limits)
    return record


def _check_key(codec: TopicCodec, key: bytes | None, plain: bool) -> None:
    if key is None:
        raise Rejected(Reason.NULL_KEY, "decode", "the record has no key")
    if not codec.user_key:
        _check_composite_key(key)
    elif not key or len(key) > KEY_MAX_BYTES or not (plain or not key.translate(None, KEY_BYTES)):
        raise Rejected(
            Reason.BAD_KEY, "decode", f"a user key has 1 to {KEY_MAX_BYTES} bytes of A-Z a-z 0-9 _ -"
        )


def _check_versions(codec: TopicCodec, headers: Headers) -> None:
    for name, about in headers:
        if name not in VERSIONED or about in codec.versions:
            continue
        if _major(name, bytes(about or b"")) != codec.major:
            raise Rejected(
                Reason.UNKNOWN_SCHEMA_VERSION,
                "decode",
                f"{name} names another major version than {codec.major}",
            )


def _check_age(codec: TopicCodec, age_ms: int, limits: WireLimits) -> None:
    if -age_ms > limits.max_ahead_ms:
        raise Rejected(
            Reason.IN_FUTURE,
            "validate",
            f"ts is {-age_ms} ms after the append time; at most {limits.max_ahead_ms}",
        )
    if codec.ts_window and age_ms > limits.max_event_age_ms:
        raise Rejected(
            Reason.TOO_OLD,
            "validate",
            f"ts is {age_ms} ms before the append time; at most {limits.max_event_age_ms}",
        )


def _check_composite_key(key: bytes) -> None:
    """Keys that are not a user's: printable UTF-8 of a length that compaction and logs can live with."""
    try:
        text = key.decode()
    except UnicodeDecodeError:
        raise Rejected(Reason.BAD_KEY, "decode", "the key is not UTF-8") from None
    if not key or len(key) > COMPOSITE_KEY_MAX_BYTES or not text.isprintable():
        raise Rejected(Reason.BAD_KEY, "decode", f"a key has 1 to {COMPOSITE_KEY_MAX_BYTES} printable bytes")


@lru_cache(maxsize=1024)
def _major(name: str, value: bytes) -> str:
    """Major version in `ads.click.recorded.v1` or `.../click/1.3.json`; empty when there is none."""
    text = value.decode("utf-8", "replace")
    if name == "ce_type":
        return text.rpartition(".v")[2]
    return text.rpartition("/")[2].partition(".")[0]
