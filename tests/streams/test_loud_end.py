"""What ends a process in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

import pytest

from streams.loud_end import stop_signals
from streams.worker.app import end_on_hangup


@pytest.mark.parametrize(
    ("inherited", "sent", "told"),
    [
        (signal.SIG_DFL, (signal.SIGHUP,), signal.SIGTERM),
        (signal.SIG_IGN, (signal.SIGHUP, signal.SIGUSR1), signal.SIGUSR1),  # what nohup leaves behind
    ],
)
def test_a_hangup_is_told_as_sigterm_unless_it_was_ignored(
    inherited: signal.Handlers, sent: Sequence[signal.Signals], told: signal.Signals
) -> None:
    async def first() -> signal.Signals:
        news: asyncio.Queue[signal.Signals] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGUSR1):
            loop.add_signal_handler(number, news.put_nowait, number)
        end_on_hangup()
        for number in sent:
            signal.raise_signal(number)
        return await news.get()

    before = signal.signal(signal.SIGHUP, inherited)
    try:
        assert (signal.SIGHUP in stop_signals()) == (inherited is signal.SIG_DFL)
        assert asyncio.run(first()) is told
    finally:
        signal.signal(signal.SIGHUP, before)
