"""The catalogue worker and `shiftcast index` on a broker of their own: other tests fill the shared one's
catalogue."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from agents.commands.control.index import command
from agents.commands.control.index_summary import index_summary as summary_of
from agents.exposure_log.experiments import known_experiments
from agents.indexing.indexer import INDEXER_FOLLOWS, Indexer, refit
from streams import records as r
from streams.broker.admin import create
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_topics
from streams.local_broker.server import Broker
from streams.loud_end import RefusedError
from streams.records import CatalogItem, Revocation
from streams.settings import Settings
from streams.topics import ARTIFACT, CAMPAIGN, CATALOG, DEAD, REVIEW, REVOCATION, TopicSpec
from streams.wire.codecs import headers
from streams.wire.dead_letters import DeadLetter
from streams.wire.output import Output
from tests.models.small_catalogue import items
from tests.workers import PATIENCE_S, Worker

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    local = Broker(Path(tmp_path_factory.mktemp("catalogue-broker")))
    address = local.start().address
    assert address is not None
    try:
        made = Settings(broker=address, partitions=2)
        asyncio.run(create(made))
        yield made
    finally:
        local.stop()
        local.wipe()


def environment(settings: Settings) -> dict[str, str]:
    return {"KAFKA_BROKER": settings.broker, "SHIFTCAST_PARTITIONS": str(settings.partitions)}


def shiftcast_index(settings: Settings, *arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        command, [*arguments, "--json"], env=environment(settings), catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def send(settings: Settings, *changes: tuple[str, CatalogItem | None]) -> None:
    send_raw(
        settings,
        *((CATALOG, key, None if item is None else msgspec.json.encode(item)) for key, item in changes),
    )


def send_raw(settings: Settings, *records: tuple[TopicSpec, str, bytes | None]) -> None:
    async def sending() -> None:
        producer = OutputProducer(settings)
        await producer.start()
        await producer.send(
            [
                Output(spec.name, key.encode(), value, None, headers(spec.ce_type, "test", 0))
                for spec, key, value in records
            ]
        )
        await producer.stop()

    asyncio.run(sending())


def wire(item_id: str, number: int) -> CatalogItem:
    item = items()[number]
    return CatalogItem(
        item_id, item.title, item.url, price=19.99, cur="EUR", cat=list(item.categories), noun=item.noun
    )


def now(settings: Settings) -> dict[str, Any]:
    async def reading() -> dict[str, Any]:
        indexer = Indexer()
        follower = Follower(settings, INDEXER_FOLLOWS, indexer.on_record)
        await follower.start()
        await follower.stop()
        return summary_of(indexer)

    return asyncio.run(reading())


def wait_until(
    settings: Settings, condition: Callable[[dict[str, Any]], bool], timeout_s: float = PATIENCE_S
) -> dict[str, Any]:
    deadline = time.monotonic() + timeout_s
    while not condition(state := now(settings)):
        assert time.monotonic() < deadline, state
        time.sleep(0.2)
    return state


def wait_for_revocations(settings: Settings, count: int) -> list[tuple[str, str, bool]]:
    """(key, reason, lasting) of all that was stated, in order."""

    async def reading() -> list[tuple[str, str, bool]]:
        raw = [each async for each in read_topics(settings, [REVOCATION.name])]
        said = [msgspec.json.decode(each.value, type=Revocation) for each in raw]
        return [(each.key.decode(), one.reason, one.lasting) for each, one in zip(raw, said, strict=True)]

    deadline = time.monotonic() + 30
    while len(found := asyncio.run(reading())) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_a_catalogue_lives_through_upload_change_refit_and_removal(
    settings: Settings, tmp_path: Path
) -> None:
    empty = CliRunner().invoke(command, ["--refit"], env=environment(settings))
    assert "shiftcast index --load" in str(empty.exception)

    upload = tmp_path / "items.jsonl"
    upload.write_bytes(b"\n".join(msgspec.json.encode(wire(f"i{n}", n)) for n in range(120)))
    worker = Worker("agents.index_catalog", environment(settings), tmp_path / "worker").start()
    try:
        worker.wait_ready()
        send(settings, *((f"i{n}", wire(f"i{n}", n)) for n in range(120)))
        state = wait_until(settings, lambda s: s["version"] == 1 and s["pending"] == 0)
        assert (state["items"], state["curated"], len(state["codes"])) == (120, True, 24)

        send(settings, ("new", wire("new", 5)), ("i3", None))
        state = wait_until(settings, lambda s: s["pending"] == 0 and s["items"] == 121)
        assert (state["version"], state["available"], state["fitted_items"]) == (1, 120, 120)

        send(settings, ("i4", msgspec.structs.replace(wire("i4", 4), price=29.99)))
        said = wait_for_revocations(settings, 3)
        assert said == [
            ("item|i3", "deleted", True),
            ("item|i4", "repriced", True),
            ("item|i4", "repriced", False),
        ]

        report = shiftcast_index(settings, "--load", str(upload), "--refit", "--clusters")
        assert (report["version"], report["items"], report["curated"]) == (2, 121, False)
        send(settings, ("newer", wire("newer", 6)))
        state = wait_until(settings, lambda s: s["pending"] == 0 and s["items"] == 122)
        assert state["version"] == 2
        assert worker.alive()
        assert worker.terminate(30) == 0
    finally:
        worker.kill()
    assert shiftcast_index(settings)["published"] == 0
    assert live_versions(settings) == {"2"}


def live_versions(settings: Settings) -> set[str]:
    """Versions of which records are left that compaction would keep."""

    async def reading() -> set[str]:
        newest = {
            record.key.decode(): record.value async for record in read_topics(settings, [ARTIFACT.name])
        }
        return {key.split("|")[1] for key, value in newest.items() if value is not None}

    return asyncio.run(reading())


def test_two_workers_publish_once(settings: Settings, tmp_path: Path) -> None:
    workers = [
        Worker("agents.index_catalog", environment(settings), tmp_path / f"w{n}").start() for n in range(2)
    ]
    try:
        for worker in workers:
            worker.wait_ready()
        send(settings, ("both", wire("both", 7)))
        wait_until(settings, lambda s: s["pending"] == 0 and s["version"] > 0)
        send(settings, ("both", wire("both", 8)))  # a second publisher of the first has settled before this
        deadline = time.monotonic() + PATIENCE_S
        while sum(worker.output().count("items changed") for worker in workers) < 2:
            assert time.monotonic() < deadline, workers[0].output()[-2000:]
            time.sleep(0.1)
        assert sorted(worker.output().count("items changed") for worker in workers) == [0, 2]
    finally:
        for worker in workers:
            worker.kill()


def letters(settings: Settings) -> dict[str, str]:
    """Reason of every dead letter by the topic it came from."""

    async def reading() -> dict[str, str]:
        found = [DeadLetter.of(record) async for record in read_topics(settings, [DEAD.name])]
        return {each.topic: each.reason for each in found}

    return asyncio.run(reading())


def test_broken_items_campaigns_and_reviews_become_dead_letters_and_good_ones_go_on(
    settings: Settings, tmp_path: Path
) -> None:
    worker = Worker("agents.index_catalog", environment(settings), tmp_path / "judge").start()
    try:
        worker.wait_ready()
        broken = ((CATALOG, b"{"), (CAMPAIGN, b'{"campaign_id":"other","version":1}'), (REVIEW, b"[]"))
        send_raw(settings, *((spec, "broken", value) for spec, value in broken))
        send(settings, ("behind", wire("behind", 8)))
        wait_until(settings, lambda state: state["pending"] == 0 and state["version"] > 0)
        worker.wait_for(lambda: len(letters(settings)) == len(broken), 30, "has not judged")
        odd = b'{"campaign_id":"odd","version":7,"status":"Active","advertiser":{"name":"A"}}'
        send_raw(settings, (CAMPAIGN, "odd", odd))
        said = 'status is "Active"; allowed: active, paused, ended; probably meant: "active"'
        worker.wait_for(lambda: said in worker.output(), 30, "has not warned")
        assert "Campaign odd, version 7 (ads.campaign.v1, partition" in worker.output()
        assert letters(settings) == {
            CATALOG.name: "not_json",
            CAMPAIGN.name: "missing_field",
            REVIEW.name: "wrong_type",
        }
    finally:
        worker.kill()


def test_an_experiment_stays_as_it_began_and_a_changed_one_is_a_dead_letter(
    settings: Settings, tmp_path: Path
) -> None:
    def campaign(version: int, *shares: float) -> tuple[TopicSpec, str, bytes]:
        arms = [r.ExperimentArm(f"a{at}", share) for at, share in enumerate(shares)]
        trial = r.Experiment("e1", "salt", arms, 0, 4_000_000_000_000)
        said = r.Campaign("c1", version, "active", r.Advertiser("Acme"), experiment=trial)
        return CAMPAIGN, "c1", msgspec.json.encode(said)

    def began() -> list[r.ExperimentRecord]:
        return list(asyncio.run(known_experiments(settings)).records.values())

    def changed() -> int:
        async def reading() -> int:
            found = [DeadLetter.of(record) async for record in read_topics(settings, [DEAD.name])]
            return sum((each.topic, each.reason) == (CAMPAIGN.name, "experiment_changed") for each in found)

        return asyncio.run(reading())

    worker = Worker("agents.index_catalog", environment(settings), tmp_path / "judge").start()
    try:
        worker.wait_ready()
        send_raw(settings, campaign(1, 0.5, 0.5))
        worker.wait_for(lambda: len(began()) == 1, 30, "has not entered the experiment")
        send_raw(settings, campaign(2, 0.9, 0.1), campaign(3, 0.5, 0.5))
        worker.wait_for(lambda: changed() == 1, 30, "has not judged")
        (record,) = began()
        assert [arm.share for arm in record.experiment.arms] == [0.5, 0.5]
        assert (record.status, record.campaign_id) == ("running", "c1")
    finally:
        worker.kill()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"item_id":"a"}', "line 1"),
        (b"nonsense", "line 1"),
        (b'{"item_id":1,"title":"x","url":"u"}', "item_id"),
    ],
)
def test_a_bad_line_is_named(settings: Settings, tmp_path: Path, line: bytes, said: str) -> None:
    (tmp_path / "bad.jsonl").write_bytes(line)
    result = CliRunner().invoke(command, ["--load", str(tmp_path / "bad.jsonl")], env=environment(settings))
    assert result.exit_code == 1 and isinstance(result.exception, RefusedError)
    assert "bad.jsonl" in str(result.exception) and said in str(result.exception)


@pytest.mark.parametrize("titles", [["???", "!!!"], ["..."]])
def test_a_catalogue_without_a_word_is_one_line(titles: list[str]) -> None:
    wordless = [
        replace(item, title=title, noun="", text="", categories=())
        for item, title in zip(items(2), titles, strict=False)
    ]
    with pytest.raises(RefusedError, match=r"none of the \d items .* has a word in its title"):
        refit(wordless, None, None)
    assert refit([*wordless, items(3)[2]], None, None), "one item with a word is enough"
