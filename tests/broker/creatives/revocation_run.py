"""Users with live creatives of their own on a real broker, an ad server's look-up beside the workers, and
when what must go was revoked and when the last of its keys was gone."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import msgspec
from click.testing import CliRunner

from agents.creatives.publication import creative_output
from agents.overview.tail import Tail
from agents.run_commands import cli
from agents.serving.lookup import CreativeLookup
from streams import records as r
from streams.topics import CATALOG, CLICK, CONSENT, CREATIVE, GENERATION, REVOCATION, TopicSpec
from streams.wire.output import Output
from tests.faults.cluster import CAMPAIGNS, Cluster, ready
from tests.faults.crowd import ALL_PURPOSES, body
from tests.models.small_catalogue import items
from tests.workers import Worker

PATIENCE_S: Final = 120.0
REPLAYED: Final = 1_000
"""Creatives that are published once more, at most."""
LEAST_PER_S: Final = 200
"""Creatives that are published or withdrawn; patience grows with their number."""
DAY_MS: Final = 86_400_000
AT_ONCE: Final = 5_000
ITEMS: Final = items()
TEMPLATES: Final = {"t1": "native", "t2": "banner_300x250"}
LOOKED_AT: Final = 20_000
"""Users whose creatives the look-up is asked for: all of a small crowd, of a larger one some in between."""
_decode = msgspec.json.Decoder(r.Revocation).decode


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Owned:
    """One user's creative."""

    number: int

    @property
    def user(self) -> str:
        return f"user{self.number}"

    @property
    def campaign_id(self) -> str:
        return CAMPAIGNS[self.number % len(CAMPAIGNS)]

    @property
    def template_id(self) -> str:
        return list(TEMPLATES)[self.number % 2]

    @property
    def item_id(self) -> str:
        return f"i{self.number % len(ITEMS)}"

    @property
    def creative_id(self) -> str:
        return f"cr_{self.number + 1:016x}"

    @property
    def slot(self) -> str:
        return TEMPLATES[self.template_id]

    @property
    def copy_id(self) -> str | None:
        """A few have their words from the pool, two entries of it."""
        return f"cp_{self.number % 2:016x}" if self.number % 40 < 2 else None

    @property
    def key(self) -> str:
        return f"u:{self.user}|{self.campaign_id}|{self.slot}"

    def record(self, now_ms: int) -> r.Creative:
        return r.Creative(
            creative_id=self.creative_id,
            template_id=self.template_id,
            campaign_id=self.campaign_id,
            advertiser=r.Advertiser("Stridewell"),
            audience=r.Audience("user", f"u:{self.user}"),
            slot=self.slot,
            lang="en",
            version=now_ms,
            created=now_ms,
            expires=now_ms + DAY_MS,
            copy=r.CopyText(f"Find yours {self.number}", "Grip for wet rock.", "Shop now", "Stridewell"),
            link=r.Link("https://shop.example/1"),
            audit=r.Audit(3),
            provenance=r.Provenance("human_edits"),
            reason=r.CreativeReason("shift"),
            item_id=self.item_id,
            copy_id=self.copy_id,
            request_id=f"rq_{self.number + 1:016x}",
        )


def catalog_item(number: int, **more: Any) -> r.CatalogItem:
    """An item of the small catalogue as its merchant sends it."""
    item = ITEMS[number]
    said: dict[str, Any] = {"price": 19.99, "cur": "EUR", "cat": list(item.categories), "noun": item.noun}
    return r.CatalogItem(item.item_id, item.title, item.url, **(said | more))


def output(spec: TopicSpec, key: str, record: r.Record | None) -> Output:
    return Output(spec.name, key.encode(), None if record is None else msgspec.json.encode(record))


@dataclass(frozen=True)
class Gone:
    """Seconds from a cause to its record, from the moment which that names until the look-up obeyed, and from
    the cause to the last tombstone."""

    record_s: float
    obeyed_s: float
    all_gone_s: float


