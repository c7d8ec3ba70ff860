"""The public contract, generated from the record types and topics: one JSON Schema per message and one
AsyncAPI 3.0 document.

The schemas declare draft 2020-12 and keep to what draft-07 also has, because AsyncAPI tools promise no more
than that.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from streams.records import Record
from streams.settings import Settings
from streams.topics import ALL_TOPICS, CREATIVE, DEAD, PER_USER, WRITTEN, TopicSpec
from streams.wire.topic_codec import SCHEMA_MINOR, schema_uri
from streams.wire.withdrawals import WITHDRAWN_HEADER

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
BINDING: Final = "0.5.0"
TOPIC_CONFIG_INTEGERS: Final = ("delete.retention.ms", "max.message.bytes")

CLOUD_EVENT_HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": (
        "CloudEvents 1.0, Kafka binary mode. Optional on what Shiftcast reads, always there on what it "
        "writes."
    ),
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_dataschema": {"type": "string", "format": "uri"},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string"},
    },
}
NAMED_WITHDRAWAL: Final = (
    f"A null value: the key is withdrawn. The header {WITHDRAWN_HEADER} names the creative that is meant, "
    "ce_id is <creative_id>-<cause>."
)
DEAD_LETTER_HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Where the record came from and why it was refused, beside its own headers.",
    "required": [
        "__connect.errors.topic",
        "__connect.errors.partition",
        "__connect.errors.offset",
        "shiftcast.reason",
    ],
    "properties": {
        "__connect.errors.topic": {"type": "string"},
        "__connect.errors.partition": {"type": "string"},
        "__connect.errors.offset": {"type": "string"},
        "__connect.errors.connector.name": {"type": "string"},
        "__connect.errors.stage": {"type": "string"},
        "__connect.errors.exception.class.name": {"type": "string"},
        "__connect.errors.exception.message": {"type": "string"},
        "shiftcast.reason": {"type": "string"},
        "shiftcast.id": {"type": "string"},
        "shiftcast.value.sha256": {"type": "string"},
        "shiftcast.value.bytes": {"type": "string"},
        "shiftcast.value.null": {"type": "string"},
    },
}


def message_schema(spec: TopicSpec) -> dict[str, Any]:
    """JSON Schema of one topic's values: self-contained, identified as `ce_dataschema` names it."""
    assert spec.record is not None, f"{spec.name} has no record type"
    (top,), definitions = _described([spec.record], "#/$defs/{name}")
    name = top["$ref"].removeprefix("#/$defs/")
    body = definitions.pop(name)
    head = {"$schema": DIALECT, "$id": schema_uri(spec.entity, spec.major)}
    return {**head, **body, **({"$defs": definitions} if definitions else {})}


def _described(
    records: Sequence[type[Record]], ref_template: str
) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """References and definitions of record types, each described in one line however its docstring is
    wrapped."""
    references, definitions = msgspec.json.schema_components(records, ref_template=ref_template)
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = " ".join(definition["description"].split())
    return references, definitions


def schemas() -> dict[str, dict[str, Any]]:
    """Every message schema by its path: `creative/1.0.json`."""
    return {
        f"{spec.entity}/{spec.major}.{SCHEMA_MINOR}.json": message_schema(spec)
        for spec in ALL_TOPICS
        if spec.record is not None
    }


