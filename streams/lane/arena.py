"""The memory of one lane: fixed-size rows of recently seen users, changed in place and written behind.

A user has one slot, shared by all kinds. Rows are kept and moved as 8-byte words: numpy copies structured
rows field by field. The store holds rows in the sparse form of streams/rows/sparse_rows.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final, Protocol

import numpy as np
from numba.types import bool_, int32
from numpy.typing import NDArray

from models.arrays import Rows
from models.kernels.argument_types import vector
from models.kernels.compiled import kernel
from streams.metrics.lanes import EVICTIONS
from streams.rows.row_versions import RowVersions
from streams.rows.sparse_rows import (
    most_sparse_bytes,
    packed_words,
    replace,
    row_words,
    row_words_of,
    rows_of,
    unpack_into,
)

EVICTED_SHARE: Final = 16
"""An eviction frees at least 1/16 of the slots, so that its cost is spread over many batches."""

RECORD_BYTES: Final = 32
"""What one changed row adds to a record batch beside key and value, at most."""

LEAST_USERS: Final = 2_048
"""With so many any lane works: a larger batch is applied in parts, a sweep loads MOST_SWEPT at most. 7 MiB of
a profile lane."""

Slots = NDArray[np.int32]


class RowStore(Protocol):
    """The durable rows of one lane: RocksDB in a worker, a dict in tests."""

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Values by key, None where there is none. Raises OSError."""

    def scan(self, prefix: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Pairs with this prefix and a key > after, by key. Raises OSError."""


def users_per_lane(arena_bytes: int, kinds: Mapping[str, np.dtype[np.void]], lanes: int) -> int:
    """How many users each of `lanes` holds: its share of `arena_bytes`, and LEAST_USERS however many lanes
    there are. Without rows of users nobody needs a place."""
    if not kinds:
        return LEAST_USERS
    return max(arena_bytes // slot_bytes(kinds) // lanes, LEAST_USERS)


def slot_bytes(kinds: Mapping[str, np.dtype[np.void]]) -> int:
    """What one user occupies, about: the rows, the key and its places in the look-up."""
    return sum(dtype.itemsize for dtype in kinds.values()) + 200


def most_changed_bytes(kinds: Mapping[str, np.dtype[np.void]]) -> int:
    """What one user's rows add to a record batch beside the user's key, at most."""
    return sum(RECORD_BYTES + 1 + most_sparse_bytes(dtype.itemsize) for dtype in kinds.values())


class ArenaFullError(RuntimeError):
    """More changed rows than slots: the lane must flush before it takes a batch (`Arena.room`)."""


class Arena:
    """Rows of at most `capacity` users. Clean rows may be evicted at any time, changed ones only after a
    flush."""

    def __init__(self, versions: RowVersions, capacity: int, store: RowStore) -> None:
        kinds = versions.dtypes
        if len(kinds) > 8:
            raise ValueError("an arena has at most 8 kinds")
        self.capacity = capacity
        self.kinds = dict(kinds)
        self.evictions = 0
        self._store = store
        self._versions = versions
        self._bit = {kind: 1 << i for i, kind in enumerate(kinds)}
        self._words = {
            kind: np.zeros((capacity, row_words(dtype.itemsize)), np.uint64) for kind, dtype in kinds.items()
        }
        self._dirty = np.zeros(capacity, np.uint8)
        self._index = np.full(capacity, -1, np.int32)  # scratch of `distinct`
        self._recent = np.zeros(capacity, np.bool_)
        self._key_bytes = np.zeros(
            capacity, np.int64
        )  # what a changed row's key adds to a record batch, with the record itself
        self._key_heads = np.zeros(
            (capacity, 2), np.uint64
        )  # by these rows are written in the order of their keys, nearly
        self._value_bytes = {
            kind: np.zeros(capacity, np.int64) for kind in kinds
        }  # of changed rows, in their stored form
        self._keys: list[bytes] = [b""] * capacity
        self._slot_of: dict[bytes, int] = {}
        self._free = list(range(capacity - 1, -1, -1))
        self.dirty_bytes = 0
        self._dirty_users = 0

    def __len__(self) -> int:
        return len(self._slot_of)

    def room(self) -> int:
        """How many users can be loaded without a flush."""
        return self.capacity - self._dirty_users

    def slots(self, keys: Sequence[bytes]) -> Slots:
        """Slot per key, shape (len(keys),); users not in memory are read from the store. Raises
        ArenaFullError, OSError."""
        slot_of, wanted = self._slot_of, set(keys)
        if missing := wanted.difference(slot_of):
            self._load(sorted(missing), wanted)
        return np.fromiter(map(slot_of.__getitem__, keys), np.int32, len(keys))

    def distinct(self, slots: Slots) -> tuple[Slots, NDArray[np.int32]]:
        """Each slot once, in the order of its first, and per slot the index of that one. These users were
        seen now."""
        return _distinct(slots, self._index, self._recent)

    def gather(self, kind: str, slots: Slots) -> Rows:
        """Copies of rows, shape (len(slots),)."""
        return rows_of(self._words[kind].take(slots, 0), self.kinds[kind])

    def scatter(self, kind: str, slots: Slots, rows: Rows, changed: NDArray[np.bool_]) -> None:
        """Replace the rows at `slots`, which are unique, by those of `rows` that `changed` says, and note
        that they changed."""
        words, key_bytes, sizes = self._words[kind], self._key_bytes, self._value_bytes[kind]
        more = replace(
            row_words_of(rows), changed, words, slots, key_bytes, sizes, self._dirty, self._bit[kind]
        )
        self.dirty_bytes += more[0]
        self._dirty_users += more[1]

    def keys(self, slots: Slots) -> list[bytes]:
        """User key of each slot."""
        return list(map(self._keys.__getitem__, slots.tolist()))

    def dirty(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Row key and stored form of every changed row; None = removed (version 0). By kind and key: so a
        store takes them fastest."""
        slots = np.flatnonzero(self._dirty).astype(np.int32)
        first, second = self._key_heads[slots].T
        slots = slots[np.lexsort((second, first))]
        for kind in self.kinds:
            yield from self._changed(kind, slots)

    def touch(self, kind: str, keys: Sequence[bytes]) -> None:
        """Have these rows written again by the next flush, unchanged."""
        slots = np.unique(self.slots(keys))
        self.scatter(kind, slots, self.gather(kind, slots), np.ones(len(slots), np.bool_))

    def cleaned(self) -> None:
        """Every changed row is durable."""
        self._dirty[:] = 0
        self.dirty_bytes = self._dirty_users = 0

    def overlay(self, kind: str) -> dict[bytes, bytes | None]:
        """The changed rows of one kind by row key, for scans."""
        return dict(self._changed(kind, np.flatnonzero(self._dirty).astype(np.int32)))

    def _changed(self, kind: str, slots: Slots) -> Iterator[tuple[bytes, bytes | None]]:
        slots = slots[self._dirty[slots] & self._bit[kind] != 0]
        prefix = kind.encode()
        keys = [prefix + key for key in self.keys(slots)]
        values = packed_words(
            self._words[kind], slots, self._value_bytes[kind][slots], self.kinds[kind].itemsize
        )
        return zip(
            keys, [value if value[0] else None for value in values], strict=True
        )  # a row begins with its version

    def _load(self, keys: list[bytes], pinned: Set[bytes]) -> None:
        if len(self._free) < len(keys):
            self._evict(len(keys) - len(self._free), pinned)
        slots = [self._free.pop() for _ in keys]
        values = self._store.get_many([kind.encode() + key for kind in self.kinds for key in keys])
        where = np.array(slots, np.int32)
        for i, kind in enumerate(self.kinds):
            self._fill(kind, where, values[i * len(keys) : (i + 1) * len(keys)])
        for key, slot in zip(keys, slots, strict=True):
            self._keys[slot] = key
            self._slot_of[key] = slot
        self._key_bytes[where] = [RECORD_BYTES + 1 + len(key) for key in keys]
        self._key_heads[where] = np.frombuffer(
            b"".join([key[:16].ljust(16, b"\0") for key in keys]), ">u8"
        ).reshape(-1, 2)

    def _fill(self, kind: str, slots: Slots, values: Sequence[bytes | None]) -> None:
        words = self._words[kind]
        bad = unpack_into(values, self.kinds[kind].itemsize, words, slots)
        if bad >= 0 or not self._are_today(kind, slots, len(values) - values.count(None)):
            found = {i: value for i, value in enumerate(values) if value is not None}
            words[slots] = 0
            words[slots[list(found)]] = row_words_of(self._versions.rows(kind, list(found.values())))

    def _are_today(self, kind: str, slots: Slots, stored: int) -> bool:
        """Whether all rows just read, of which so many are stored, are of the version of today: a row begins
        with its version."""
        versions = self._words[kind][slots, 0] & np.uint64(0xFF)
        return int(np.count_nonzero(versions == np.uint64(self._versions.known[kind]))) == stored

    def _evict(self, needed: int, pinned: Set[bytes]) -> None:
        """Second chance: clean users not seen since the last round go first."""
        keep = self._dirty != 0
        keep[[self._slot_of[key] for key in pinned if key in self._slot_of]] = True
        keep[self._free] = True
        wanted = max(needed, self.capacity // EVICTED_SHARE)
        victims = np.flatnonzero(~keep & ~self._recent)
        if len(victims) < wanted:
            self._recent[:] = False
            victims = np.concatenate([victims, np.setdiff1d(np.flatnonzero(~keep), victims)])
        if len(victims) < needed:
            raise ArenaFullError(f"{needed} slots needed, {len(victims)} of {self.capacity} are clean")
        for slot in victims[:wanted].tolist():
            del self._slot_of[self._keys[slot]]
            self._free.append(slot)
        evicted = min(wanted, len(victims))
        self.evictions += evicted
        EVICTIONS.inc(evicted)


@kernel(vector(int32), vector(int32), vector(bool_))
def _distinct(
    slots: Slots, index: NDArray[np.int32], recent: NDArray[np.bool_]
) -> tuple[Slots, NDArray[np.int32]]:
    """`index` is -1 everywhere, before and after."""
    found, inverse, n = np.empty_like(slots), np.empty(len(slots), np.int32), 0
    for i in range(len(slots)):
        slot = slots[i]
        if index[slot] < 0:
            index[slot] = n
            found[n] = slot
            recent[slot] = True
            n += 1
        inverse[i] = index[slot]
    for i in range(n):
        index[found[i]] = -1
    return found[:n].copy(), inverse


def bytes_of(rows: Rows) -> list[bytes]:
    """Each row as bytes."""
    size, blob = rows.itemsize, rows.tobytes()
    return [blob[i : i + size] for i in range(0, len(blob), size)]
