"""Topics that are followed without a group: grown or made anew under whoever follows them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiokafka import TopicPartition
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


def places_of(topics: Mapping[str, TopicIdentity], names: Sequence[str]) -> list[TopicPartition]:
    """All partitions, in the order of `names`."""
    return [TopicPartition(name, number) for name in names for number in range(topics[name].partitions)]
