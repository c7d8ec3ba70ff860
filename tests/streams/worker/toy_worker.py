"""A worker whose rows count events: each user's row must say how many events of each topic it saw, and their
sum."""

from __future__ import annotations

import os
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.row import HEADER, Earlier, RowLayout
from streams import records as r
from streams.settings import Settings
from streams.topics import DAY_MS, TopicSpec
from streams.wire.output import Output
from streams.wire.view import RecordBatch, View
from streams.worker.app import build_app
from streams.worker.engine import attach

TALLY = np.dtype([*HEADER.descr, ("count", "<i8", (2,)), ("total", "<i8"), ("digest", "<u8", (2,))])
EVERY = 10


def topics(prefix: str) -> tuple[TopicSpec, ...]:
    """Two inputs and one output of a test run."""
    return tuple(
        TopicSpec(f"{prefix}.{name}", r.Click, "user", "delete", retention_ms=DAY_MS)
        for name in ("one", "two", "out")
    )


def layout_of(version: int) -> RowLayout:
    """The tally as a build of that version knows it; all look alike."""
    return RowLayout("tally", TALLY, (Earlier(TALLY, np.copy),) * (version - 1))


class Tally:
    """Per user: events and order-sensitive digest per topic, and a total; every tenth event of a user is
    announced."""

    layouts: ClassVar = {
        "t": layout_of(int(os.environ.get("TOY_VERSION", "1"))),
        "n": RowLayout("announced"),
    }

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def apply(self, view: View, batch: RecordBatch) -> None:
        slot = self.names.index(batch.topic)
        index, rows = view.rows([record.key or b"" for record in batch.records])
        tally = rows["t"]
        tally["fence"][tally["version"] == 0] = -1
        changed: NDArray[np.bool_] = np.zeros(len(tally), np.bool_)
        users = view.users()
        for i, record in zip(index.tolist(), batch.records, strict=True):
            row = tally[i]
            if record.offset <= row["fence"][slot]:
                continue
            value = int(record.value or b"")
            row["version"] = self.layouts["t"].version
            row["fence"][slot] = record.offset
            row["count"][slot] += 1
            row["total"] += value
            row["digest"][slot] = (int(row["digest"][slot]) * 31 + value) % (1 << 61)
            changed[i] = True
            if int(row["count"][slot]) % EVERY == 0:
                mark = b"%s:%d:%d" % (users[i], slot, row["count"][slot])
                view.send(Output(self.names[2], users[i], mark))
                view.put(b"n" + users[i], mark)
        view.mark("t", changed)

    def assigned(self, view: View) -> None:
        """Nothing to announce."""

    def before_flush(self, view: View) -> None:
        """Nothing to add."""

    def after_flush(self, view: View, flush: int) -> None:
        """Nothing to announce."""

    def sweep(self, view: View, now_ms: int) -> bool:
        """Nothing to expire."""
        return False


if "TOY_PREFIX" in os.environ:
    _specs = topics(os.environ["TOY_PREFIX"])
    app = build_app(Settings.from_environ(os.environ), "toy", _specs[:2])
    engine = attach(app, Tally([spec.name for spec in _specs]))
