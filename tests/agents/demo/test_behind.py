"""Pictures leave the machine to what answers requests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from agents.demo.behind import NICE, put_behind


def test_a_process_and_its_session_go_behind_and_others_stay() -> None:
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        put_behind(process.pid)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == NICE
        if (group := Path(f"/proc/{process.pid}/autogroup")).exists():
            assert group.read_text().split()[-1] == str(NICE)
        assert os.getpriority(os.PRIO_PROCESS, 0) == mine
    finally:
        process.communicate(b"\n")
