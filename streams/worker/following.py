"""Reference data of a worker: read to its end before the first event is taken, then followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from streams.broker.follow import Follower, OnRecord
from streams.loud_end import end_now, line_of
from streams.topics import TopicSpec
from streams.worker.app import BatchApp

_CHECK_S: Final = 5.0


def follow_first(
    app: BatchApp, topics: Sequence[TopicSpec], on_record: OnRecord, begun: Callable[[], object] | None = None
) -> None:
    """Let the app begin only when `topics` are read to their ends and `begun` was called; end the process
    with one line when they can no longer be followed. Call after the workload is attached."""
    follower = Follower(app.settings, topics, on_record)
    connect, disconnect = app.connect, app.disconnect

    async def start() -> None:
        await follower.start()
        if begun is not None:
            begun()
        if connect is not None:
            await connect()

    async def stop() -> None:
        await follower.stop()
        if disconnect is not None:
            await disconnect()

    async def check_follower() -> None:
        if follower.failed is not None:
            names = ", ".join(spec.name for spec in topics)
            end_now(f"no longer following {names}: {line_of(follower.failed)}")

    app.connect, app.disconnect = start, stop
    app.timer(_CHECK_S)(check_follower)
