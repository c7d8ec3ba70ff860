"""How a process ends: in order when a signal asks it to; with one readable line, nothing flushed and no hang
when it must not go on."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Final, NoReturn

EXIT_CODE: Final = 1
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SHOW_CURSOR: Final = "\x1b[?25h"
"""Faust hides a terminal's cursor while it starts, and shows it only when it ends in its own way."""


class RefusedError(RuntimeError):
    """The worker must not start or go on; the message says what is wrong and what to type."""


def stop_signals() -> tuple[signal.Signals, ...]:
    """What ends a process in order. SIGHUP (a terminal or session that closes) is one of them unless nohup
    had it ignored."""
    kept = (signal.SIGHUP,) if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else ()
    return (signal.SIGINT, signal.SIGTERM, *kept)


def mistake_of(error: BaseException) -> str | None:
    """What an operator can put right, as one line; None for a defect, which is to be shown whole."""
    text = " ".join(str(error).split())
    if isinstance(error, RefusedError):
        return text or "no message"
    if isinstance(error, OSError) and error.filename is not None:  # a file that an operator named
        return f"{error.filename}: {error.strerror}; name another path, or make this one usable"
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return f"{error.strerror}: make room where this is written to, or write to another place"
    if isinstance(error, UnicodeEncodeError) and "surrogate" in error.reason:
        odd = ord(error.object[error.start]) & 0xFF  # how Python keeps a byte of an argument that is no text
        return f"an argument holds byte {odd:#x}, which is not UTF-8; type it as UTF-8"
    if type(error).__module__ == "aiokafka.errors":  # by name: aiokafka takes long to load
        return f"the broker refused or is gone: {text or type(error).__name__}; `shiftcast check` says more"
    return None


def line_of(error: BaseException) -> str:
    """The error as one line; of a defect, with its place in the code."""
    known = mistake_of(error)
    if known is not None:
        return known
    text = " ".join(str(error).split()) or "no message"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" (at {Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{where}"


def say(what: str) -> None:
    """A line that an operator needs at every level of the log."""
    if sys.__stderr__:
        sys.__stderr__.write(f"shiftcast: {what}\n")
        sys.__stderr__.flush()


def end_now(what: str) -> NoReturn:
    """End the process at once; buffers of the log are written, nothing else is."""
    say(what)
    if sys.__stdout__ and sys.__stdout__.isatty():
        sys.__stdout__.write(SHOW_CURSOR)
        sys.__stdout__.flush()
    logging.shutdown()
    os._exit(EXIT_CODE)
