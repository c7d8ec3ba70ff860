"""Positive events in columns while topics are read: some 25 bytes an event, however many there are."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.wire.ids import hash64

_KINDS: Final = {"user": "i", "ts": "q", "item": "i", "sold": "b", "id": "Q"}
_TYPES: Final = {"i": np.int32, "q": np.int64, "b": np.int8, "Q": np.uint64}


class Columns(NamedTuple):
    """Events (n,): `user` = place of the name among all names in order, `item` = row of the catalogue."""

    user: NDArray[np.int64]
    ts: NDArray[np.int64]
    item: NDArray[np.int64]
    sold: NDArray[np.bool_]


class PositiveColumns:
    """Grows by `append`."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._held = array("i")
        self._columns = _empty()

    def __len__(self) -> int:
        return len(self._columns["user"])

    def held(self, user: str) -> int:
        """Events of that user, repeats included."""
        number = self._numbers.get(user)
        return 0 if number is None else self._held[number]

    def append(self, user: str, event: str, ts: int, item: int, sold: bool) -> None:
        """One of event `event` of that user; what is appended again counts once in `read`."""
        number = self._numbers.setdefault(user, len(self._numbers))
        if number == len(self._held):
            self._held.append(0)
        self._held[number] += 1
        for column, value in zip(
            self._columns.values(), (number, ts, item, sold, hash64(f"{event} {item}")), strict=True
        ):
            column.append(value)

    def keep(self, of: Callable[[str], bool]) -> None:
        """Forgets all users of whom `of` says no."""
        names = [name for name in self._numbers if of(name)]
        number_of = np.full(len(self._numbers), -1, np.int32)
        number_of[[self._numbers[name] for name in names]] = np.arange(len(names))
        self._held = array("i", [self._held[self._numbers[name]] for name in names])
        self._numbers = {name: number for number, name in enumerate(names)}
        kept = number_of[self._column("user")] >= 0
        columns = {name: self._column(name)[kept] for name in _KINDS}
        columns["user"] = number_of[columns["user"]]
        self._columns = {name: array(_KINDS[name], column.tobytes()) for name, column in columns.items()}

    def names(self, of: Callable[[str], bool]) -> list[str]:
        """In order, of the users of whom `of` says yes."""
        return sorted(name for name in self._numbers if of(name))

    def read(self, of: Callable[[str], bool]) -> Columns:
        """The events of those users, each once, by user and time, then as they came."""
        numbers = [self._numbers[name] for name in self.names(of)]
        place = np.full(len(self._numbers), -1, np.int32)
        place[numbers] = np.arange(len(numbers))
        user = place[self._column("user")]
        asked = np.flatnonzero(user >= 0)
        asked = asked[_first_of(user[asked], self._column("id")[asked])]
        ts = self._column("ts")[asked]
        order = asked[np.lexsort((ts, user[asked]))]
        return Columns(
            user[order].astype(np.int64),
            self._column("ts")[order],
            self._column("item")[order].astype(np.int64),
            self._column("sold")[order].astype(np.bool_),
        )

    def _column(self, name: str) -> NDArray[Any]:
        return np.frombuffer(self._columns[name], _TYPES[_KINDS[name]])


def _empty() -> Mapping[str, array[int]]:
    return {name: array(kind) for name, kind in _KINDS.items()}


def _first_of(user: NDArray[Any], event: NDArray[Any]) -> NDArray[np.int64]:
    """Places of the first of each (user, event), rising."""
    order = np.lexsort((event, user))
    again = np.zeros(len(order), np.bool_)
    again[1:] = (user[order][1:] == user[order][:-1]) & (event[order][1:] == event[order][:-1])
    return np.sort(order[~again])
