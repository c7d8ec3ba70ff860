"""Rows of any size of one lane: changed ones until the flush, recently read ones, the store behind them.

Each stored value is a models.row.HEADER with the lane's fence, then the payload, so that every changelog
value begins alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from models.row import HEADER
from streams.lane.arena import RECORD_BYTES, RowStore
from streams.rows.row_versions import RowVersions

CACHED_BYTES: Final = 4 * 1024 * 1024
"""Clean payloads kept per lane; all are forgotten at once when there are more."""


class VariableRows:
    """Payloads by row key. None = no such row."""

    def __init__(self, store: RowStore, versions: RowVersions) -> None:
        self.versions, self._store = versions, store
        self.pending: dict[bytes, bytes | None] = {}
        self._clean: dict[bytes, bytes | None] = {}
        self._clean_bytes = 0
        self.pending_bytes = 0

    def get(self, key: bytes) -> bytes | None:
        """Payload of today, or None. Raises OSError, RefusedError."""
        if key in self.pending:
            return self.pending[key]
        if key in self._clean:
            return self._clean[key]
        return self._read([key])[key]

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The same of many, read from the store at once."""
        read = self._read([key for key in keys if key not in self.pending and key not in self._clean])
        return [read[key] if key in read else self.get(key) for key in keys]

    def put(self, key: bytes, value: bytes | None) -> None:
        """Change a row until the next flush."""
        if key in self.pending:
            self.pending_bytes -= _changed_bytes(key, self.pending[key])
        self.pending_bytes += _changed_bytes(key, value)
        self.pending[key] = value

    def dirty(self, fence: np.void) -> Iterator[tuple[bytes, bytes | None]]:
        """Row key and framed value of every changed row."""
        headers: dict[int, bytes] = {}
        for key, value in self.pending.items():
            kind = key[0]
            if kind not in headers:
                headers[kind] = self.versions.header(chr(kind), fence)
            yield key, None if value is None else self.versions.stored(headers[kind], value)

    def cleaned(self) -> None:
        """Every changed row is durable."""
        for key, value in self.pending.items():
            self._remember(key, value)
        self.pending.clear()
        self.pending_bytes = 0

    def _read(self, keys: list[bytes]) -> dict[bytes, bytes | None]:
        values = self._store.get_many(keys)
        read = {
            key: None if value is None else self.versions.payload(value)
            for key, value in zip(keys, values, strict=True)
        }
        for key, payload in read.items():
            self._remember(key, payload)
        return read

    def _remember(self, key: bytes, value: bytes | None) -> None:
        if self._clean_bytes > CACHED_BYTES:
            self._clean.clear()
            self._clean_bytes = 0
        self._clean_bytes += len(key) + len(value or b"") + 200
        self._clean[key] = value


def _changed_bytes(key: bytes, value: bytes | None) -> int:
    return RECORD_BYTES + len(key) + (0 if value is None else HEADER.itemsize + len(value))
