"""Dead letters read from the broker and sent again, each at most once unless asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from streams.broker.following.places import partitions_of
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_topics
from streams.settings import Settings
from streams.topics import DEAD
from streams.wire.dead_letters import DeadLetter, dead_letters_of

_CHUNK: Final = 500


async def dead_letters(settings: Settings) -> tuple[list[DeadLetter], set[str]]:
    """All dead letters the broker holds, oldest first, and the ids of those sent again already."""
    return dead_letters_of([record async for record in read_topics(settings, [DEAD.name])])


def chosen(
    letters: Sequence[DeadLetter],
    replayed: set[str],
    *,
    reason: str | None,
    letter_id: str | None,
    again: bool,
) -> tuple[list[DeadLetter], dict[str, int]]:
    """The letters to send, and how many of the asked-for ones are left out and why."""
    asked = [each for each in letters if reason in (None, each.reason) and letter_id in (None, each.id)]
    left_out = Counter[str]()
    send = []
    for each in asked:
        if not each.whole:
            left_out["only hash and length were kept"] += 1
        elif each.id in replayed and not again:
            left_out["sent again before (--again sends it once more)"] += 1
        else:
            send.append(each)
    return send, dict(left_out)


async def send_again(settings: Settings, letters: Sequence[DeadLetter]) -> int:
    """Send the original records to their topics, then note it on ads.dead.v1. Returns how many; raises
    RefusedError, KafkaError."""
    topics = sorted({each.topic for each in letters})
    counts = Counter(tp.topic for tp in await partitions_of(settings, topics)) if topics else Counter[str]()
    producer = OutputProducer(settings)
    await producer.start()
    try:
        for start in range(0, len(letters), _CHUNK):
            part = letters[start : start + _CHUNK]
            await producer.send([each.again(counts[each.topic]) for each in part])
            await producer.send([each.mark() for each in part])
    finally:
        await producer.stop()
    return len(letters)
