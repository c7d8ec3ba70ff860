"""The picture: counts and cards for anyone, reasons for the operator, users as pseudonyms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from rich.console import Console

from agents.overview.gauges import Gauges, GaugeSample
from agents.overview.screen import Screen
from agents.overview.state import CARDS, Card, Overview, Why, quantiles
from streams import records as r
from streams import topics
from streams.settings import Settings
from streams.wire.dead_letters import MARK, REASON

NOW_MS = 1_800_000_000_000
USER = "customer-4711"


@dataclass
class Arrived:
    topic: str
    value: bytes | None
    key: bytes | None = b"k"
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = NOW_MS
    partition: int = 0
    offset: int = 0


@dataclass
class Loop:
    """Builds the records of one request and its answer."""

    request_id: str = "rq_1"
    headline: str = "Boots for rain"
    by_model: bool = True
    source: str | None = None
    cause_ms: int = NOW_MS - 250
    user: str = USER
    extra: dict[str, Any] = field(default_factory=dict)

    def request(self, kind: str = "shift") -> Arrived:
        trigger = r.Trigger(
            kind=kind, score=9.2, gained=[r.Weighted("boots", 0.5)], lost=[r.Weighted("lamps", 0.4)]
        )
        cause = r.Cause("e1", self.cause_ms, topics.CLICK.name)
        made = r.CreativeRequest(
            self.request_id, self.user, 1, cause, NOW_MS, trigger, "", [r.Weighted("boots", 0.5)], 1
        )
        return Arrived(topics.REQUEST.name, msgspec.json.encode(made))

    def creative(self, creative_id: str = "cr_1") -> Arrived:
        tool = r.AiTool("copy-lm") if self.by_model else None
        made = r.Creative(
            creative_id=creative_id, template_id="t", campaign_id="c-1",
            advertiser=r.Advertiser("Stridewell"),
            audience=r.Audience("user", f"u:{self.user}"), slot="native", lang="en", version=1,
            created=NOW_MS, expires=NOW_MS + 1,
            copy=r.CopyText(self.headline, "Dry feet.", "Shop now"), link=r.Link("https://x.example"),
            audit=r.Audit(3),
            provenance=r.Provenance("x", ai_tool=tool), reason=r.CreativeReason("interest_shift"),
            request_id=self.request_id, source=self.source,
            cat=["footwear.boots"], cause=r.Cause("e1", self.cause_ms, "t"),
        )  # fmt: skip
        return Arrived(topics.CREATIVE.name, msgspec.json.encode(made))

    def result(self, status: str = "model") -> Arrived:
        made = r.GenerationResult(
            self.request_id, self.user, status, r.Cause("e1", self.cause_ms, "t"), NOW_MS, model_ms=88.5
        )
        return Arrived(topics.GENERATION.name, msgspec.json.encode(made))


def seen(*arrived: Arrived) -> Overview:
    overview = Overview(b"secret")
    for record in arrived:
        overview.take(record)
    return overview


def test_a_request_and_its_answer_become_one_reason() -> None:
    loop = Loop()
    [why] = seen(loop.request(), loop.creative(), loop.result()).reasons()
    assert (why["kind"], why["gained"], why["lost"], why["status"], why["headline"]) == (
        "shift", [("boots", 0.5)], [("lamps", 0.4)], "model", "Boots for rain",
    )  # fmt: skip


def test_nothing_public_names_a_user_or_an_interest_moved() -> None:
    loop = Loop()
    overview = seen(loop.request(), loop.creative(), loop.result())
    public = msgspec.json.encode(overview.public()).decode()
    assert USER not in public and "gained" not in public and overview.pseudonym(USER) not in public
    assert USER not in msgspec.json.encode(overview.reasons()).decode()


def test_pseudonyms_differ_between_processes() -> None:
    assert Overview(b"a").pseudonym(USER) != Overview(b"b").pseudonym(USER)
    assert Overview(b"a").pseudonym(USER) == Overview(b"a").pseudonym(USER)


def test_latency_is_from_cause_to_append_and_history_has_none() -> None:
    overview = seen(
        Loop(cause_ms=NOW_MS - 250).creative("cr_1"), Loop(cause_ms=NOW_MS - 86_400_000).creative("cr_2")
    )
    assert list(overview.latencies_ms) == [250]
    assert [card.latency_ms for card in overview.cards] == [None, 250]


def test_model_and_template_are_told_apart_and_withdrawals_counted() -> None:
    overview = seen(
        Loop().creative(), Loop(by_model=False).creative("cr_2"), Arrived(topics.CREATIVE.name, None)
    )
    assert overview.creatives == {"model": 1, "template": 1, "withdrawn": 1}


def test_dead_letters_count_by_reason_but_marks_of_replays_do_not() -> None:
    letter = Arrived(topics.DEAD.name, b"x", headers=[(REASON, b"not_json")])
    overview = seen(letter, letter, Arrived(topics.DEAD.name, b"", headers=[(MARK, b"t/0/1")]))
    assert overview.public()["dead_letters"] == {"total": 2, "by_reason": {"not_json": 2}}


def test_a_broken_record_is_passed_over() -> None:
    overview = seen(
        Arrived(topics.CREATIVE.name, b"{"), Arrived(topics.REQUEST.name, b"[]"), Loop().creative()
    )
    assert overview.broken == 2 and overview.creatives["model"] == 1


def test_only_the_newest_cards_are_kept_newest_first() -> None:
    overview = seen(*(Loop().creative(f"cr_{n}") for n in range(CARDS + 5)))
    assert [card["creative_id"] for card in overview.public()["cards"]][:2] == [
        f"cr_{CARDS + 4}",
        f"cr_{CARDS + 3}",
    ]
    assert len(overview.cards) == CARDS


def test_quantiles_are_by_nearest_rank() -> None:
    assert quantiles([]) == {"p50": None, "p95": None, "p99": None, "n": 0}
    assert quantiles(range(1, 101)) == {"p50": 51, "p95": 96, "p99": 100, "n": 100}


def test_the_screen_shows_markup_in_copy_as_text() -> None:
    screen = Screen(Overview(b"s"))
    for record in (Loop().request(), Loop(headline="[red]Boots[/red] now").creative()):
        screen.add(screen.overview.take(record))
    console = Console(width=160)
    with console.capture() as captured:
        console.print(screen.drawn(GaugeSample(NOW_MS, 250.0, {}, {"profiles": 3})))
    assert "[red]" in captured.get() and "boots 50%" in captured.get() and "profiles 3" in captured.get()


def test_the_screen_says_since_when_it_is_stale() -> None:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(Screen(Overview(b"s")).drawn(GaugeSample(NOW_MS, 250.0), stale_s=21.4))
        console.print(Screen(Overview(b"s")).drawn(None))
    assert captured.get().count("stale since 21 s: the broker does not answer") == 1


def test_news_are_what_the_record_made() -> None:
    overview = Overview(b"s")
    assert isinstance(overview.take(Loop().request()), Why)
    assert isinstance(overview.take(Loop().creative()), Card)
    assert overview.take(Loop().result()) is None


class NewBroker:
    """An admin client of a broker that has no offsets topic yet."""

    async def list_consumer_group_offsets(self, group: str) -> dict[TopicPartition, OffsetAndMetadata]:
        raise GroupCoordinatorNotAvailableError(group)


def test_a_broker_without_an_offsets_topic_has_groups_that_never_committed() -> None:
    gauges = Gauges(Settings())
    gauges._admin = cast(AIOKafkaAdminClient, NewBroker())
    assert asyncio.run(gauges._lag("profiles")) is None


class Offsets:
    """A broker that knows what a group committed, and where partitions begin and end."""

    def __init__(
        self,
        committed: dict[TopicPartition, int],
        begin: dict[TopicPartition, int],
        end: dict[TopicPartition, int],
    ) -> None:
        self._committed, self._begin, self._end = committed, begin, end

    async def list_consumer_group_offsets(self, _group: str) -> dict[TopicPartition, OffsetAndMetadata]:
        return {tp: OffsetAndMetadata(offset, "") for tp, offset in self._committed.items()}

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self._begin[tp] for tp in partitions}

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self._end[tp] for tp in partitions}


class Groups:
    """A broker that describes groups as the protocol does."""

    async def describe_consumer_groups(self, groups: list[str]) -> list[Any]:
        [group] = groups  # an answer about several cannot be read
        member = ("m", "c", "/h", b"", b"")
        described = {
            "shiftcast-profiles": (0, group, "Stable", "consumer", "range", [member, member]),
            "shiftcast-generator": (0, group, "Empty", "consumer", "", []),
            "shiftcast-catalog": (0, group, "Dead", "", "", []),
            "shiftcast-feedback": (69, group, "Dead", "", "", []),
            "shiftcast-clicks": (69, group, "Dead", "", "", []),
            "shiftcast-renderer": (69, group, "Dead", "", "", []),
        }
        return [SimpleNamespace(groups=[described[group]])]


def test_members_are_counted_of_the_groups_that_exist() -> None:
    gauges = Gauges(Settings())
    gauges._admin = cast(AIOKafkaAdminClient, Groups())
    assert asyncio.run(gauges.members()) == {"profiles": 2, "generator": 0}


def test_a_partition_without_a_commit_counts_whole() -> None:
    consent, sale = TopicPartition("ads.consent.v1", 0), TopicPartition("ads.conversion.v1", 0)
    gauges, broker = Gauges(Settings()), Offsets({consent: 5}, {consent: 0, sale: 3}, {consent: 5, sale: 10})
    gauges._admin, gauges._consumer = cast(AIOKafkaAdminClient, broker), cast(AIOKafkaConsumer, broker)
    gauges._read = {"profiles": [consent, sale]}
    assert asyncio.run(gauges._lag("profiles")) == 7


def test_records_that_were_deleted_are_behind_nobody() -> None:
    sale = TopicPartition("ads.conversion.v1", 0)
    gauges, broker = Gauges(Settings()), Offsets({sale: 40}, {sale: 90}, {sale: 100})
    gauges._admin, gauges._consumer = cast(AIOKafkaAdminClient, broker), cast(AIOKafkaConsumer, broker)
    assert asyncio.run(gauges._lag("profiles")) == 10
