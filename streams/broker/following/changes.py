"""Topics that are followed without a group: grown or made anew under whoever follows them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from streams.broker.identity import TopicIdentity, identify_through
from streams.broker.source_change import made_anew, reads_anew
from streams.loud_end import RefusedError

LOOK_S: Final = 5.0
_ANSWER_S: Final = 2.0
"""Records that wait are held up no longer by a broker that does not answer."""


class FollowedTopics:
    """`known`: the topics as they were when following began."""

    def __init__(self, known: Mapping[str, TopicIdentity], now_s: float) -> None:
        self._known = dict(known)
        self._looked_s = now_s

    async def read_added(self, consumer: AIOKafkaConsumer, now_s: float) -> None:
        """Has `consumer` read partitions that came since the last call from their beginnings, the others from
        where they were; as `added`."""
        if not (added := await self.added(consumer._client, now_s)):  # noqa: SLF001 - its only way
            return
        positions = {tp: await consumer.position(tp) for tp in consumer.assignment()}
        consumer.assign([*positions, *added])
        for tp, position in positions.items():
            consumer.seek(tp, position)
        await consumer.seek_to_beginning(*added)

    async def added(self, client: AIOKafkaClient, now_s: float) -> list[TopicPartition]:
        """Partitions that came since the last call; the broker is asked every LOOK_S (`now_s` only grows).
        Raises RefusedError when a topic was deleted and made anew: what was read of it holds no longer."""
        if now_s - self._looked_s < LOOK_S:
            return []
        self._looked_s = now_s
        with suppress(KafkaError, TimeoutError):  # away: asked again
            async with asyncio.timeout(_ANSWER_S):
                return self.compare((await identify_through(client, list(self._known))).topics)
        return []

    def compare(self, now: Mapping[str, TopicIdentity]) -> list[TopicPartition]:
        """The same for the topics as they are now; one that is missing may come again."""
        ids = ({name: each.topic_id for name, each in of.items()} for of in (self._known, now))
        if anew := made_anew(*ids):
            raise RefusedError(reads_anew(anew))
        added = [
            TopicPartition(name, number)
            for name, each in now.items()
            for number in range(self._known[name].partitions, each.partitions)
        ]
        self._known |= now
        return added
