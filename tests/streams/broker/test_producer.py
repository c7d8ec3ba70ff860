"""Record batches made here: rows of a flush in one, outputs by the hundred in several, each partition's in
the order given."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from streams.broker.producer import MANY, OutputProducer, filled
from streams.settings import Settings
from streams.wire.output import Output

BATCH_BYTES = 2_000


class Accumulator:
    """Stands where an AIOKafkaProducer would: keeps what it is given."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, int], list[tuple[bytes, bytes, list[Any]]]] = {}
        self.batches = self.singles = 0

    def create_batch(self) -> Any:
        return BatchBuilder(BATCH_BYTES, 0)

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
        self.singles += 1
        return asyncio.get_running_loop().create_future()


def given(n: int, partition: int | None = 0) -> list[Output]:
    where = (lambda i: None) if partition is None else (lambda i: i % 3)
    return [Output("ab"[i % 2], b"k%d" % i, b"v%d" % i * 20, where(i), [("id", b"%d" % i)]) for i in range(n)]


def enqueued(outputs: list[Output]) -> tuple[Accumulator, int]:
    async def run() -> int:
        return len(await producer.enqueue(outputs))

    producer, inside = OutputProducer(Settings()), Accumulator()
    producer._producer = inside
    return inside, asyncio.run(run())


def test_many_outputs_are_all_there_in_order_and_each_batch_is_waited_for() -> None:
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


def test_rows_of_a_flush_become_the_batch_that_aiokafka_would_make() -> None:
    rows = [(b"pa", b"1" * 500), (b"pb", None), (b"xa", b""), (b"n" * 200, b"2" * 70_000)]
    ours, theirs = BatchBuilder(1 << 20, 0), BatchBuilder(1 << 20, 0)
    assert filled(ours, rows, 1_795_291_200_000, [])
    for key, value in rows:
        theirs.append(timestamp=1_795_291_200_000, key=key, value=value)
    assert (ours.closed(), ours.record_count(), ours.size()) == (True, 4, theirs.size())
    assert ours._build() == theirs._build()


def test_rows_that_exceed_one_batch_are_refused() -> None:
    assert not filled(BatchBuilder(BATCH_BYTES, 0), [(b"pa", b"1" * 900)] * 3, 0, [])
