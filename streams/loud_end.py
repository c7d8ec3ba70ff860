"""How a process ends: in order when a signal asks it to; with one readable line, nothing flushed and no hang
when it must not go on."""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Final, NoReturn

EXIT_CODE: Final = 1
SHOW_CURSOR: Final = "\x1b[?25h"
"""Faust hides a terminal's cursor while it starts, and shows it only when it ends in its own way."""


class RefusedError(RuntimeError):
    """The worker must not start or go on; the message says what is wrong and what to type."""


def stop_signals() -> tuple[signal.Signals, ...]:
    """What ends a process in order. SIGHUP (a terminal or session that closes) is one of them unless nohup
    had it ignored."""
    kept = (signal.SIGHUP,) if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else ()
    return (signal.SIGINT, signal.SIGTERM, *kept)


def line_of(error: BaseException) -> str:
    """The error as one line."""
    text = " ".join(str(error).split()) or "no message"
    if isinstance(error, RefusedError):
        return text
    frames = traceback.extract_tb(error.__traceback__)
    where = f" (at {Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{where}"


def end_now(what: str) -> NoReturn:
    """End the process at once; buffers of the log are written, nothing else is."""
    sys.__stderr__.write(f"shiftcast: {what}\n") if sys.__stderr__ else None
    if sys.__stdout__ and sys.__stdout__.isatty():
        sys.__stdout__.write(SHOW_CURSOR)
        sys.__stdout__.flush()
    logging.shutdown()
    os._exit(EXIT_CODE)
