"""The generator's queue: who is written, who gets the template, who is superseded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.choice.request_queue import (
    BatchSettings,
    RequestQueue,
    WaitingRequest,
    drafts,
    drafts_in_time,
    expected_model_ms,
)

SETTINGS = BatchSettings(size=4, wait_ms=5, capacity=6)


def waiting(
    n: int, user: str | None = None, n_trig: int = 1, arrived_ms: float = 0, deadline_ms: float = 1_000
) -> WaitingRequest[int]:
    return WaitingRequest(f"rq_{n:016x}", user or f"u{n}", n_trig, arrived_ms, deadline_ms, n)


def payloads(requests: tuple[WaitingRequest[int], ...]) -> list[int]:
    return [r.payload for r in requests]


def test_a_full_batch_leaves_at_once_and_in_order() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    for n in range(5):
        assert queue.offer(waiting(n)) is None
    batch = queue.take(now_ms=0, expected_ms=20, idle=True)
    assert payloads(batch.model) == [0, 1, 2, 3]
    assert len(queue) == 1


def test_a_small_batch_waits_for_company_then_leaves() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    queue.offer(waiting(0))
    assert queue.take(4.9, 20, idle=True).model == ()
    assert queue.next_due_ms(20, idle=True) == 5
    assert payloads(queue.take(5, 20, idle=True).model) == [0]


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    queue.offer(waiting(0, arrived_ms=3_600_000, deadline_ms=3_601_000))
    queue.offer(waiting(1))
    assert payloads(queue.take(0, 20, idle=True).model) == [0, 1]


def test_the_newest_request_of_a_user_wins_also_against_one_being_written() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    first, second, third = waiting(0, "u", 1), waiting(1, "u", 2), waiting(2, "u", 3)
    queue.offer(first)
    assert queue.offer(second) is first
    assert payloads(queue.take(5, 20, idle=True).model) == [1]
    assert queue.offer(third) is second
    queue.close(second)
    assert queue.offer(waiting(3, "u", 2)) is not None  # the third is still the open one
    queue.close(third)
    assert queue.offer(waiting(4, "u", 1)) is None


def test_an_older_request_that_arrives_later_loses() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    queue.offer(waiting(0, "u", 7))
    late = waiting(1, "u", 6)
    assert queue.offer(late) is late
    assert payloads(queue.take(5, 20, idle=True).model) == [0]


def test_what_the_model_cannot_finish_in_time_gets_the_template_even_while_the_model_is_busy() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    queue.offer(waiting(0, deadline_ms=100))
    assert queue.next_due_ms(30, idle=False) == 70
    assert queue.take(69, 30, idle=False).template == ()
    batch = queue.take(70, 30, idle=False)
    assert (payloads(batch.template), batch.model) == ([0], ())


def test_a_deadline_already_past_means_template_at_once() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    queue.offer(waiting(0, arrived_ms=500, deadline_ms=400))
    batch = queue.take(500, 0, idle=True)
    assert (payloads(batch.template), batch.model) == ([0], ())


def test_one_slow_call_does_not_end_all_trying() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    queue.offer(waiting(0, deadline_ms=1_000))
    assert payloads(queue.take(5, expected_ms=60_000, idle=True).model) == [0]


def test_creatives_get_the_best_of_several_drafts_unless_another_batch_waits() -> None:
    assert [drafts(waiting, 4, most=3) for waiting in (0, 3, 4, 9)] == [3, 3, 1, 1]


def test_a_full_queue_says_so() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    for n in range(SETTINGS.capacity):
        assert queue.has_room
        queue.offer(waiting(n))
    assert not queue.has_room
    queue.take(5, 20, idle=True)
    assert queue.has_room


def test_the_expected_time_follows_a_rise_at_once_and_a_fall_slowly() -> None:
    assert expected_model_ms(10, 50) == 50
    assert expected_model_ms(50, 10) == 45


@given(
    arrivals=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 40)), max_size=60),
    model_ms=st.integers(1, 60),
    deadline_ms=st.integers(5, 120),
)
def test_every_request_ends_exactly_once_and_never_later_than_its_deadline(
    arrivals: list[tuple[int, int, int]], model_ms: int, deadline_ms: int
) -> None:
    """A model that always takes `model_ms`, driven by the queue's own alarm clock: no request is lost,
    doubled or forgotten."""
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    ended: list[str] = []
    now, n, free_at, writing = 0.0, 0, 0.0, list[WaitingRequest[int]]()
    offered = 0
    while n < len(arrivals) or len(queue) or writing:
        if writing and now >= free_at:
            for request in writing:
                if request.request_id not in ended:
                    ended.append(request.request_id)
                queue.close(request)
            writing = []
        batch = queue.take(now, model_ms, idle=not writing)
        for request in batch.template:
            assert now <= request.deadline_ms + 1e-9
            ended.append(request.request_id)
            queue.close(request)
        if batch.model:
            assert len(batch.model) <= SETTINGS.size
            writing, free_at = list(batch.model), now + model_ms
        upcoming = [free_at] if writing else []
        due = queue.next_due_ms(model_ms, idle=not writing)
        upcoming += [due] if due is not None else []
        if n < len(arrivals) and queue.has_room:
            user, n_trig, gap = arrivals[n]
            now = min([now + gap, *(t for t in upcoming if t > now)])
            loser = queue.offer(waiting(offered, f"u{user}", n_trig, now, now + deadline_ms))
            offered, n = offered + 1, n + 1
            if loser is not None:
                ended.append(loser.request_id)
        elif upcoming:
            now = max(now, min(upcoming))
        else:
            assert not len(queue), "something waits and nothing will wake the caller"
    assert sorted(ended) == sorted({f"rq_{i:016x}" for i in range(offered)})


def test_a_call_that_ends_too_late_halves_the_next_and_one_in_time_doubles_it() -> None:
    assert drafts_in_time(144, 48, 1_500, 1_000, 144) == 24
    assert drafts_in_time(24, 1, 1_500, 1_000, 144) == 1, "it is tried again: a machine may come free"
    assert drafts_in_time(3, 3, 400, 1_000, 144) == 6
    assert drafts_in_time(24, 2, 400, 1_000, 144) == 24, "a small call says nothing against a larger one"
    assert drafts_in_time(144, 100, 400, 1_000, 144) == 144


def test_a_batch_takes_no_more_requests_than_it_is_told() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    requests = [waiting(n) for n in range(4)]
    for request in requests:
        queue.offer(request)
    assert payloads(queue.take(0, 20, True, 1).model) == [0]
    queue.withdraw(requests[1])
    assert payloads(queue.take(900, 20, True).model) == [2, 3], "one was answered without the model"


def test_what_was_given_up_takes_no_later_request_of_the_same_id_with_it() -> None:
    queue: RequestQueue[int] = RequestQueue(SETTINGS)
    given_up, again = waiting(1), waiting(1)
    queue.offer(given_up)
    queue.close(given_up)
    queue.offer(again)
    queue.close(given_up)
    assert len(queue) == 1 and queue.offer(waiting(2, "u1", n_trig=2)) is again
