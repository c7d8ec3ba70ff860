"""Topics as the code wants them against topics as the broker has them: create, compare, repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from streams.broker.clients import admin
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import ALL_TOPICS, TABLES, TopicSpec, changelog

TOPIC_EXISTS: Final = 36
OF_THE_TOPIC: Final = 1
"""config_source of a setting made on the topic itself."""


@dataclass(frozen=True)
class Difference:
    """One thing about a topic that is not as wanted. `repairable`: `shiftcast topics create --repair` sets it
    right."""

    topic: str
    what: str
    wanted: str
    found: str
    repairable: bool = False


@dataclass(frozen=True)
class TopicState:
    """One topic as the broker has it."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]
    own_config: dict[str, str]  # what was set on the topic, without broker defaults


def wanted_topics(settings: Settings) -> tuple[TopicSpec, ...]:
    """All topics of this deployment, the changelogs of its apps included."""
    return (*ALL_TOPICS, *(changelog(settings.app_prefix, app) for app in TABLES))


def wanted_partitions(spec: TopicSpec, settings: Settings) -> int:
    """How many partitions a topic must have."""
    return spec.partitions or settings.partitions


def wanted_config(spec: TopicSpec) -> dict[str, str]:
    """Topic settings that Shiftcast relies on: append time of the broker, policy, retention, record size,
    compaction."""
    config = {
        "cleanup.policy": spec.policy,
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(spec.max_bytes),
        **spec.config,
    }
    if spec.retention_ms is not None:
        config["retention.ms"] = str(spec.retention_ms)
    return config


async def states(client: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, TopicState]:
    """The named topics that exist, with their settings."""
    known = {each["topic"]: each for each in await client.describe_topics() if each["topic"] in set(names)}
    if not known:
        return {}
    answers = await client.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in known]
    )
    configs = {name: entries for answer in answers for _code, _text, _kind, name, entries in answer.resources}
    return {name: _state(each, configs[name]) for name, each in known.items()}


def _state(topic: dict[str, Any], entries: Sequence[Sequence[Any]]) -> TopicState:
    partitions = topic["partitions"]
    return TopicState(
        name=topic["topic"],
        partitions=len(partitions),
        replication=min((len(each["replicas"]) for each in partitions), default=0),
        config={entry[0]: entry[1] or "" for entry in entries},
        own_config={entry[0]: entry[1] or "" for entry in entries if entry[3] == OF_THE_TOPIC},
    )


def differences(spec: TopicSpec, state: TopicState | None, settings: Settings) -> list[Difference]:
    """What about one topic is not as wanted. More replicas than wanted are fine."""
    if state is None:
        return [Difference(spec.name, "topic", "exists", "missing", repairable=True)]
    found = []
    partitions = wanted_partitions(spec, settings)
    if state.partitions != partitions:
        found.append(Difference(spec.name, "partitions", str(partitions), str(state.partitions)))
    if state.replication < settings.replication:
        found.append(Difference(spec.name, "replication", str(settings.replication), str(state.replication)))
    for name, value in wanted_config(spec).items():
        if _normal(state.config.get(name, "")) != _normal(value):
            found.append(Difference(spec.name, name, value, state.config.get(name, ""), repairable=True))
    return found


def _normal(value: str) -> str:
    """`compact,delete` and `delete,compact` are the same policy."""
    return ",".join(sorted(value.split(",")))


async def compare_topics(settings: Settings) -> list[Difference]:
    """Everything about the topics that is not as the code wants it; empty = all well."""
    specs = wanted_topics(settings)
    async with admin(settings) as client:
        found = await states(client, [spec.name for spec in specs])
    return [each for spec in specs for each in differences(spec, found.get(spec.name), settings)]


async def create(settings: Settings, *, repair: bool = False) -> tuple[list[str], list[Difference]]:
    """Create what is missing and, with `repair`, set settings of existing topics right and add partitions
    while no rows of this app prefix depend on them.

    Returns the names created and the differences that remain. Raises RefusedError when the broker refuses.
    """
    specs = wanted_topics(settings)
    async with admin(settings) as client:
        found = await states(client, [spec.name for spec in specs])
        missing = [spec for spec in specs if spec.name not in found]
        created = await _create(client, missing, settings)
        present = [spec for spec in specs if spec.name in found]
        wrong = [each for spec in present for each in differences(spec, found[spec.name], settings)]
        if repair:
            wrong = await _grow(client, wrong, changelog(settings.app_prefix).name)
            repaired = {each.topic for each in wrong if each.repairable}
            await _alter(client, [spec for spec in present if spec.name in repaired], found)
            wrong = [each for each in wrong if not each.repairable]
    return created, wrong


async def _create(client: AIOKafkaAdminClient, specs: Sequence[TopicSpec], settings: Settings) -> list[str]:
    if not specs:
        return []
    new = [
        NewTopic(s.name, wanted_partitions(s, settings), settings.replication, topic_configs=wanted_config(s))
        for s in specs
    ]
    try:
        answer = await client.create_topics(new)
    except KafkaError as error:
        raise RefusedError(f"the broker would not create the topics: {error}") from error
    for name, code, *text in answer.topic_errors:
        if code not in (0, TOPIC_EXISTS):
            raise RefusedError(
                f"{name} could not be created: {for_code(code).__name__} {' '.join(map(str, text))}".rstrip()
            )
    return [spec.name for spec in specs]


async def _grow(client: AIOKafkaAdminClient, wrong: list[Difference], rows: str) -> list[Difference]:
    """Add partitions where there are too few, unless there are rows: growing moves users away from them. The
    differences that remain."""
    few = [each for each in wrong if each.what == "partitions" and int(each.found) < int(each.wanted)]
    if not few or any(each.topic == rows for each in wrong):
        return wrong
    await client.create_partitions({each.topic: NewPartitions(int(each.wanted)) for each in few})
    return [each for each in wrong if each not in few]


async def _alter(
    client: AIOKafkaAdminClient, specs: Sequence[TopicSpec], found: dict[str, TopicState]
) -> None:
    """AlterConfigs replaces all settings of a topic, so what was set there and is not ours is sent along."""
    if not specs:
        return
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, s.name, {**found[s.name].own_config, **wanted_config(s)})
        for s in specs
    ]
    for answer in await client.alter_configs(resources):
        for code, text, _kind, name in answer.resources:
            if code:
                raise RefusedError(
                    f"{name} could not be altered: {for_code(code).__name__} {text or ''}".rstrip()
                )
