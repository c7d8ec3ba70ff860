"""Golden rows of the feedback app, as tests/golden/golden_rows.py keeps those of the profile app.

`python -m tests.golden.feedback_rows` keeps rows of today for each kind whose version has none yet. The first
versions of `t` and `q` were written by hand, in the form that builds of before had.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

import msgspec

from agents.feedback.workload import FeedbackWorkload
from models.measured.arm_memory import ArmMemory
from models.measured.totals import Totals
from streams import records as r
from streams.rows.row_versions import RowVersions
from tests.agents.feedback.outcome_log import history
from tests.agents.feedback.test_workload import run

FOLDER: Final = Path(__file__).parent / "feedback_rows"
LAYOUTS: Final = FeedbackWorkload.layouts
KEPT: Final = 4
"""Rows kept of a kind."""
_FORMS: Final[dict[str, Any]] = {"t": Totals, "q": ArmMemory, "k": int}


def told(key: bytes, stored: bytes) -> Any:
    """What today's build reads in a stored row. Raises RefusedError."""
    kind, payload = chr(key[0]), RowVersions(LAYOUTS, partition=3).payload(stored)
    if kind == "s":
        return msgspec.to_builtins(msgspec.json.decode(payload, type=r.Outcome))
    return json.loads(msgspec.json.encode(msgspec.msgpack.decode(payload, type=_FORMS[kind])))


def keep() -> None:
    """Write the files that are missing."""
    worker = run(history(11), 11, k=50)
    worker.sweep()
    worker.flush()
    rows = worker.lane.store.rows
    for kind, layout in LAYOUTS.items():
        path = FOLDER / kind / f"{layout.version}.json"
        if path.exists():
            continue
        some = sorted((key for key in rows if key[:1] == kind.encode()), key=lambda key: -len(rows[key]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[\n" + ",\n".join(_line(key, rows[key]) for key in some[:KEPT]) + "\n]\n")
        print(f"kept {path}")


def _line(key: bytes, stored: bytes) -> str:
    written = base64.b64encode(stored).decode()
    return json.dumps({"key": key.decode("latin-1"), "stored": written, "says": told(key, stored)})


if __name__ == "__main__":
    keep()
