"""What is known of a topic before its first record comes: its decoder, its limits, how its records name their
key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec

from streams import records as r
from streams.topics import TopicSpec

SCHEMA_BASE: Final = "https://shiftcast.example/schemas"
SCHEMA_MINOR: Final = "0"


def schema_uri(entity: str, major: str) -> str:
    """Where a message's JSON Schema is identified: .../creative/1.0.json."""
    return f"{SCHEMA_BASE}/{entity}/{major}.{SCHEMA_MINOR}.json"


def creative_key(creative: r.Creative) -> str:
    """Topic key of a creative."""
    return f"{creative.audience.key}|{creative.campaign_id}|{creative.slot}"


def partner_key(receiver: str, sender: str) -> str:
    """Topic key of what one linked user tells another: it goes where the receiver's rows are."""
    return f"{receiver}|{sender}"


@dataclass(frozen=True, slots=True)
class TopicCodec:
    """Of one topic."""

    decoder: msgspec.json.Decoder[Any]
    key_of: Callable[[Any], str | None]
    user_key: bool
    tombstones: bool
    links: bool
    caps: bool
    feed: bool  # text that shops' programs write, which is brought to normal form C instead of refused
    value_bytes: int
    ts_window: bool
    ts_ahead: bool
    major: str
    versions: frozenset[bytes]  # what our own producers write into the versioned headers


@lru_cache(maxsize=64)
def codec_of(spec: TopicSpec) -> TopicCodec:
    """What its specification says. Raises TypeError for a topic of bytes."""
    if spec.record is None:
        raise TypeError(f"{spec.name} carries bytes as they came: there is no record to decode")
    return TopicCodec(
        decoder=msgspec.json.Decoder(spec.record),
        key_of=_key_of(spec.record, spec.key),
        user_key=spec.key == "user",
        tombstones=spec.compacted,
        links=spec.record in (r.CatalogItem, r.Campaign),
        caps=spec.record is r.Campaign,
        feed=spec.record is r.CatalogItem,
        value_bytes=spec.value_bytes,
        ts_window=spec.ts_rule == "window",
        ts_ahead=spec.ts_rule != "none",
        major=spec.major,
        versions=frozenset((spec.ce_type.encode(), schema_uri(spec.entity, spec.major).encode())),
    )


def _key_of(record: type[r.Record], key: str) -> Callable[[Any], str | None]:
    """How a record names its own key; None where only the producer knows it."""
    if record is r.Creative:
        return creative_key
    if record is r.RenderRequest:
        return lambda q: creative_key(q.creative)
    if record is r.ArmPosterior:
        return lambda a: f"{a.campaign_id}|{a.slot}|{a.arm}"
    if record is r.CopyEntry:
        return lambda e: f"{e.campaign_id}|{e.item_id}|{e.slot}|{e.locale}|{e.style}|{e.number}"
    if record is r.ArtifactRecord:
        return lambda a: f"{a.kind}|{a.version}|{a.part}"
    if record is r.Revocation:
        return lambda v: f"{v.kind}|{v.id}"
    if record is r.PartnerSummary:
        return lambda s: partner_key(s.receiver, s.sender)
    name = "id" if record is r.Review else key
    if name in record.__struct_fields__:
        return attrgetter(name)
    return lambda _: None