def asyncapi(settings: Settings) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all topics with Kafka bindings; partitions and replicas as the settings
    say."""
    records = list(dict.fromkeys(spec.record for spec in ALL_TOPICS if spec.record is not None))
    _refs, components = _described(records, "#/components/schemas/{name}")
    messages: dict[str, Any] = {}
    for spec in ALL_TOPICS:
        messages |= _messages(spec)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shiftcast",
            "version": f"1.{SCHEMA_MINOR}.0",
            "description": "Ad events in, fresh personal creatives out, and the loop measured.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(spec): _channel(spec, settings) for spec in ALL_TOPICS},
        "operations": {_operation_id(spec): _operation(spec) for spec in ALL_TOPICS},
        "components": {"schemas": components, "messages": messages},
    }


def files(settings: Settings) -> dict[str, bytes]:
    """Path below the output folder -> bytes of every file, stable from run to run."""
    documents = {**schemas(), "asyncapi.json": asyncapi(settings)}
    return {
        path: msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
        for path, document in documents.items()
    }


def stale(folder: Path, settings: Settings) -> list[str]:
    """Files below `folder` that are missing, differ from what the code says, or belong to no message any
    more."""
    wanted = files(settings)
    found = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}
        if folder.is_dir()
        else {}
    )
    return sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))


def _camel(spec: TopicSpec) -> str:
    return "".join(word.capitalize() for word in spec.entity.split("."))


def _channel_id(spec: TopicSpec) -> str:
    name = _camel(spec)
    return name[0].lower() + name[1:]


def _operation_id(spec: TopicSpec) -> str:
    return ("send" if spec.name in WRITTEN else "receive") + _camel(spec)


def _message_names(spec: TopicSpec) -> list[str]:
    """The value's message and, on compacted topics, the null that withdraws a key."""
    return [_camel(spec), *([f"{_camel(spec)}Withdrawn"] if spec.compacted else [])]


def _messages(spec: TopicSpec) -> dict[str, Any]:
    key = {"type": "string", "description": f"{spec.key}, UTF-8"}
    common = {"headers": CLOUD_EVENT_HEADERS, "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}}}
    if spec.record is None:
        about = {
            "name": "ads.dead",
            "title": "Dead letter",
            "summary": "The refused record's bytes as they came.",
            "contentType": "*/*",
        }
        return {_camel(spec): {**about, **common, "headers": DEAD_LETTER_HEADERS, "payload": {}}}
    title = spec.record.__name__
    described = {
        "name": spec.ce_type,
        "title": title,
        "summary": _summary(spec.record),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{title}"},
    }
    withdrawn = {
        "name": spec.withdrawn_type,
        "title": f"{title} withdrawn",
        "summary": NAMED_WITHDRAWAL if spec is CREATIVE else "A null value: the key is withdrawn.",
        "payload": {"type": "null"},
    }
    return {
        name: {**about, **common}
        for name, about in zip(_message_names(spec), (described, withdrawn), strict=False)
    }


def _summary(record: type[Record]) -> str:
    return " ".join((inspect.getdoc(record) or record.__name__).partition("\n\n")[0].split())


def _channel(spec: TopicSpec, settings: Settings) -> dict[str, Any]:
    config: dict[str, Any] = {"cleanup.policy": spec.policy.split(","), "max.message.bytes": spec.max_bytes}
    if spec.retention_ms is not None:
        config["retention.ms"] = spec.retention_ms
    config |= {name: int(value) for name, value in spec.config.items() if name in TOPIC_CONFIG_INTEGERS}
    kafka = {
        "topic": spec.name,
        "partitions": spec.partitions or settings.partitions,
        "replicas": settings.replication,
        "topicConfiguration": config,
        "bindingVersion": BINDING,
    }
    return {
        "address": spec.name,
        "description": _partitioning(spec),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _message_names(spec)},
        "tags": [{"name": "internal" if spec.internal or spec is DEAD else "public"}],
        "bindings": {"kafka": kafka},
    }


def _partitioning(spec: TopicSpec) -> str:
    if spec.name in PER_USER:
        return (
            f"Keyed by {spec.key}; partition = murmur2(user) mod n (librdkafka: partitioner=murmur2_random)."
        )
    return f"Keyed by {spec.key}."


def _operation(spec: TopicSpec) -> dict[str, Any]:
    channel = f"#/channels/{_channel_id(spec)}"
    return {
        "action": "send" if spec.name in WRITTEN else "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _message_names(spec)],
    }
