"""Topics: names, keys and policies hold together, and the broker's state is compared setting by setting."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aiokafka.admin import NewTopic

from models.event.layout import SOURCES
from streams.broker.admin import (
    Difference,
    TopicState,
    _grow,
    compare_topics,
    create,
    differences,
    wanted_config,
    wanted_topics,
)
from streams.broker.clients import admin
from streams.mapping.revocations import REMEMBERED_MS
from streams.settings import Settings
from streams.topics import (
    ALL_TOPICS,
    CAMPAIGN,
    CLICK,
    CREATIVE,
    PERSONAL,
    REQUEST,
    USER_TOPICS,
    changelog,
)


def test_names_are_versioned_and_event_topics_stand_in_the_order_of_the_fences() -> None:
    assert len({spec.name for spec in ALL_TOPICS}) == len(ALL_TOPICS)
    assert all(re.fullmatch(r"ads(\.[a-z]+)+\.v1", spec.name) for spec in ALL_TOPICS)
    assert tuple(spec.entity.split(".")[0] for spec in USER_TOPICS) == SOURCES
    assert REQUEST.ce_type == "ads.creative.request.made.v1"


def test_an_erasure_tells_of_every_topic_whose_keys_or_records_name_a_user() -> None:
    for spec in ALL_TOPICS:
        fields = set() if spec.record is None else {each.name for each in msgspec.structs.fields(spec.record)}
        names_user = "user" in fields or bool({"user", "audience", "receiver"} & set(spec.key.split("|")))
        assert spec in PERSONAL or not names_user, spec.name


def test_broken_records_reach_the_dead_letters_instead_of_failing_at_the_producer() -> None:
    assert all(spec.max_bytes > spec.value_bytes for spec in ALL_TOPICS)
    assert all(spec.max_bytes >= 1024 * 1024 for spec in USER_TOPICS)


def test_the_broker_stamps_append_time_on_every_topic() -> None:
    assert {wanted_config(spec)["message.timestamp.type"] for spec in wanted_topics(Settings())} == {
        "LogAppendTime"
    }
    config = wanted_config(changelog("shop"))
    assert changelog("shop").name == "shop-profiles-rows-changelog"
    assert (config["max.message.bytes"], config["min.compaction.lag.ms"], config["cleanup.policy"]) == (
        "16777216",
        "3600000",
        "compact",
    )


def test_a_campaigns_version_outlives_what_was_made_of_it() -> None:
    """A worker that starts after a template was left out still sees which one."""
    assert int(wanted_config(CAMPAIGN)["min.compaction.lag.ms"]) >= REMEMBERED_MS


def state_of(name: str, settings: Settings) -> TopicState:
    spec = next(spec for spec in ALL_TOPICS if spec.name == name)
    return TopicState(
        name, settings.partitions, settings.replication, wanted_config(spec), wanted_config(spec)
    )


def test_each_difference_says_what_is_wanted_and_what_was_found() -> None:
    settings = Settings(partitions=6, replication=2)
    good = state_of(CLICK.name, settings)
    assert differences(CLICK, good, settings) == []
    assert differences(CLICK, replace(good, replication=3), settings) == []
    assert [each.found for each in differences(CLICK, None, settings)] == ["missing"]
    wrong = replace(
        good,
        partitions=4,
        replication=1,
        config={**good.config, "retention.ms": "5", "max.message.bytes": "1"},
    )
    found = {
        each.what: (each.wanted, each.found, each.repairable) for each in differences(CLICK, wrong, settings)
    }
    assert found == {
        "partitions": ("6", "4", False),
        "replication": ("2", "1", False),
        "retention.ms": (str(14 * 86_400_000), "5", True),
        "max.message.bytes": (str(CLICK.max_bytes), "1", True),
    }


def test_the_order_of_policies_means_nothing() -> None:
    settings = Settings()
    good = state_of(CREATIVE.name, settings)
    assert (
        differences(
            CREATIVE, replace(good, config={**good.config, "cleanup.policy": "delete,compact"}), settings
        )
        == []
    )


@pytest.mark.broker
def test_topics_are_created_compared_and_repaired(broker: str) -> None:
    settings = Settings(broker=broker)
    asyncio.run(create(settings))
    assert asyncio.run(compare_topics(settings)) == []
    assert asyncio.run(create(settings)) == ([], [])
    _set(settings, CLICK.name, {**wanted_config(CLICK), "retention.ms": "123456", "segment.bytes": "1048576"})
    assert _in_time(
        lambda: [(each.what, each.found) for each in asyncio.run(compare_topics(settings))],
        [("retention.ms", "123456")],
    )
    assert [each.what for each in asyncio.run(create(settings))[1]] == ["retention.ms"]
    assert asyncio.run(create(settings, repair=True)) == ([], [])
    assert _in_time(lambda: asyncio.run(compare_topics(settings)), [])
    assert _config(settings, CLICK.name)["segment.bytes"] == "1048576", (
        "a repair must leave an operator's other settings alone"
    )
    _set(settings, CLICK.name, wanted_config(CLICK))


@pytest.mark.broker
def test_a_partition_count_is_reported_and_never_changed(broker: str) -> None:
    asyncio.run(create(Settings(broker=broker)))
    other = Settings(broker=broker, partitions=5)
    wrong = asyncio.run(create(other, repair=True))[1]
    assert {each.what for each in wrong} == {"partitions"}
    assert {each.found for each in wrong} == {"4"}


@pytest.mark.broker
def test_partitions_are_added_under_a_prefix_without_rows(broker: str) -> None:
    """Topics that grew unevenly: the others follow, and the new prefix's changelog has as many."""
    name = f"grow-{time.time_ns()}"
    changelog_of = changelog(name).name

    async def story() -> list[dict[str, Any]]:
        async with admin(Settings(broker=broker)) as client:
            await client.create_topics([NewTopic(each, 2, 1) for each in (name, changelog_of)])
            wrong = [Difference(name, "partitions", "3", "2")]
            rows = Difference(changelog_of, "partitions", "3", "2")
            assert await _grow(client, [*wrong, rows], changelog_of) == [*wrong, rows], "there are rows"
            assert await _grow(client, wrong, changelog_of) == []
            while len((found := await client.describe_topics([name]))[0]["partitions"]) == 2:
                await asyncio.sleep(0.05)
            await client.delete_topics([name, changelog_of])
            return found

    assert len(asyncio.run(story())[0]["partitions"]) == 3


def _in_time(look: Callable[[], Any], wanted: Any) -> bool:
    """Whether a look shows this: a broker answers with the settings it has heard of, a moment after its
    controller took new ones."""
    end = time.monotonic() + 20
    while (found := look()) != wanted:
        assert time.monotonic() < end, found
    return True


def _set(settings: Settings, topic: str, config: dict[str, str]) -> None:
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

    from streams.broker.clients import admin

    async def run() -> None:
        async with admin(settings) as client:
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config)])

    asyncio.run(run())


def _config(settings: Settings, topic: str) -> dict[str, str]:
    from streams.broker.admin import states
    from streams.broker.clients import admin

    async def run() -> dict[str, str]:
        async with admin(settings) as client:
            return (await states(client, [topic]))[topic].config

    return asyncio.run(run())
