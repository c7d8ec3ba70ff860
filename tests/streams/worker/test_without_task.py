"""A coroutine that was begun outside of a task goes on in one as if nothing had happened."""

from __future__ import annotations

import asyncio

import pytest

from streams.worker.consumer.without_task import begun


async def at_once(done: list[str]) -> None:
    done.append("ended")


async def waits(gate: asyncio.Event, done: list[str]) -> str:
    done.append("begun")
    try:
        await gate.wait()
        await asyncio.sleep(0)
        await gate.wait()
    finally:
        done.append("ended")
    return "result"


def test_what_does_not_wait_ends_at_once() -> None:
    done: list[str] = []
    assert begun(at_once(done)) is None
    assert done == ["ended"]


def test_what_waits_goes_on_when_it_is_awaited() -> None:
    async def run() -> None:
        gate, done = asyncio.Event(), list[str]()
        rest = begun(waits(gate, done))
        assert rest is not None and done == ["begun"]
        task = asyncio.ensure_future(rest)
        await asyncio.sleep(0)
        assert not task.done()
        gate.set()
        assert await task == "result"
        assert done == ["begun", "ended"]

    asyncio.run(run())


def test_a_cancellation_arrives_inside() -> None:
    async def run() -> None:
        gate, done = asyncio.Event(), list[str]()
        rest = begun(waits(gate, done))
        assert rest is not None
        task = asyncio.ensure_future(rest)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done == ["begun", "ended"]

    asyncio.run(run())


def test_an_error_is_raised_where_it_occurs() -> None:
    async def fails(gate: asyncio.Event | None) -> None:
        if gate is not None:
            await gate.wait()
        raise KeyError

    async def run() -> None:
        with pytest.raises(KeyError):
            begun(fails(None))
        gate = asyncio.Event()
        rest = begun(fails(gate))
        assert rest is not None
        gate.set()
        with pytest.raises(KeyError):
            await rest

    asyncio.run(run())
