"""Which requests the model writes next and which get the template: the generator's queue, without clock or
thread.

The policy under overload, in this order:

1. The newest request of a user wins; an older one that is not answered yet ends as `superseded`.
2. While another whole batch waits, each creative gets one draft instead of the best of several (`drafts`).
3. A request that the model can no longer finish before its deadline gets the template now, so the model never
   works for nothing.
4. A full queue takes no more (`has_room`): the caller stops reading and the rest waits in Kafka, where its
   deadline passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

EXPECTED_SHARE_MAX = 0.5
"""The expected model time counts for at most this share of a request's whole time, else one slow call would
end all trying."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """Size of a micro-batch, how long its oldest request may wait for company, and how many requests may
    wait."""

    size: int = 16
    wait_ms: float = 5.0
    capacity: int = 1_024


@dataclass(frozen=True, slots=True)
class WaitingRequest(Generic[T]):
    """One request in the queue. `n_trig` orders the requests of a user; times in Unix ms."""

    request_id: str
    user: str
    n_trig: int
    arrived_ms: float
    deadline_ms: float
    payload: T

    @property
    def call_ms(self) -> float:
        """What a model call may take of the request's whole time."""
        return EXPECTED_SHARE_MAX * max(0.0, self.deadline_ms - self.arrived_ms)

    def turns_late_ms(self, expected_ms: float) -> float:
        """The moment from which a model call of `expected_ms` would end after the deadline."""
        return self.deadline_ms - min(expected_ms, self.call_ms)


@dataclass(frozen=True, slots=True)
class NextBatch(Generic[T]):
    """What to do now: `model` goes to the model in one call, `template` is answered from templates at
    once."""

    model: tuple[WaitingRequest[T], ...]
    template: tuple[WaitingRequest[T], ...]


class RequestQueue(Generic[T]):
    """Requests from arrival to answer: at most one open request per user, first come first written."""

    def __init__(self, settings: BatchSettings) -> None:
        self._settings = settings
        self._waiting: dict[str, WaitingRequest[T]] = {}  # request_id -> request, in order of arrival
        self._open: dict[str, WaitingRequest[T]] = {}  # user -> request that waits or is being written

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether another request may be offered without growing past the capacity."""
        return len(self._waiting) < self._settings.capacity

    def offer(self, request: WaitingRequest[T]) -> WaitingRequest[T] | None:
        """Take a request in. Returns the one that loses by it: an older open request of the user, or this one
        when it is the older."""
        rival = self._open.get(request.user)
        if rival is not None and rival.n_trig > request.n_trig:
            return request
        if rival is not None:
            self.withdraw(rival)
        self._open[request.user] = request
        self._waiting[request.request_id] = request
        return rival

    def withdraw(self, request: WaitingRequest[T]) -> None:
        """The request is being answered without the model: it waits no more, and stays its user's open
        one."""
        if self._waiting.get(request.request_id) is request:  # not a later one of the same id
            del self._waiting[request.request_id]

    def close(self, request: WaitingRequest[T]) -> None:
        """The request has been answered or given up: its user's next one meets no rival."""
        self.withdraw(request)
        if self._open.get(request.user) is request:
            del self._open[request.user]

    def take(self, now_ms: float, expected_ms: float, idle: bool, most: int | None = None) -> NextBatch[T]:
        """Remove what is due now.

        :param expected_ms: how long one model call takes, as far as known
        :param idle: whether the model can take a batch now; requests whose time runs out leave in any case
        :param most: requests of a batch, where its size is too much for the time there is
        """
        late = tuple(w for w in self._waiting.values() if w.turns_late_ms(expected_ms) <= now_ms)
        for request in late:
            del self._waiting[request.request_id]
        if not idle or not self._is_full_or_old(now_ms):
            return NextBatch((), late)
        size = self._settings.size if most is None else min(most, self._settings.size)
        chosen = tuple(list(self._waiting.values())[:size])
        for request in chosen:
            del self._waiting[request.request_id]
        return NextBatch(chosen, late)

    def next_due_ms(self, expected_ms: float, idle: bool) -> float | None:
        """When `take` next has something to give, in Unix ms; None while nothing waits."""
        if not self._waiting:
            return None
        due_ms = min(w.turns_late_ms(expected_ms) for w in self._waiting.values())
        if not idle:
            return due_ms
        oldest = next(iter(self._waiting.values()))
        full = len(self._waiting) >= self._settings.size
        return min(due_ms, oldest.arrived_ms if full else oldest.arrived_ms + self._settings.wait_ms)

    def _is_full_or_old(self, now_ms: float) -> bool:
        if len(self._waiting) >= self._settings.size:
            return True
        oldest = next(iter(self._waiting.values()), None)
        # one that arrived "later" than now waits since before the clock was set back
        return oldest is not None and not 0 <= now_ms - oldest.arrived_ms < self._settings.wait_ms


def drafts(waiting: int, size: int, most: int) -> int:
    """Drafts per creative of the batch that begins: one while another whole batch of `size` waits, for a
    choice is worth less than copy."""
    return most if waiting < size else 1


def drafts_in_time(before: int, written: int, took_ms: float, call_ms: float, most: int) -> int:
    """How many drafts the next call may write so that it ends in time: half of what took the last one longer
    than `call_ms`, at least one; twice what it wrote within."""
    if took_ms > call_ms:
        return max(1, written // 2)
    return min(most, max(before, 2 * written))


def expected_model_ms(previous_ms: float, measured_ms: float) -> float:
    """What the next model call will take: follows a rise at once and forgets it by a tenth per call."""
    return max(measured_ms, 0.9 * previous_ms)
