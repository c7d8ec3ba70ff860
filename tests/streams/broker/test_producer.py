"""Record batches made here: rows of a flush in one, outputs by the hundred in several, each partition's in
the order given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.record.memory_records import MemoryRecords

from streams.broker import producer as producer_module
from streams.broker.producer import MANY, MAX_BATCH_BYTES, ChangelogProducer, OutputProducer
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.wire.output import ChangelogRow, Outgoing, Output, OutputColumns, one_by_one
from streams.wire.texts import Texts


class Accumulator:
    """Stands where an AIOKafkaProducer would: keeps what it is given."""

    def __init__(self, untold: int = 0) -> None:
        self.untold = untold
        self.stored: dict[tuple[str, int], list[tuple[bytes, bytes, list[Any]]]] = {}
        self.batches = self.singles = 0

    async def send_batch(self, builder: Any, topic: str, partition: int) -> asyncio.Future[Any]:
        builder._set_producer_state(1, 0, 0)
        self.batches += 1
        records = MemoryRecords(bytes(builder._build()))
        while (batch := records.next_batch()) is not None:
            self.stored.setdefault((topic, partition), []).extend(
                (each.key, each.value, list(each.headers)) for each in batch
            )
        return asyncio.get_running_loop().create_future()

    async def send(self, topic: str, value: bytes, key: bytes, *rest: Any) -> asyncio.Future[Any]:
        if self.untold:
            self.untold -= 1
            raise UnknownTopicOrPartitionError
        self.singles += 1
        return asyncio.get_running_loop().create_future()


def given(n: int, partition: int | None = 0) -> list[Output]:
    where = (lambda i: None) if partition is None else (lambda i: i % 3)
    return [Output("ab"[i % 2], b"k%d" % i, b"v%d" % i * 20, where(i), [("id", b"%d" % i)]) for i in range(n)]


def enqueued(outputs: Sequence[Outgoing]) -> tuple[Accumulator, int]:
    async def run() -> int:
        return len(await producer.enqueue(outputs))

    producer, inside = OutputProducer(Settings()), Accumulator()
    producer._producer = inside
    return inside, asyncio.run(run())


def test_many_outputs_are_all_there_in_order_and_each_batch_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(producer_module, "BATCH_BYTES", 2_000)
    outputs = given(10 * MANY)
    inside, waiting = enqueued(outputs)
    assert inside.singles == 0 and waiting == inside.batches > 6
    for (topic, partition), stored in inside.stored.items():
        wanted = [
            (o.key, o.value, o.headers) for o in outputs if (o.topic, o.partition) == (topic, partition)
        ]
        assert stored == wanted
    assert sum(map(len, inside.stored.values())) == len(outputs)


def test_few_outputs_and_those_of_no_partition_go_one_by_one() -> None:
    for outputs in (given(MANY - 1), given(MANY, None)):
        inside, waiting = enqueued(outputs)
        assert inside.batches == 0 and inside.singles == waiting == len(outputs)


def test_a_topic_that_the_client_was_not_told_of_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client gives up on a first send while the broker is away; the topic is there all the same."""

    async def known(settings: Settings, names: list[str]) -> list[TopicPartition]:
        if names == ["missing"]:
            raise RefusedError("missing on here: missing; create with `shiftcast topics create`")
        return [TopicPartition(name, 0) for name in names]

    monkeypatch.setattr(producer_module, "partitions_of", known)
    producer, inside = OutputProducer(Settings()), Accumulator(untold=2)
    producer._producer = inside
    assert len(asyncio.run(producer.enqueue(given(1)))) == inside.singles == 1
    inside.untold = 1
    with pytest.raises(RefusedError, match="topics create"):
        asyncio.run(producer.enqueue([Output("missing", b"k", b"v")]))


def told(n: int, topic: str = "a") -> OutputColumns:
    keys, values = (Texts.of([b"%c%d" % (what, i) * 20 for i in range(n)]) for what in b"kv")
    ids = np.frombuffer(b"".join([b"%03d" % i for i in range(n)]), np.uint8).reshape(n, 3)
    return OutputColumns(topic, 2, keys, values, "id", ids, [("of", b"all")])


def test_outputs_told_in_columns_leave_as_the_same_records() -> None:
    columns = [told(MANY), told(3), told(2 * MANY, "c")]
    assert one_by_one([told(3)])[2].headers == [("id", b"002"), ("of", b"all")]
    inside, waiting = enqueued([*given(3), *columns])
    assert inside.singles == 3 and waiting == 3 + inside.batches
    stored = {place: [*each] for place, each in inside.stored.items()}
    for topic in "ac":
        of_topic = one_by_one([each for each in columns if each.topic == topic])
        assert stored.pop((topic, 2)) == [(o.key, o.value, o.headers) for o in of_topic]
    assert not stored


def test_none_is_lost_where_many_of_both_forms_go_to_one_place() -> None:
    singly = [Output("a", b"s%d" % i, b"", 2) for i in range(MANY)]
    inside, _ = enqueued([*singly, told(MANY)])
    assert len(inside.stored["a", 2]) == 2 * MANY and inside.singles == 0


def test_few_told_in_columns_go_one_by_one() -> None:
    inside, waiting = enqueued([told(MANY // 2), told(MANY // 2 - 1)])
    assert inside.batches == 0 and inside.singles == waiting == MANY - 1


def sent(rows: list[ChangelogRow]) -> list[Any]:
    async def run() -> None:
        await producer.send(3, rows, ("owner", b"7"))

    producer, inside = ChangelogProducer(Settings(), "log"), Accumulator()
    producer._producer = inside
    asyncio.run(run())
    assert inside.batches == 1
    return inside.stored["log", 3]


def test_rows_of_a_flush_become_one_batch() -> None:
    rows = [(b"pa", b"1" * 500), (b"pb", None), (b"xa", b""), (b"n" * 200, b"2" * 70_000)]
    assert sent([*rows]) == [(*row, [("owner", b"7")]) for row in rows]


def test_rows_that_exceed_one_batch_are_refused() -> None:
    row = b"1" * 1_000_000
    n = MAX_BATCH_BYTES // len(row)
    assert len(sent([(b"pa", row)] * n)) == n
    with pytest.raises(RefusedError, match="exceed one record batch"):
        sent([(b"pa", row)] * (n + 1))
