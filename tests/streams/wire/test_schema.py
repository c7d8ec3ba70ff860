"""The published contract: schemas that the wire bytes and the documented example satisfy, and an AsyncAPI
document that holds together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from streams.settings import Settings
from streams.topics import ALL_TOPICS, CLICK, CREATIVE, DEAD, WRITTEN, TopicSpec
from streams.wire.codecs import WireLimits, decode, encode
from streams.wire.schema import asyncapi, files, message_schema, schemas, stale

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "wire"
PUBLISHED = ROOT / "deploy" / "schemas"
TYPED = tuple(spec for spec in ALL_TOPICS if spec.record is not None)

# A creative as an ad server's documentation shows it, with fields this version does not know
EXAMPLE: dict[str, Any] = {
    "creative_id": "cr_01JD4Q9Z7M8K", "template_id": "tpl_shoes_v3", "campaign_id": "c1",
    "advertiser": {"name": "Example Ltd", "adomain": ["shop.example"]},
    "audience": {"type": "user", "key": "u:9f2c1d7e"}, "slot": "native", "lang": "en", "version": 7,
    "created": 1795291200000, "expires": 1795377600000, "replaces": "cr_01JD4Q11AA00",
    "copy": {"headline": "Trail shoes, 20% off", "description": (
        "Grip for wet rock. Free returns until "
        "Sunday."
    ), "cta": "Shop now",
             "brand": "Example Ltd"},
    "assets": [{"role": "main", "type": 3, "mime": "image/jpeg", "w": 1200, "h": 628, "bytes": 118204,
                "url": "https://cdn.example/a/9c.jpg", "sha256": "9c56"}],
    "link": {"url": "https://shop.example/p/1", "urlfb": "https://shop.example/"},
    "trackers": [{"type": 2, "method": 1, "url": "https://t.example/i"}],
    "cat": ["1070"], "cattax": 8, "attr": [21], "mrating": 1,
    "audit": {"status": 3, "feedback": [], "init": 1795291200000, "lastmod": 1795291200400},
    "provenance": {
        "digital_source_type": "composite_with_trained_algorithmic_media", "synthetic_depiction": False,
        "ai_tool": {"name": "copy-lm", "version": "sha256:1f0a"}, "human_oversight": "prompt_only",
        "declared_by": {"role": "tool"},
        "disclosure": {"required": True, "jurisdictions": [
            {"country": "DE", "regulation": "eu_ai_act_article_50", "label_text": "KI-generiert"}]},
    },
    "dsa": {"behalf": "Example Ltd", "paid": "Example Ltd",
    "transparency": [{"domain": "shiftcast.example", "dsaparams": [1, 2]}],
            "adrender": 0},
    "request_id": "rq_5d1c", "reason": {"trigger": "interest_shift"},
    "experiment": {"id": "e1", "arm": "b", "propensity": 0.31, "policy_version": "p12"}, "render": {},
    "unknown_to_us": {"a": 1},
}  # fmt: skip


@pytest.mark.parametrize("spec", TYPED, ids=lambda spec: spec.name)
def test_schemas_are_valid_in_both_drafts_and_take_the_golden_bytes(spec: TopicSpec) -> None:
    schema = message_schema(spec)
    document = json.loads((GOLDEN / f"{spec.name}.0.json").read_bytes())
    for dialect in (jsonschema.Draft202012Validator, jsonschema.Draft7Validator):
        dialect.check_schema(schema)
        assert list(dialect(schema).iter_errors(document)) == []
        assert list(dialect(schema).iter_errors([])) != []


def test_schemas_keep_to_what_draft_07_has() -> None:
    newer = {
        "$dynamicRef",
        "$dynamicAnchor",
        "unevaluatedProperties",
        "unevaluatedItems",
        "prefixItems",
        "dependentRequired",
        "minContains",
    }
    for path, schema in schemas().items():
        assert not newer & set(_names(schema)), path


def test_the_documented_creative_validates_and_decodes() -> None:
    jsonschema.validate(EXAMPLE, message_schema(CREATIVE), jsonschema.Draft202012Validator)
    record = decode(
        CREATIVE, json.dumps(EXAMPLE).encode(), b"u:9f2c1d7e|c1|native", (), 1795291200000, WireLimits()
    )
    assert record is not None
    jsonschema.validate(json.loads(encode(record)), message_schema(CREATIVE), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("broken", [{"ts": "1"}, {"user": "a b"}, {"id": None}, {"cat": "1070"}])
def test_what_the_decoder_refuses_the_schema_refuses(broken: dict[str, Any]) -> None:
    good = {"id": "e1", "ts": 1795291200000, "user": "u1"}
    jsonschema.validate(good, message_schema(CLICK))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good | broken, message_schema(CLICK))


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi(Settings())
    references = [node["$ref"] for node in _nodes(document) if "$ref" in node]
    assert references
    for reference in references:
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_the_asyncapi_document_has_the_structure_of_version_3() -> None:
    document = asyncapi(Settings(partitions=12, replication=3))
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    assert set(document) <= {
        "asyncapi",
        "info",
        "defaultContentType",
        "servers",
        "channels",
        "operations",
        "components",
    }
    assert {channel["address"] for channel in document["channels"].values()} == {
        spec.name for spec in ALL_TOPICS
    }
    for channel in document["channels"].values():
        kafka = channel["bindings"]["kafka"]
        assert set(kafka) == {"topic", "partitions", "replicas", "topicConfiguration", "bindingVersion"}
        assert isinstance(kafka["topicConfiguration"]["cleanup.policy"], list)
        assert kafka["replicas"] == 3
        assert kafka["partitions"] in (1, 12)
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])
    assert sum(operation["action"] == "send" for operation in document["operations"].values()) == len(WRITTEN)
    assert all("." not in name and " " not in name for name in document["channels"])


def test_compacted_topics_say_that_null_withdraws() -> None:
    messages = asyncapi(Settings())["components"]["messages"]
    assert messages["CreativeWithdrawn"]["payload"] == {"type": "null"}
    assert "ClickWithdrawn" not in messages
    assert "shiftcast.reason" in messages["Dead"]["headers"]["properties"]
    assert DEAD.name.endswith("dead.v1")


def test_the_published_files_are_what_the_code_says() -> None:
    assert stale(PUBLISHED, Settings()) == [], "write them with `shiftcast schema --out deploy/schemas`"


def test_a_stale_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    for path, data in files(Settings()).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert stale(tmp_path, Settings()) == []
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "click" / "1.0.json").unlink()
    (tmp_path / "old.json").write_text("{}")
    assert stale(tmp_path, Settings()) == ["asyncapi.json", "click/1.0.json", "old.json"]


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _names(node: Any) -> Iterator[str]:
    for each in _nodes(node):
        yield from each
