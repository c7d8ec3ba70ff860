"""A coroutine run as far as it goes without waiting: one that never waits needs no task."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any


def begun(coroutine: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any] | None:
    """Run until it first waits. None = it has ended; else what is left of it, to be awaited. Raises what it
    raises."""
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return _rest(coroutine, awaited)


async def _rest(coroutine: Coroutine[Any, Any, Any], awaited: Any) -> Any:
    return await _resumed(coroutine, awaited)


@types.coroutine
def _resumed(coroutine: Coroutine[Any, Any, Any], awaited: Any) -> Generator[Any, Any, Any]:
    step: Callable[[Any], Any]
    while True:
        try:
            sent = yield awaited
        except BaseException as error:  # a cancellation too belongs inside
            step, given = coroutine.throw, error
        else:
            step, given = coroutine.send, sent
        try:
            awaited = step(given)
        except StopIteration as end:
            return end.value
