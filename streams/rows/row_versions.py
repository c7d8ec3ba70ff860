"""From the stored rows of one lane, of whatever version, to rows of today. What a newer build wrote, and what
is damaged, ends the worker with one line."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from models.arrays import Rows
from models.row import HEADER, RowLayout, UnknownRowError
from streams.loud_end import RefusedError
from streams.rows.sparse_rows import row_size, unpacked

NEWER: Final = (
    "A newer build wrote it and this one changed nothing of it: start that build here too (`git pull && make "
    "setup`, or its image)"
)
_DEFLATED: Final = 1
"""Bit of a variable-size row's flags."""
_RAW: Final = -15
"""Deflate without a frame: RocksDB and Kafka have checksums of their own."""
DAMAGED: Final = "Remove the data folder and start again: all rows are restored from the changelog"


class RowVersions:
    """The kinds of rows of one lane: `dtypes` of those of fixed size, `known` version of every kind."""

    def __init__(self, layouts: Mapping[str, RowLayout], partition: int) -> None:
        self._layouts, self._partition = layouts, partition
        self.dtypes = {kind: each.dtype for kind, each in layouts.items() if each.dtype is not None}
        self.known = {kind: each.version for kind, each in layouts.items()}

    def check(self, written: Mapping[str, int]) -> None:
        """Refuse a lane in which a newer build has written; `written` = newest version of each kind in it.
        Raises RefusedError."""
        for kind, version in written.items():
            if version > self.known.get(kind, 0):
                newest = f"up to {self.known[kind]}" if kind in self.known else "no such kind"
                raise self._refused(kind, f"version {version}; this build knows {newest}", NEWER)

    def rows(self, kind: str, stored: Sequence[bytes]) -> Rows:
        """Rows of fixed size from their stored forms, shape (n,). Raises RefusedError."""
        rows, at = np.empty(len(stored), self.dtypes[kind]), 0
        try:
            for (version, size), alike in groupby(stored, key=lambda each: (each[:1], row_size(each))):
                some = list(alike)
                raised = self._layouts[kind].raised_rows(version[0], unpacked(some, size))
                rows[at : at + len(some)] = raised
                at += len(some)
        except ValueError as error:
            raise self._told(kind, error) from error
        return rows

    def payload(self, stored: bytes) -> bytes:
        """What stands behind the header of a row of any size, as today. Raises RefusedError."""
        version, kind, payload = stored[0], chr(stored[1]), stored[HEADER.itemsize :]
        if version != self.known.get(kind):
            self.check({kind: version})
        try:
            if stored[2] & _DEFLATED:
                payload = zlib.decompress(payload, _RAW)
            return self._layouts[kind].raised_payload(version, payload)
        except (ValueError, zlib.error) as error:
            raise self._told(kind, error) from error

    def header(self, kind: str, fence: np.void) -> bytes:
        """What a row of any size begins with: kind, version of today, the lane's fence."""
        header = fence.copy()
        header["version"], header["kind"], header["flags"] = self.known[kind], ord(kind), 0
        return bytes(header.tobytes())

    def stored(self, header: bytes, payload: bytes) -> bytes:
        """A row of any size as it is stored."""
        if self._layouts[chr(header[1])].deflated:
            short = zlib.compress(payload, 1, _RAW)
            if len(short) < len(payload):
                return header[:2] + bytes((_DEFLATED,)) + header[3:] + short
        return header + payload

    def _told(self, kind: str, error: Exception) -> RefusedError:
        return self._refused(kind, str(error), NEWER if isinstance(error, UnknownRowError) else DAMAGED)

    def _refused(self, kind: str, what: str, then: str) -> RefusedError:
        return RefusedError(f"partition {self._partition} holds a row of kind {kind}: {what}. {then}")
