"""Who a broker's cluster and topics are: ids that a topic made anew under the same name does not keep.

aiokafka 0.14 knows metadata requests up to version 5, which say no ids; version 12 does (Kafka 2.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IncompatibleBrokerVersion, NodeNotReadyError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from streams.loud_end import RefusedError

_METADATA: Final = 3
_VERSION: Final = 12
_NO_ID: Final = UUID(int=0)
_TEXT: Final = CompactString("utf-8")


@dataclass(frozen=True)
class TopicIdentity:
    """One topic as it exists now."""

    topic_id: str  # another one after the topic was deleted and made anew
    partitions: int


@dataclass(frozen=True)
class ClusterIdentity:
    """A cluster, and of the topics that were asked for those that exist."""

    cluster_id: str
    topics: dict[str, TopicIdentity]


class _Uuid(AbstractType[UUID]):
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: Any) -> UUID:
        return UUID(bytes=data.read(16))


class _MetadataResponse(Response):
    API_KEY = _METADATA
    API_VERSION = _VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT), ("tags", TaggedFields)
            ),
        ),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", _TEXT),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataStruct(RequestStruct):
    API_KEY = _METADATA
    API_VERSION = _VERSION
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("topic", _TEXT), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataStruct]):
    API_KEY = _METADATA

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_MetadataStruct]) -> _MetadataStruct:
        return request_struct_class([(_NO_ID, name, {}) for name in self._topics], False, False, {})


async def identify_cluster(client: AIOKafkaAdminClient, topics: Sequence[str]) -> ClusterIdentity:
    """Ids of the cluster and of `topics`. Raises KafkaError; RefusedError when the broker is too old to say
    ids."""
    return await identify_through(client._client, topics)  # noqa: SLF001 - its only way


async def identify_through(client: AIOKafkaClient, topics: Sequence[str]) -> ClusterIdentity:
    """The same through a connection that is there already."""
    node = client.get_random_node()
    if node is None:
        raise NodeNotReadyError("no broker is known")
    try:
        answer: Any = await client.send(node, _MetadataRequest(topics))
    except (IncompatibleBrokerVersion, NotImplementedError) as error:
        raise RefusedError("the broker is older than Kafka 2.8 and knows no topic ids: update it") from error
    found = {
        name: TopicIdentity(str(topic_id), len(partitions))
        for code, name, topic_id, _internal, partitions, *_ in answer.topics
        if code == 0
    }
    return ClusterIdentity(answer.cluster_id, found)
