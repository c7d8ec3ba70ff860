"""Two linked users, each on a lane of its own in memory, with the topics between them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from agents.profiles.reference import ProfilesReference
from agents.profiles.rows.link import LinkRow, link_row_of
from streams import records as r
from streams.settings import Settings
from streams.topics import CLICK, CONSENT, CREATIVE, IDENTITY, IMPRESSION, PARTNER, PRIVACY_REQUEST, REQUEST
from streams.wire.output import Output
from streams.wire.partition import partition
from tests.agents.catalogue import campaign, reference_of
from tests.agents.profiles.memory_lane import NOW_MS, Consumed, Log, MemoryLane
from tests.agents.traffic import add, consent, creative

SETTINGS: Final = Settings()


def named(name: str, lane: int) -> str:
    """A user of a lane with this name and a number: no name is part of another."""
    found = (f"{name}-{i}" for i in range(1_000))
    return next(each for each in found if partition(each.encode(), SETTINGS.partitions) == lane)


PHONE, LAPTOP, THIRD = named("phone", 0), named("laptop", 1), named("tablet", 2)
CAPPED: Final = campaign(cap=[r.Cap(4, 86_400)])
OWN: Final = (IDENTITY.name, PARTNER.name, CONSENT.name)
"""Topics of which a lane reads again what lanes send."""


@dataclass
class LinkedStory:
    """Lanes 0 to 2 and their topics; `deliver` applies what waits. Append times rise by one per record."""

    reference: ProfilesReference = field(default_factory=lambda: reference_of(SETTINGS, CAPPED))
    now_ms: int = NOW_MS
    behind_ms: int = 0  # how far the broker's clock stepped back, for what lanes send

    def __post_init__(self) -> None:
        self.lanes = {n: MemoryLane(self.reference, SETTINGS, lane=n) for n in range(3)}
        self.logs = {n: Log(n) for n in self.lanes}
        self.read: dict[tuple[int, str], int] = {}
        self._taken = dict.fromkeys(self.lanes, 0)

    def lane_of(self, user: str) -> int:
        return partition(user.encode(), SETTINGS.partitions)

    def later(self) -> int:
        self.now_ms += 1
        return self.now_ms

    def state(self, user: str, partner: str | None) -> None:
        """Produce a statement, or the null that withdraws it."""
        ts = self.later()
        value = None if partner is None else json.dumps({"user": user, "partner": partner, "ts": ts}).encode()
        self.logs[self.lane_of(user)].add(IDENTITY.name, user, value, ts)

    def link(self) -> None:
        for user, partner in ((PHONE, LAPTOP), (LAPTOP, PHONE)):
            self.state(user, partner)
        self.deliver()

    def agree(self, *users: str, explicit: Mapping[str, bool] | None = None) -> None:
        for user in users or (PHONE, LAPTOP):
            log = self.logs[self.lane_of(user)]
            consent(log, user, self.later(), None if explicit is None else dict(explicit))
        self.deliver()

    def click(self, user: str, *items: str) -> None:
        for item in items:
            ts = self.later()
            add(self.logs[self.lane_of(user)], CLICK.name, user, ts, id=f"k{ts}", item_id=item)
        self.deliver()

    def show(self, user: str, creative_id: str | None, n: int = 1, campaign_id: str = "c1") -> None:
        for _ in range(n):
            ts = self.later()
            more: dict[str, Any] = {"creative_id": creative_id, "campaign_id": campaign_id, "slot": "native"}
            add(self.logs[self.lane_of(user)], IMPRESSION.name, user, ts, id=f"i{ts}", **more)
        self.deliver()

    def creative(self, user: str, creative_id: str, **more: Any) -> None:
        creative(self.logs[self.lane_of(user)], user, creative_id, self.later(), **more)
        self.deliver()

    def privacy(self, user: str, kind: str) -> None:
        ts = self.later()
        body = json.dumps({"request_id": f"p{ts}", "type": kind, "iat": ts}).encode()
        self.logs[self.lane_of(user)].add(PRIVACY_REQUEST.name, user, body, ts)
        self.deliver()

    def deliver(self) -> None:
        """Apply all that waits, and what comes of it, until nothing does."""
        while any(self.waiting(n) for n in self.lanes):
            for n in self.lanes:
                for topic in self.waiting(n):
                    self.step(n, topic)

    def waiting(self, lane: int) -> list[str]:
        """Topics on which something waits for a lane."""
        return [
            topic
            for topic, records in self.logs[lane].records.items()
            if len(records) > self.read.get((lane, topic), 0)
        ]

    def step(self, lane: int, topic: str, most: int | None = None) -> None:
        """Apply the next records of one topic; what the lane sends stands on the topics at once."""
        start = self.read.get((lane, topic), 0)
        batch: Sequence[Consumed] = self.logs[lane].records[topic][
            start : None if most is None else start + most
        ]
        self.read[lane, topic] = start + len(batch)
        self.lanes[lane].apply(batch)
        self.append_sent(lane)

    def append_sent(self, lane: int) -> None:
        """What a lane sent since the last look."""
        sent = self.lanes[lane].outputs[self._taken[lane] :]
        self._taken[lane] = len(self.lanes[lane].outputs)
        for each in sent:
            if each.topic in OWN:
                self._append(each)

    def _append(self, output: Output) -> None:
        assert output.key is not None
        where = partition(output.key, SETTINGS.partitions)
        assert output.partition in (None, where)
        self.logs[where].add(
            output.topic, output.key, output.value, self.later() - self.behind_ms, output.headers
        )

    def crash(self, lane: int, committed: Mapping[str, int]) -> None:
        """The next owner goes on with the rows of the last flush, and reads from what was committed."""
        self.lanes[lane] = self.lanes[lane].crashed(self.reference, SETTINGS)
        self.lanes[lane].generation = self.lanes[lane].generation + 1
        self._taken[lane] = 0
        self.read |= {(lane, topic): committed.get(topic, 0) for topic in self.logs[lane].records}

    def lose(self, lane: int) -> None:
        """All rows of a lane are gone, its changelog too: the next owner counts from the beginning, and reads
        again what it must know."""
        self.lanes[lane] = MemoryLane(self.reference, SETTINGS, lane=lane)
        self._taken[lane] = 0
        self.read |= {(lane, topic): 0 for topic in OWN}

    def flush(self) -> None:
        for lane in self.lanes.values():
            lane.flush()

    def row(self, user: str) -> LinkRow | None:
        """Row i, flushed."""
        self.flush()
        return link_row_of(self.payload("i", user))

    def payload(self, kind: str, user: str) -> bytes | None:
        lane = self.lanes[self.lane_of(user)]
        value = lane.store.get(kind.encode() + user.encode())
        return None if value is None else lane.versions.payload(value)

    def last_said(self, receiver: str, sender: str) -> r.PartnerSummary | None:
        """What compaction leaves of one user's summaries for another."""
        key = f"{receiver}|{sender}".encode()
        records = self.logs[self.lane_of(receiver)].records.get(PARTNER.name, [])
        value = next((each.value for each in reversed(records) if each.key == key), None)
        return None if value is None else msgspec.json.decode(value, type=r.PartnerSummary)

    def compacted(self) -> dict[tuple[str, bytes], bytes]:
        """The newest value of each key of the compacted topics."""
        newest: dict[tuple[str, bytes], bytes | None] = {}
        for log in self.logs.values():
            for topic in (*OWN, CREATIVE.name):
                for each in log.records.get(topic, []):
                    newest[topic, each.key or b""] = each.value
        return {key: value for key, value in newest.items() if value is not None}

    def traces(self, of: str, among: Sequence[str]) -> list[Any]:
        """Rows of other users, and values of the compacted topics under their keys, in which `of` is
        named."""
        self.flush()
        found: list[Any] = []
        for lane in self.lanes.values():
            for key, value in lane.store.items():
                if key[1:].decode("latin-1") in among and key[:1] in b"irmv":
                    text = lane.versions.payload(value)
                    found += [key] if of.encode() in text else []
        compacted = self.compacted().items()
        found += [
            key for key, value in compacted if of.encode() in key[1] + value and self._about(key, among)
        ]
        return found

    def _about(self, key: tuple[str, bytes], among: Sequence[str]) -> bool:
        return any(each.encode() in key[1] for each in among)

    def requests(self, user: str) -> list[r.CreativeRequest]:
        sent = self.lanes[self.lane_of(user)].sent(REQUEST.name)
        return [
            msgspec.json.decode(o.value or b"", type=r.CreativeRequest)
            for o in sent
            if o.key == user.encode()
        ]

    def withdrawn(self, user: str) -> list[str]:
        sent = self.lanes[self.lane_of(user)].sent(CREATIVE.name)
        return [dict(o.headers)["creative_id"].decode() for o in sent if o.value is None]
