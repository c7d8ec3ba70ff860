"""The one thread in which a model runs, so that the event loop never waits for it, not even when it hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class ModelThread(Generic[T, R]):
    """Runs `work` for one piece at a time. A daemon: a call that never returns does not keep the process from
    ending.

    `remake` gives the work of a thread that replaces one which did not come back: what that one holds may be
    in any state. It runs in the fresh thread and may take long.
    """

    def __init__(self, work: Callable[[T], R], remake: Callable[[], Callable[[T], R]] | None = None) -> None:
        self._remake = remake or (lambda: work)
        self._open: set[asyncio.Future[R]] = set()
        self._begin(lambda: work, lambda _error: None)

    def start(self) -> None:
        """Begin taking work."""
        self._thread.start()

    def submit(self, piece: T) -> asyncio.Future[R]:
        """Have `work(piece)` done; call from the event loop, which gets the future's result or the error
        `work` raised."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        self._pieces.put((piece, future))
        return future

    def replace(self) -> asyncio.Future[None]:
        """Leave a call that does not return behind and go on in a fresh thread; what was submitted fails with
        TimeoutError.

        The future tells when the fresh thread takes work, or the error that `remake` raised: then this one
        takes none, and another `replace` may try again.
        """
        self._pieces.put(None)  # should it ever come back
        for future in [each for each in self._open if not each.done()]:
            future.set_exception(TimeoutError("the call did not return"))
        made: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def told(error: Exception | None) -> None:
            if error is None:
                _tell(made, made.set_result, None)
            else:
                _tell(made, made.set_exception, error)

        self._begin(self._remake, told)
        self._thread.start()
        return made

    def stop(self, grace_s: float) -> bool:
        """Take no more work; whether the thread ended within `grace_s`."""
        self._pieces.put(None)
        self._thread.join(grace_s)
        return not self._thread.is_alive()

    def _begin(self, make: Callable[[], Callable[[T], R]], told: Callable[[Exception | None], None]) -> None:
        self._pieces: SimpleQueue[tuple[T, asyncio.Future[R]] | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=_run, args=(self._pieces, make, told), name="model", daemon=True
        )


def _run(
    pieces: SimpleQueue[tuple[T, asyncio.Future[R]] | None],
    make: Callable[[], Callable[[T], R]],
    told: Callable[[Exception | None], None],
) -> None:
    try:
        work = make()
    except Exception as error:
        told(error)
        return
    told(None)
    while (entry := pieces.get()) is not None:
        piece, future = entry
        try:
            result = work(piece)
        except Exception as error:
            _tell(future, future.set_exception, error)
        else:
            _tell(future, future.set_result, result)


def _tell(future: asyncio.Future[Any], setter: Callable[[Any], None], value: Any) -> None:
    """Hand a value to the loop of `future`, unless nobody waits for it any more."""
    loop = future.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(lambda: None if future.done() else setter(value))
