"""The store of pictures is asked beside the loop, and costs it nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from agents.generation import store_looks
from agents.generation.store_looks import FOUND_S, MISSING_S, THREADS, Look, StoreLooks
from agents.rendering.files.store import Noted

PATIENT_S = 60.0
NOTED = Noted(1, [])


def found(look: Look, *contents: str, now_s: Callable[[], float] = lambda: 0.0) -> list[str]:
    return list(asyncio.run(StoreLooks(look, now_s).found(contents, PATIENT_S)).noted)


def test_contents_are_looked_up_side_by_side() -> None:
    both = threading.Barrier(THREADS, timeout=PATIENT_S)

    def meets(_content: str) -> Noted:
        both.wait()
        return NOTED

    assert found(meets, "a", "b", "c", "d") == ["a", "b", "c", "d"]


def test_what_was_found_in_time_is_kept() -> None:
    go = threading.Event()

    def hangs_on_one(content: str) -> Noted:
        if content == "slow":
            go.wait()
        return NOTED

    async def story() -> None:
        looks = StoreLooks(hangs_on_one)
        tries = [list((await looks.found(["a", "b", "slow"], 0.05)).noted) for _ in range(100)]
        assert ["a", "b"] in tries and not any("slow" in each for each in tries)
        go.set()

    asyncio.run(story())


def test_a_store_that_hangs_is_asked_no_more_and_holds_no_thread_of_the_loop() -> None:
    go, asked = threading.Event(), []

    def hangs(content: str) -> None:
        asked.append(content)
        go.wait()

    async def story() -> None:
        looks = StoreLooks(hangs)
        before = threading.active_count()
        for n in range(40):
            known = await looks.found([f"{n}a", f"{n}b", f"{n}c"], 0.01)
            assert known.noted == {}
        assert threading.active_count() <= before + THREADS
        await asyncio.wait_for(asyncio.to_thread(lambda: None), PATIENT_S)
        go.set()
        while (await looks.found(["again"], PATIENT_S)).noted != {"again": None}:
            await asyncio.sleep(0)
        assert (await looks.found([asked[0]], PATIENT_S)).noted == {asked[0]: None}

    asyncio.run(story())
    assert len(asked) == THREADS + 1, "what came back late is remembered, what nobody waits for is not asked"


def test_the_process_ends_while_the_store_hangs() -> None:
    code = """
import asyncio, threading
from agents.generation.store_looks import StoreLooks
asyncio.run(StoreLooks(lambda _: threading.Event().wait()).found(["a"], 0.01))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENT_S)


def test_contents_are_remembered_those_not_there_for_a_moment() -> None:
    asked: list[str] = []
    now_s = [0.0]

    def looks_up(content: str) -> Noted | None:
        asked.append(content)
        return NOTED if content == "there" else None

    looks = StoreLooks(looks_up, lambda: now_s[0])

    def ask(at_s: float) -> list[str]:
        now_s[0] = at_s
        asked.clear()
        assert asyncio.run(looks.found(["there", "gone"], PATIENT_S)).noted == {"there": NOTED, "gone": None}
        return sorted(asked)

    assert ask(0) == ["gone", "there"]
    assert ask(MISSING_S - 0.1) == []
    assert ask(MISSING_S) == ["gone"]
    assert ask(FOUND_S) == ["gone", "there"]


def test_no_more_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_looks, "MOST", 2)
    looks = StoreLooks(lambda _content: NOTED)
    asyncio.run(looks.found(["a", "b", "c", "d"], PATIENT_S))
    assert len(looks._known) == 2


def test_one_that_fails_leaves_the_others() -> None:
    def fails_on_one(content: str) -> Noted:
        if content == "a":
            raise OSError("no answer")
        return NOTED

    known = asyncio.run(StoreLooks(fails_on_one).found(["a", "b"], PATIENT_S))
    assert known.noted == {"b": NOTED} and str(known.error) == "no answer"
