"""A user's way through the profile agent, told on one lane in memory."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from streams import records as r
from streams.settings import Settings
from streams.topics import CLICK, CREATIVE, DEAD, PRIVACY_ACK, PRIVACY_REQUEST, REQUEST, REVOCATION
from tests.agents.catalogue import campaign, reference_of
from tests.agents.profiles.memory_lane import NOW_MS, Log, MemoryLane, users_of_lane
from tests.agents.traffic import add, consent, creative

SETTINGS = Settings()
USER, OTHER = users_of_lane(2)
ELSEWHERE = users_of_lane(1, lane=1)[0]
CAPPED = campaign(
    cap=[r.Cap(2, 86_400)],
    experiment=r.Experiment(
        "e1", "salt", [r.ExperimentArm("a", 0.5), r.ExperimentArm("b", 0.5)], 0, 2 * NOW_MS
    ),
)


class Story:
    """Records are applied as they are produced."""

    def __init__(self, *campaigns: r.Campaign, settings: Settings = SETTINGS) -> None:
        self.log = Log()
        self.reference = reference_of(settings, *(campaigns or (CAPPED,)))
        self.lane = MemoryLane(self.reference, settings)

    def add(self, topic: str, user: str, ts: int, **fields: Any) -> None:
        self.lane.apply([add(self.log, topic, user, ts, **fields)])

    def consent(
        self, user: str = USER, ts: int = NOW_MS - 1_000, explicit: dict[str, bool] | None = None
    ) -> None:
        self.lane.apply([consent(self.log, user, ts, explicit)])

    def creative(self, creative_id: str, **fields: Any) -> None:
        self.lane.apply([creative(self.log, USER, creative_id, **fields)])

    def click(self, i: int, item: str, ts: int | None = None) -> None:
        self.add(CLICK.name, USER, NOW_MS + i * 3_600_000 if ts is None else ts, id=f"k{i}", item_id=item)

    def revoke(self, kind: str, id: str, since: int = NOW_MS, **more: Any) -> None:
        record = r.Revocation(kind, id, "said", since, **more)
        self.reference.on_record(REVOCATION, f"{kind}|{id}", record, (), since)

    def withdrawn(self) -> list[str]:
        return [
            dict(o.headers)["creative_id"].decode() for o in self.lane.sent(CREATIVE.name) if o.value is None
        ]

    def reasons(self) -> list[str]:
        return [dict(o.headers)["shiftcast.reason"].decode() for o in self.lane.sent(DEAD.name)]

    def privacy(self, kind: str, append_ts: int = NOW_MS) -> r.PrivacyAck:
        body = {"request_id": f"p-{kind}", "type": kind, "iat": append_ts}
        self.lane.apply([self.log.add(PRIVACY_REQUEST.name, USER, json.dumps(body).encode(), append_ts)])
        return msgspec.json.decode(self.lane.sent(PRIVACY_ACK.name)[-1].value or b"", type=r.PrivacyAck)


def requests_of(story: Story) -> list[r.CreativeRequest]:
    return [
        msgspec.json.decode(o.value or b"", type=r.CreativeRequest) for o in story.lane.sent(REQUEST.name)
    ]
