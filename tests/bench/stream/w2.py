"""W2, the workload of the like-for-like comparison: 600-byte rows, decayed vector and counters, last ads,
fence; as pure functions."""

from __future__ import annotations

import os
from typing import Any, ClassVar

import msgspec
import numpy as np
from numba.types import bool_, float32, int32, int64
from numpy.typing import NDArray

from models.arrays import Rows
from models.kernels.argument_types import matrix, rows, vector
from models.kernels.compiled import kernel
from models.row import FENCES, RowLayout
from streams import records as r
from streams.topics import DAY_MS, TopicSpec
from streams.wire.record_columns import offsets_of, record_keys_of, values_of
from streams.wire.view import RecordBatch, View

DIM = 64
ADS = 8
ITEMS = 4096
HALF_LIFE_MS = 3_600_000.0
ROW = np.dtype(
    [
        ("version", "u1"),
        ("kind", "u1"),
        ("flags", "<u2"),
        ("catalog_version", "<u4"),
        ("fence", "<i8", (FENCES,)),
        ("epoch", "<u2", (FENCES,)),
        ("last_ts", "<i8"),
        ("seen", "<i8", (2,)),  # events per topic, exact
        ("checksum", "<u8", (2,)),  # of the events of each topic, in order
        ("counters", "<f4", (26,)),
        ("ads", "<i4", (ADS,)),
        ("vector", "<f4", (DIM,)),
        ("spare", "u1", (80,)),
    ]
)
assert ROW.itemsize == 600


class Event(msgspec.Struct, gc=False):
    """The fields of an event that the update reads."""

    ts: int
    item: int


DECODER = msgspec.json.Decoder(Event)


def topics(prefix: str) -> tuple[TopicSpec, ...]:
    """The two inputs."""
    return tuple(
        TopicSpec(f"{prefix}.{name}", r.Click, "user", "delete", retention_ms=DAY_MS)
        for name in ("impression", "click")
    )


def event_json(number: int, ts: int, user: int, item: int, click: bool) -> bytes:
    """One event of 244 to 253 bytes as an ad server would send it."""
    kind = "click" if click else "impression"
    return (
        f'{{"id":"{kind}-{number:012d}","ts":{ts},"user":"u{user:08d}","item":{item},'
        f'"campaign_id":"c{item % 50:04d}",'
        f'"slot":"banner_300x250","device":{{"devicetype":4,"os":"android","geo":{{"country":"DE","utcoffset":60}}}},'
        f'"regs":{{"gdpr":1}},"auction_id":"a{number:08d}"}}'
    ).encode()


@kernel(
    rows(ROW), vector(int32), vector(int64), vector(int64), vector(int32), matrix(float32), int64,
    vector(bool_),
)  # fmt: skip
def update(
    known: Any,
    users: NDArray[np.int32],
    offsets: NDArray[np.int64],
    stamps: NDArray[np.int64],
    items: NDArray[np.int32],
    vectors: NDArray[np.float32],
    source: int,
    changed: NDArray[np.bool_],
) -> None:
    """Every event in order: decay by age, add the item's vector, count, remember the ad. Replayed offsets
    change nothing."""
    for i in range(len(users)):
        row = known[users[i]]
        if row["version"] == 0:
            row["version"] = 1
            row["kind"] = 112
            for j in range(row["fence"].shape[0]):
                row["fence"][j] = -1
            row["last_ts"] = stamps[i]
        if offsets[i] <= row["fence"][source]:
            continue
        row["fence"][source] = offsets[i]
        age = max(0, stamps[i] - row["last_ts"])
        keep = np.float32(0.5 ** (age / HALF_LIFE_MS))
        row["last_ts"] = max(row["last_ts"], stamps[i])
        gain = np.float32(0.05 if source == 0 else 0.3)
        item = items[i]
        for j in range(DIM):
            row["vector"][j] = row["vector"][j] * keep + gain * vectors[item, j]
        for j in range(row["counters"].shape[0]):
            row["counters"][j] *= keep
        row["counters"][item % row["counters"].shape[0]] += gain
        row["ads"][row["seen"][source] % ADS] = item
        row["seen"][source] += 1
        row["checksum"][source] = row["checksum"][source] * np.uint64(31) + np.uint64(item + 1)
        changed[users[i]] = True


def item_vectors() -> NDArray[np.float32]:
    """Unit vectors of the items, shape (ITEMS, DIM)."""
    vectors = np.random.default_rng(7).standard_normal((ITEMS, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class ProfileUpdate:
    """The workload: decode, gather, kernel, mark."""

    layouts: ClassVar = {"p": RowLayout("profile", ROW)}

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.vectors = item_vectors()
        self.apply_columns(np.zeros(1, ROW), np.zeros(1, np.int32), np.zeros(1, np.int64), [Event(0, 0)], 0)

    def apply(self, view: View, batch: RecordBatch) -> None:
        events = [DECODER.decode(value) for value in values_of(batch.records)]
        users, rows = view.rows(record_keys_of(batch.records))
        offsets = offsets_of(batch.records)
        view.mark("p", self.apply_columns(rows["p"], users, offsets, events, self.names.index(batch.topic)))

    def apply_columns(
        self,
        rows: Rows,
        users: NDArray[np.int32],
        offsets: NDArray[np.int64],
        events: list[Event],
        source: int,
    ) -> NDArray[np.bool_]:
        """Update copies in place; which of them changed."""
        changed = np.zeros(len(rows), np.bool_)
        stamps = np.fromiter((event.ts for event in events), np.int64, len(events))
        items = np.fromiter((event.item for event in events), np.int32, len(events))
        update(rows, users, offsets, stamps, items, self.vectors, source, changed)
        return changed

    def assigned(self, view: View) -> None:
        """Nothing to announce."""

    def before_flush(self, view: View) -> None:
        """Nothing to add."""

    def after_flush(self, view: View, flush: int) -> None:
        """Nothing to announce."""

    def sweep(self, view: View, now_ms: int) -> bool:
        """Nothing to expire."""
        return False


if "W2_PREFIX" in os.environ:
    from streams.settings import Settings
    from streams.worker.app import build_app
    from streams.worker.engine import attach

    _specs = topics(os.environ["W2_PREFIX"])
    app = build_app(Settings.from_environ(os.environ), "w2", _specs)
    engine = attach(app, ProfileUpdate([spec.name for spec in _specs]))
