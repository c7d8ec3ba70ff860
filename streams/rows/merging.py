"""A lane's changelog merged into its store, by a restore or a standby: the newest owner's row stays, whatever
an earlier owner appended after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from models.row import HEADER
from streams.rows.ownership import Succession
from streams.rows.rows_on_disk import BEATEN, OWNER_KEY, LaneStore
from streams.wire.output import ChangelogRow
from streams.wire.view import ConsumedRecord

RANKS_KEPT: Final = 100_000
"""Per partition while it is restored: about 20 MB."""
NO_ROW: Final = -(1 << 62)
"""Rank below every row."""
EPOCH_SHIFT: Final = 44
"""A rank is sum of epochs << 44 + sum of fences; higher = newer."""


def row_ranks(values: Sequence[bytes | None]) -> list[int]:
    """Rank per row. None ranks below every row."""
    present = [value[: HEADER.itemsize] for value in values if value is not None]
    headers = np.frombuffer(b"".join(present), HEADER)
    found = (
        (headers["epoch"].sum(axis=1, dtype=np.int64) << EPOCH_SHIFT) + headers["fence"].sum(axis=1)
    ).tolist()
    if len(present) == len(values):
        return list(found)
    known = iter(found)
    return [NO_ROW if value is None else next(known) for value in values]


class Ranks:
    """Ranks of rows in a store that were met while restoring it, so that a key that comes again is not read
    again."""

    def __init__(self, store: LaneStore) -> None:
        self.of: dict[bytes, int] = {}
        self._all = (
            store.offset() < 0
        )  # every row of the store is in `of`: what is not there need not be looked for

    def meet(self, keys: Iterable[bytes], store: LaneStore) -> None:
        """Know the ranks of these keys."""
        if len(self.of) > RANKS_KEPT:
            self.of.clear()
            self._all = False
        unseen = list({key for key in keys if key not in self.of})
        self.of.update(
            zip(
                unseen,
                [NO_ROW] * len(unseen) if self._all else row_ranks(store.get_many(unseen)),
                strict=True,
            )
        )


class Merging:
    """Merges records into one store, in the order of their offsets."""

    def __init__(self, store: LaneStore) -> None:
        self._store = store
        self._ranks = Ranks(store)
        self._succession = Succession(store.owner())
        self._beaten = set(store.beaten())

    def take(self, records: Sequence[ConsumedRecord]) -> None:
        """Write what these records change, and which keys now end in a record that was beaten: the owner
        writes them again, for compaction keeps the last record of a key alone. Raises StoreError."""
        beaten = set(self._beaten)
        changes = self._changes(records, beaten)
        marks: list[ChangelogRow] = [(BEATEN + key, b"") for key in beaten - self._beaten]
        marks += [(BEATEN + key, None) for key in self._beaten - beaten]
        marks.append((OWNER_KEY, self._succession.newest.stamped()[1]))
        last = records[-1]
        self._store.write([*changes.items(), *marks], max(self._store.offset(), last.offset), last.timestamp)
        self._beaten = beaten

    def _changes(self, records: Sequence[ConsumedRecord], beaten: set[bytes]) -> dict[bytes, bytes | None]:
        """Rows by key; `beaten` is brought up to date."""
        self._ranks.meet([record.key or b"" for record in records], self._store)
        known = self._ranks.of
        changes: dict[bytes, bytes | None] = {}
        for record, rank in zip(records, row_ranks([record.value for record in records]), strict=True):
            key, value = record.key or b"", record.value
            lost = self._succession.is_beaten(record.headers)
            if lost is None:  # of a build without owners: the highest fence stays, a removal removes
                lost = rank < known[key] and value is not None
            if lost:
                beaten.add(key)
            else:
                beaten.discard(key)
                changes[key], known[key] = value, rank
        return changes
