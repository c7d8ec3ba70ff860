"""What every row of the one table begins with, and how a row of an earlier version becomes one of today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FENCES: Final = 8
"""Fence slots per row, one per source topic (models.event.layout.EventSource)."""

CONSENT_VERSION: Final = 1
PROFILE_VERSION: Final = 4
EXPOSURES_VERSION: Final = 4
"""What the kernels write into new rows; models/stored/layouts.py has the versions before."""

HEADER: Final = np.dtype(
    [
        ("version", "u1"),
        ("kind", "u1"),  # the kind byte of the row key
        ("flags", "<u2"),
        ("catalog_version", "<u4"),
        ("fence", "<i8", (FENCES,)),  # last applied offset per source topic, -1 none
        ("epoch", "<u2", (FENCES,)),  # how often that topic was created anew
    ]
)
"""The same in every version of every kind: a build reads version and fences of rows that it does not know."""


class UnknownRowError(ValueError):
    """A stored row of a version that this build does not know: a newer build wrote it."""


class Earlier(NamedTuple):
    """A version that was: its layout, and what makes the next version of it.

    dtype: of rows of fixed size, else None. to_next: rows (n,) of `dtype` -> rows (n,) of the next version's,
    or one payload -> one payload; pure.
    """

    dtype: np.dtype[np.void] | None
    to_next: Callable[[Any], Any]


@dataclass(frozen=True)
class RowLayout:
    """One kind of row: its name in words, its layout today, and every version before, 1 first.

    dtype: of rows of fixed size, HEADER first; None = a payload of any length behind a HEADER.
    deflated: whether such payloads are stored deflated where that is shorter.
    """

    name: str
    dtype: np.dtype[np.void] | None = None
    before: tuple[Earlier, ...] = ()
    deflated: bool = False
    version: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", len(self.before) + 1)

    def raised_rows(self, version: int, rows: NDArray[Any]) -> NDArray[Any]:
        """Whole rows of one version, shape (n,) of any dtype of their size, as rows of today.

        Raises UnknownRowError, and ValueError where that version has another size.
        """
        steps = self._steps(version)
        dtype = steps[0].dtype if steps else self.dtype
        assert dtype is not None
        if rows.itemsize != dtype.itemsize:
            raise ValueError(
                f"{self.name} row of {rows.itemsize} bytes; version {version} has {dtype.itemsize}"
            )
        raised = rows.view(dtype)
        for step in steps:
            raised = step.to_next(raised)
        if steps:
            raised.view(np.uint8).reshape(len(raised), -1)[:, 0] = self.version
        return raised

    def raised_payload(self, version: int, payload: bytes) -> bytes:
        """What stands behind the header of a row of any version, as today. Raises UnknownRowError."""
        for step in self._steps(version):
            payload = step.to_next(payload)
        return payload

    def _steps(self, version: int) -> tuple[Earlier, ...]:
        if not 1 <= version <= self.version:
            raise UnknownRowError(
                f"{self.name} row of version {version}; this build knows up to {self.version}"
            )
        return self.before[version - 1 :]


def carried_rows(rows: NDArray[Any], dtype: np.dtype[np.void]) -> NDArray[Any]:
    """Rows of another dtype with the values of every field that both have, cut or filled with zeros where
    lengths differ; new fields are zero."""
    raised = np.zeros(len(rows), dtype)
    for name in set(rows.dtype.names or ()) & set(dtype.names or ()):
        old, new = rows[name], raised[name]
        if old.shape == new.shape:
            raised[name] = old
        else:
            shared = min(old.shape[1], new.shape[1])
            new[:, :shared] = old[:, :shared]
    return raised
