"""Whatever bytes arrive, a record or a refusal comes of them, alone and in a batch."""

from __future__ import annotations

import json
import random
from typing import Any

from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streams.topics import (
    CLICK,
    TopicSpec,
)
from streams.wire.codecs import Reason, Rejected, WireLimits, decode, decode_batch, encode
from tests.streams.wire.wire_samples import DAY_MS, NOW, TYPED, USER, click, golden, golden_key


def consumed(value: bytes | None, key: bytes | None) -> Any:
    return ConsumerRecord(CLICK.name, 0, 0, NOW, 1, key, value, None, 0, 0, ())


PIECES: tuple[tuple[bytes | None, bytes | None], ...] = (
    (click(), USER),
    (b"{", USER),
    (None, USER),
    (click(id="e2", slot="sch\u00f6n"), USER),
    (click(slot="\u202e"), USER),
    (click(ts=NOW + DAY_MS), USER),
    (click(user="a b"), b"a b"),
    (click(), b""),
    (click(), None),
)


@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_a_batch_is_its_records_one_by_one(pieces: list[tuple[bytes | None, bytes | None]]) -> None:
    decoded, rejects = decode_batch(CLICK, [consumed(value, key) for value, key in pieces], WireLimits())
    found = {reject.index: reject.reason for reject in rejects}
    for index, (value, key) in enumerate(pieces):
        try:
            assert decoded[index] == decode(CLICK, value, key, (), NOW, WireLimits())
            assert index not in found
        except Rejected as error:
            assert found[index] == error.reason
            assert decoded[index] is None


@given(st.sampled_from(TYPED), st.binary(max_size=200), st.one_of(st.none(), st.binary(max_size=20)))
@hypothesis_settings(max_examples=300)
def test_any_bytes_are_a_record_or_a_refusal(spec: TopicSpec, value: bytes, key: bytes | None) -> None:
    _record_or_refusal(spec, value, key)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("x" * 3000),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(TYPED), json_values, st.randoms(use_true_random=False), st.booleans())
@hypothesis_settings(max_examples=500)
def test_any_mutation_of_a_good_record_is_a_record_or_a_refusal(
    spec: TopicSpec, value: Any, rng: random.Random, cut: bool
) -> None:
    document = json.loads(golden(spec))
    node: Any = document
    while True:
        name = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
        child = node[name]
        if not isinstance(child, dict | list) or not child or rng.random() < 0.3:
            break
        node = child
    node[name] = value
    data = json.dumps(document, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    _record_or_refusal(spec, data[: rng.randrange(len(data))] if cut else data, golden_key(spec))


def _record_or_refusal(spec: TopicSpec, value: bytes, key: bytes | None) -> None:
    try:
        record = decode(spec, value, key, (), NOW, WireLimits())
    except Rejected as error:
        assert error.reason in Reason
        assert error.stage in ("decode", "validate")
        return
    assert record is not None
    assert key is not None
    again = decode(spec, encode(record), key, (), NOW, WireLimits())
    assert again == record, "what was accepted once must be accepted again"
