"""Requests as they arrive: broken ones, ones that ended before, ones whose creatives are out already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.creatives.endings import end_published, end_written
from agents.creatives.plan import Timing
from agents.creatives.publication import make_creatives
from agents.generation.answered import Answered
from agents.generation.ended import EndedRequests
from agents.generation.intake import IntakePlace, Pending, RequestIntake
from streams import records as r
from streams import topics
from streams.settings import Settings
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.partition import partition
from tests.agents.creatives.generation_fixtures import NOW_MS, plan, request
from tests.agents.creatives.test_publication import written

PARTITIONS = 4


@dataclass
class Wire:
    """A consumed record."""

    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    timestamp: int = NOW_MS
    topic: str = topics.REQUEST.name
    partition: int = 0
    offset: int = 7


class Desk:
    """An intake and everything it hands on."""

    def __init__(self) -> None:
        self.answered = Answered(Settings())
        self.submitted: list[str] = []
        self.ended: list[str] = []
        self.sent: list[Output] = []
        self.done = 0
        self.held = True
        place = IntakePlace(PARTITIONS, "shiftcast-generator", lambda _lane: self.held)
        self.intake = RequestIntake(self.answered, place, self._submit, self._end, self._send)

    async def _submit(self, request: r.CreativeRequest, lane: int, done: Callable[[], None]) -> None:
        self.submitted.append(request.request_id)

    async def _end(self, request: r.CreativeRequest, lane: int) -> None:
        self.ended.append(request.request_id)

    async def _send(self, outputs: list[Output]) -> None:
        self.sent += outputs

    def take(self, wire: Wire, lane: int) -> None:
        def done() -> None:
            self.done += 1

        asyncio.run(self.intake.take(wire, lane, done))

    def reasons(self) -> list[bytes]:
        return [dict(output.headers)["shiftcast.reason"] for output in self.sent]


def wire(asked: r.CreativeRequest) -> tuple[Wire, int]:
    key = asked.user.encode()
    return Wire(encode(asked), key, headers(topics.REQUEST.ce_type, asked.request_id, NOW_MS)), partition(
        key, PARTITIONS
    )


def test_a_new_request_is_submitted_and_not_done_yet() -> None:
    desk = Desk()
    desk.take(*wire(request(1)))
    assert (desk.submitted, desk.done) == (["rq_0000000000000001"], 0)


def test_broken_requests_are_dead_letters_with_a_reason_of_their_own() -> None:
    desk = Desk()
    good, lane = wire(request(1))
    desk.take(Wire(b"{", good.key), lane)
    desk.take(Wire(good.value, b"someone-else"), partition(b"someone-else", PARTITIONS))
    desk.take(good, (lane + 1) % PARTITIONS)
    desk.take(*wire(request(2, vector="AAAA")))
    assert desk.reasons() == [b"not_json", b"key_mismatch", b"wrong_partition", b"wrong_type"]
    assert (desk.done, desk.submitted) == (4, [])
    assert {output.topic for output in desk.sent} == {"ads.dead.v1"}


def test_before_a_request_is_judged_the_log_has_been_read_back_to_its_cause() -> None:
    desk, reached = Desk(), list[int]()

    async def reach(cause_ms: int) -> None:
        assert desk.submitted == []
        reached.append(cause_ms)

    desk.answered.reach = reach  # type: ignore[method-assign]
    desk.take(*wire(request(1, cause_appended=NOW_MS - 7_000)))
    assert (reached, desk.submitted) == ([NOW_MS - 7_000], ["rq_0000000000000001"])


def test_a_request_whose_lane_is_given_up_while_the_log_is_read_is_left_to_the_next_owner() -> None:
    desk = Desk()

    async def reach(cause_ms: int) -> None:
        desk.held = False

    desk.answered.reach = reach  # type: ignore[method-assign]
    for record in make_creatives(request(2), plan(), [written()], NOW_MS):
        desk.answered.take(record)
    for n in (1, 2):
        desk.take(*wire(request(n, cause_appended=NOW_MS - 7_000)))
    assert (desk.submitted, desk.ended, desk.done) == ([], [], 0)


def test_a_request_that_ended_is_skipped() -> None:
    desk = Desk()
    desk.answered.take(end_written(request(1), plan(), [written()], Timing(), NOW_MS))
    desk.take(*wire(request(1)))
    assert (desk.submitted, desk.ended, desk.done) == ([], [], 1)


def test_a_request_whose_creative_is_out_is_ended_with_that_copy_and_not_written_again() -> None:
    desk = Desk()
    out = make_creatives(request(1), plan(), [written()], NOW_MS)
    for record in [*out, *out]:
        desk.answered.take(record)
    assert desk.answered.published("rq_0000000000000001") == out
    ending = end_published(request(1), desk.answered.published("rq_0000000000000001"), NOW_MS)
    assert (ending.status, ending.creative_ids, ending.model_hash) == ("model", [out[0].creative_id], "m1")
    desk.take(*wire(request(1)))
    desk.take(*wire(request(1)))
    assert (desk.submitted, desk.ended, desk.done) == ([], ["rq_0000000000000001"], 2)


def test_creatives_of_ended_requests_and_shared_ones_are_not_kept() -> None:
    answered = Answered(Settings())
    answered.remember("rq_0000000000000001")
    answered.take(make_creatives(request(1), plan(), [written()], NOW_MS)[0])
    assert answered.published("rq_0000000000000001") == []


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    ended = EndedRequests(block=2, blocks=2)
    for n in range(1, 8):
        ended.add(f"rq_{n:016x}")
    assert [f"rq_{n:016x}" in ended for n in range(1, 8)] == [False] * 2 + [True] * 5


def test_a_batch_is_acknowledged_when_its_last_record_is_done_whatever_the_order() -> None:
    acknowledged: list[bool] = []
    pending = Pending(3, lambda: acknowledged.append(True))
    pending.done()
    pending.done()
    assert acknowledged == []
    pending.done()
    assert acknowledged == [True]
