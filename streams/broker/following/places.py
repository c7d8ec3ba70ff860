"""The partitions of topics that are read without a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition

from streams.broker.clients import admin
from streams.broker.identity import TopicIdentity, identify_cluster
from streams.loud_end import RefusedError
from streams.settings import Settings


async def partitions_of(settings: Settings, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of `topics`. Raises RefusedError when one is missing."""
    return places_of(await known_topics(settings, topics), topics)


async def known_topics(settings: Settings, topics: Sequence[str]) -> dict[str, TopicIdentity]:
    """The topics as they are now. Raises RefusedError when one is missing."""
    async with admin(settings) as client:
        known = (await identify_cluster(client, topics)).topics
    missing = [name for name in topics if name not in known]
    if missing:
        raise RefusedError(
            f"missing on {settings.broker}: {', '.join(missing)}; create with `shiftcast topics create`"
        )
    return known


def places_of(topics: Mapping[str, TopicIdentity], names: Sequence[str]) -> list[TopicPartition]:
    """All partitions, in the order of `names`."""
    return [TopicPartition(name, number) for name in names for number in range(topics[name].partitions)]
