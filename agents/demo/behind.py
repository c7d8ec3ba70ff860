"""A process that shares the machine with what must answer at once gets of it what the others leave."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

NICE: Final = 10


def put_behind(pid: int) -> None:
    """Lets the process `pid`, the leader of its session, and all that it starts run behind the others.

    Where Linux schedules whole sessions against each other (sched_autogroup), the niceness of a process
    counts inside its session alone; the session has one of its own.
    """
    os.setpriority(os.PRIO_PROCESS, pid, NICE)
    with suppress(OSError):  # no such file: not Linux, or sessions are no groups there
        Path(f"/proc/{pid}/autogroup").write_text(str(NICE))
