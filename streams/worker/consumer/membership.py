# ruff: noqa: SLF001 - private API on purpose, see below
"""What the group coordinator last said of this member. A coordinator that does not answer is uncertain, not
lost: the lanes wait, and go on when it confirms the generation.

Wraps private methods of aiokafka 0.14; tests/streams/worker/test_contracts.py guards each of them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from aiokafka import errors

from streams.lane.surroundings import LaneStanding

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
NO_GENERATION: Final = -1


class Membership:
    """Of one process in its group; its times are monotonic seconds."""

    def __init__(self, session_s: float) -> None:
        self._session_s = session_s
        self._coordinator: Any = None
        self.confirmed_s = 0.0
        """When the last heartbeat that was accepted had been sent."""
        self._joined_s = 0.0
        self._slept_s = 0.0  # when this process last woke from a sleep longer than a session

    def watch(self, coordinator: Any) -> None:
        """Note what the coordinator's answers say; call it once, when there is one."""
        self._coordinator = coordinator
        beat, commit = coordinator._do_heartbeat, coordinator._do_commit_offsets

        async def noted_heartbeat() -> bool:
            sent_s = time.monotonic()
            try:
                alive: bool = await beat()
            except (errors.GroupAuthorizationFailedError, errors.TopicAuthorizationFailedError):
                raise
            except errors.KafkaError as error:  # a group that is being loaded, a coordinator that moves
                log.warning("The group coordinator does not take a heartbeat: %s", error)
                return False
            if alive:
                self.confirmed_s = sent_s
            return alive

        async def commit_of_member(assignment: Any, offsets: Any) -> Any:
            if coordinator.generation == NO_GENERATION:  # an empty group would take it from anybody
                raise errors.UnknownMemberIdError(coordinator.group_id)
            return await commit(assignment, offsets)

        coordinator._do_heartbeat, coordinator._do_commit_offsets = noted_heartbeat, commit_of_member

    def tick(self, call_later: Callable[[float, Callable[[], None]], object]) -> None:
        """Notice when this process was stopped for longer than a session; runs on in the loop of
        `call_later`."""
        last_s = time.monotonic()

        def again() -> None:
            nonlocal last_s
            now_s = time.monotonic()
            if now_s - last_s > self._session_s:
                self._slept_s = now_s
            last_s = now_s
            call_later(TICK_S, again)

        call_later(TICK_S, again)

    def joined(self) -> None:
        """Partitions were assigned just now."""
        self._joined_s = self.confirmed_s = time.monotonic()

    def standing(self, generation: int) -> LaneStanding:
        """Of the lanes that were assigned with `generation`."""
        if self._coordinator is None or self._coordinator.generation != generation:
            return LaneStanding.LOST
        return LaneStanding.OWNER if self.age_s() < self._session_s else LaneStanding.UNCERTAIN

    def age_s(self) -> float:
        """s since the coordinator accepted a heartbeat."""
        return time.monotonic() - self.confirmed_s

    def unanswered_s(self) -> float:
        """s for which the coordinator owes an answer, once that is longer than a session. While the group is
        being formed it owes none: it waits for the other members."""
        coordinator = self._coordinator
        forming = coordinator.generation == NO_GENERATION and coordinator.coordinator_id is not None
        return 0.0 if forming or self.age_s() < self._session_s else self.age_s()

    def slept(self) -> bool:
        """Whether this process was stopped for longer than a session since its partitions were assigned."""
        return self._slept_s > self._joined_s
