"""A topic made anew keeps its name and not its id; partitions are counted as they are now."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiokafka.admin import NewPartitions, NewTopic

from streams.broker.clients import admin
from streams.broker.identity import ClusterIdentity, identify_cluster
from streams.settings import Settings

pytestmark = pytest.mark.broker


async def created_anew(broker: str, name: str) -> list[ClusterIdentity]:
    """The topic as it is with 2 partitions, deleted, anew with 2, and grown to 3."""
    seen = []
    async with admin(Settings(broker=broker)) as client:
        await client.create_topics([NewTopic(name, 2, 1)])
        seen.append(await identify_cluster(client, [name]))
        await client.delete_topics([name])
        while (now := await identify_cluster(client, [name])).topics:
            await asyncio.sleep(0.05)
        seen.append(now)
        await client.create_topics([NewTopic(name, 2, 1)])
        while not (now := await identify_cluster(client, [name])).topics:
            await asyncio.sleep(0.05)
        seen.append(now)
        await client.create_partitions({name: NewPartitions(3)})
        while (now := await identify_cluster(client, [name])).topics[name].partitions == 2:
            await asyncio.sleep(0.05)
        seen.append(now)
        await client.delete_topics([name])
    return seen


def test_an_id_tells_a_topic_from_its_successor(broker: str) -> None:
    name = f"identity-{time.time_ns()}"
    first, gone, anew, grown = asyncio.run(created_anew(broker, name))
    assert first.cluster_id and {first.cluster_id} == {each.cluster_id for each in (gone, anew, grown)}
    assert gone.topics == {}
    assert first.topics[name].topic_id != anew.topics[name].topic_id == grown.topics[name].topic_id
    assert [each.topics[name].partitions for each in (first, anew, grown)] == [2, 2, 3]
