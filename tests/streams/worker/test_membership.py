"""Uncertain is not lost: what the coordinator's answers, its silence and a sleep of the process mean for the
lanes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import errors

from streams.lane.surroundings import LaneStanding
from streams.worker.consumer.membership import NO_GENERATION, TICK_S, Membership

SESSION_S = 10.0


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1_000.0
        monkeypatch.setattr("streams.worker.consumer.membership.time.monotonic", lambda: self.now_s)


class Coordinator(SimpleNamespace):
    """aiokafka's, answering as told."""

    def __init__(self) -> None:
        super().__init__(generation=7, group_id="group", coordinator_id=1, answer=True, commits=[])

    async def _do_heartbeat(self) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return bool(self.answer)

    async def _do_commit_offsets(self, assignment: Any, offsets: Any) -> None:
        self.commits.append(offsets)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def joined(coordinator: Coordinator) -> Membership:
    member = Membership(SESSION_S)
    member.watch(coordinator)
    member.joined()
    return member


def test_silence_is_uncertain_however_long_and_an_answer_confirms(clock: Clock) -> None:
    coordinator = Coordinator()
    member = joined(coordinator)
    assert member.standing(7) is LaneStanding.OWNER and not member.unanswered_s()
    clock.now_s += 75
    assert member.standing(7) is LaneStanding.UNCERTAIN and member.unanswered_s() == 75
    assert asyncio.run(coordinator._do_heartbeat())
    assert member.standing(7) is LaneStanding.OWNER and not member.unanswered_s()


def test_a_generation_that_is_anothers_is_lost(clock: Clock) -> None:
    coordinator = Coordinator()
    member = joined(coordinator)
    assert member.standing(6) is LaneStanding.LOST
    coordinator.generation = NO_GENERATION  # what aiokafka sets when the coordinator does not know the member
    assert member.standing(7) is LaneStanding.LOST
    clock.now_s += 75
    assert not member.unanswered_s(), "the group is being formed"
    coordinator.coordinator_id = None
    assert member.unanswered_s() == 75


@pytest.mark.parametrize("error", ["GroupLoadInProgressError()", "UnknownError()"])
def test_a_coordinator_that_moves_or_loads_is_uncertain(clock: Clock, error: str) -> None:
    """aiokafka would end the consumer."""
    coordinator = Coordinator()
    member = joined(coordinator)
    coordinator.answer = errors.KafkaError(f"Unexpected exception in heartbeat task: {error}")
    clock.now_s += SESSION_S
    assert asyncio.run(coordinator._do_heartbeat()) is False
    assert member.standing(7) is LaneStanding.UNCERTAIN
    coordinator.answer = errors.GroupAuthorizationFailedError("group")
    with pytest.raises(errors.GroupAuthorizationFailedError):
        asyncio.run(coordinator._do_heartbeat())


def test_who_is_no_member_commits_nothing(clock: Clock) -> None:
    """An empty group takes a commit from anybody: an old one would set back what an owner committed since."""
    coordinator = Coordinator()
    joined(coordinator)
    asyncio.run(coordinator._do_commit_offsets(None, "new"))
    coordinator.generation = NO_GENERATION
    with pytest.raises(errors.UnknownMemberIdError):
        asyncio.run(coordinator._do_commit_offsets(None, "old"))
    assert coordinator.commits == ["new"]


def test_a_process_that_was_stopped_knows_it_until_it_is_assigned_anew(clock: Clock) -> None:
    timers: list[Callable[[], None]] = []
    member = joined(Coordinator())
    member.tick(lambda _after_s, again: timers.append(again))
    for passed_s, slept in ((TICK_S, False), (SESSION_S - 1, False), (SESSION_S + 1, True), (TICK_S, True)):
        clock.now_s += passed_s
        timers.pop()()
        assert member.slept() is slept
    clock.now_s += TICK_S
    member.joined()
    assert not member.slept()
