"""What a log says of users: what each took, when, on what, from where, and what it cost."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.catalog.codes import MOST_CODES

HOURS: Final = 24
DEVICES: Final = 8
NOWHERE: Final = -1


class Circumstances(NamedTuple):
    """Of users (u,): counts of their events by hour at their place and by AdCOM devicetype - 1, the country
    that was told last (NOWHERE unknown), and what they paid in `currency`."""

    hours: NDArray[np.integer]  # (u, HOURS)
    devices: NDArray[np.integer]  # (u, DEVICES)
    country: NDArray[np.integer]  # (u,) index of `countries`
    countries: tuple[str, ...]
    sales: NDArray[np.integer]  # (u,)
    spent_minor: NDArray[np.integer]  # (u,)
    currency: str

    def of(self, users: IntArray) -> Circumstances:
        """The same of some of them."""
        return self._replace(
            hours=self.hours[users],
            devices=self.devices[users],
            country=self.country[users],
            sales=self.sales[users],
            spent_minor=self.spent_minor[users],
        )


class Behaviours(NamedTuple):
    """Positives (n,) of users 0.., ordered by user and time, every user with one at least; and their
    surroundings. `code` and `direction` are the interest and the unit vector of the item."""

    user: IntArray
    code: IntArray
    ts: IntArray
    price_z: FloatArray  # (n,) nan unknown
    direction: FloatArray  # (n, d)
    around: Circumstances

    @property
    def users(self) -> int:
        return len(self.around.sales)

    def of(self, users: IntArray) -> Behaviours:
        """The same of some users, ascending, who are numbered anew."""
        number = np.full(self.users, -1, np.int64)
        number[users] = np.arange(len(users))
        kept = number[self.user] >= 0
        return Behaviours(
            number[self.user[kept]],
            self.code[kept],
            self.ts[kept],
            self.price_z[kept],
            self.direction[kept],
            self.around.of(users),
        )

    def positives(self) -> IntArray:
        """How many each user has, (u,)."""
        return np.bincount(self.user, minlength=self.users)

    def newest_ms(self) -> IntArray:
        """When each user was seen last, (u,)."""
        newest = np.zeros(self.users, np.int64)
        np.maximum.at(newest, self.user, self.ts)
        return newest

    def interests(self, of: NDArray[np.bool_] | slice = slice(None)) -> FloatArray:
        """Positives by code, of those that are marked, (u, MOST_CODES)."""
        cell = self.user[of] * MOST_CODES + self.code[of]
        flat = np.bincount(cell, minlength=self.users * MOST_CODES)
        return flat.reshape(self.users, MOST_CODES).astype(np.float32)

    def directions(self) -> FloatArray:
        """Sum of the vectors of what each user took, (u, d)."""
        sums = np.zeros((self.users, self.direction.shape[1]), np.float32)
        starts = np.flatnonzero(np.diff(self.user, prepend=-1))
        if len(starts):
            sums[self.user[starts]] = np.add.reduceat(self.direction, starts, axis=0)
        return sums