@dataclass
class RevocationRun:
    """Workers, `count` users and what an ad server knows."""

    place: Cluster
    count: int
    lookup: CreativeLookup = field(default_factory=CreativeLookup)
    said_at: dict[str, float] = field(default_factory=dict)  # key of a revocation -> when it came last
    said: dict[str, r.Revocation] = field(default_factory=dict)
    obeyed_s: dict[str, float] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    gone: dict[str, float] = field(default_factory=dict)  # key of a creative -> when its tombstone came
    workers: dict[str, Worker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owned = [Owned(number) for number in range(self.count)]
        self._looked_at = self.owned[:: -(-self.count // LOOKED_AT)]
        self._patience_s = PATIENCE_S + self.count / LEAST_PER_S
        self._tail = Tail(self.place.settings, [CREATIVE.name, REVOCATION.name], self._taken, from_start=True)

    def _taken(self, raw: Any) -> None:
        key = raw.key.decode()
        self.lookup.take(raw.topic, raw.key, raw.value)
        if raw.topic == REVOCATION.name:
            self.said_at[key] = time.monotonic()
            if raw.value is not None:
                self.said[key] = record = _decode(raw.value)
                self.obeyed_s[key] = (unix_ms() - record.since) / 1000
        elif key.startswith("u:"):
            if raw.value is None:
                self.gone[key] = time.monotonic()
            else:
                self.published.add(key)

    async def start(self) -> None:
        """Workers, then a live creative for every user."""
        await self.place.send(
            [output(CATALOG, each.item_id, catalog_item(n)) for n, each in enumerate(ITEMS)]
        )
        for name in ("update_profiles", "generate_creatives", "index_catalog"):
            self.workers[name] = self.place.worker(name, f"agents.{name}")
        await ready(*self.workers.values())
        await self._tail.start()
        await self.until(lambda: len(self.said) >= len(ITEMS) and not self._item_waits(), "new prices")
        now_ms = unix_ms()
        agreed = (
            Output(
                CONSENT.name,
                each.user.encode(),
                body(each.user, now_ms - DAY_MS, explicit=ALL_PURPOSES),
            )
            for each in self.owned
        )
        await self._send(agreed)
        await self.place.caught_up(timeout_s=self._patience_s)
        await self.publish(*self.owned)
        await self.place.caught_up(timeout_s=self._patience_s)
        await self.until(lambda: len(self.published) == self.count, "all creatives published")
        assert self.shown() == self._looked_at

    async def publish(self, *owned: Owned) -> None:
        """Creatives made now."""
        partitions, now_ms = self.place.settings.partitions, unix_ms()
        await self._send(creative_output(each.key, each.record(now_ms), partitions, now_ms) for each in owned)

    async def stop(self) -> None:
        await self._tail.stop()

    async def _send(self, outputs: Iterable[Output]) -> None:
        waiting = iter(outputs)
        while some := list(islice(waiting, AT_ONCE)):
            await self.place.send(some)

    def _item_waits(self) -> bool:
        """An item whose new row is not out yet."""
        return any(each.lasting for key, each in self.said.items() if key.startswith("item|"))

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + self._patience_s
        while not condition():
            self._tail.check()
            if time.monotonic() > deadline:
                tails = "\n".join(worker.said()[-1_500:] for worker in self.workers.values())
                raise AssertionError(f"not after {self._patience_s:.0f} s: {what}\n{tails}")
            await asyncio.sleep(0.01)

    async def _withdrawn(self, keys: list[str], by: str) -> None:
        """Until a tombstone has come for each; keys that have gone are not looked at again."""
        waiting = list(keys)

        def none_waits() -> bool:
            while waiting and waiting[-1] in self.gone:
                waiting.pop()
            return not waiting

        await self.until(none_waits, f"tombstones of {by}")

    def live(self) -> list[Owned]:
        """Users whose creative no tombstone has withdrawn."""
        return [each for each in self.owned if each.key not in self.gone]

    def shown(self) -> list[Owned]:
        """Users whom an ad server would show their own creative, of those it is asked for."""
        now_ms = unix_ms()
        return [each for each in self._looked_at if self.lookup.shown(each.key, now_ms) is not None]

    async def revoked_by(
        self, cause: Callable[[], Awaitable[None]], key: str, touched: Iterable[Owned]
    ) -> Gone:
        """Wait for the record of a cause, see that the look-up obeys, then for the tombstones of all keys and
        of no other."""
        wanted, gone_before = list(touched), len(self.gone)
        numbers = {each.number for each in wanted}
        others = [each for each in self.shown() if each.number not in numbers]
        began = time.monotonic()
        await cause()
        await self.until(lambda: self.said_at.get(key, 0.0) > began, f"the record of {key}")
        assert self.shown() == others, f"{key}: the look-up obeys, and touches nothing else"
        await self._withdrawn([each.key for each in wanted], key)
        assert len(self.gone) == gone_before + len(wanted), f"{key}: others are withdrawn"
        last = max((self.gone[each.key] for each in wanted), default=began)
        return Gone(self.said_at[key] - began, self.obeyed_s[key], last - began)

    async def typed(self, *words: str) -> None:
        """One `shiftcast` command."""
        env = {"KAFKA_BROKER": self.place.settings.broker}
        done = await asyncio.to_thread(CliRunner().invoke, cli, words, env=env)
        assert done.exit_code == 0, done.output

    async def start_with_nothing(self) -> float:
        """The generator and the profile worker are killed, all rows are lost, the switch is back to normal.
        Seconds until both are at work again."""
        profiles, generator = self.workers["update_profiles"], self.workers["generate_creatives"]
        profiles.kill()
        generator.kill()
        shutil.rmtree(profiles.data_dir)
        await self.typed("switch", "normal")
        began = time.monotonic()
        for worker in (profiles, generator):
            worker.start()
            await asyncio.to_thread(worker.wait_assigned, self._patience_s)
        return time.monotonic() - began

    async def nothing_comes_back(self, revoked: Iterable[Owned], campaigns: set[str]) -> None:
        """Creatives of what stays revoked go at once when a replay publishes them again; what a shift of
        their user is answered with is of `campaigns`, those that were not revoked; the look-up shows none."""
        again = list(islice(revoked, REPLAYED))
        for each in again:
            self.gone.pop(each.key)
        await self.publish(*again)
        await self._withdrawn([each.key for each in again], "what a replay publishes again")
        assert await self._answers(again[0].user) <= campaigns
        assert not self.shown()

    async def _answers(self, user: str) -> set[str | None]:
        """Campaigns of what the user's shifted interests are answered with."""
        deadline = time.monotonic() + PATIENCE_S
        for n in itertools.count():
            click = body(user, unix_ms(), id=f"k{n}", item_id=f"i{24 * (n % 9) + 3}", slot="native")
            await self.place.send([Output(CLICK.name, user.encode(), click)])
            endings = [
                msgspec.json.decode(each.value, type=r.GenerationResult)
                for each in await self.place.read(GENERATION.name)
                if each.key == user.encode()
            ]
            if found := {each.campaign_id for each in endings if each.creative_ids}:
                return found
            assert time.monotonic() < deadline, endings
        return set()
