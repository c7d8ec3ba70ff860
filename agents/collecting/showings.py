"""How many showings an address may name that only it says of: whoever sees one may put any id in it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

from models.earned.cap_limits import CAP_TIMES

MOST_SHOWINGS: Final = CAP_TIMES
"""Of one creative to one user in an hour: more than any page shows, and enough to reach any cap in rolling
time."""
_MOST_PLACES: Final = 16_384


class CountingPlace(NamedTuple):
    """Where showings are counted; `hour` of Unix time."""

    creative_id: str
    user: str
    hour: int


class NamedShowings:
    """The ids that ad servers named of late, as far as this process heard them."""

    def __init__(self, most_places: int = _MOST_PLACES) -> None:
        self._most_places = most_places
        self._ids: OrderedDict[CountingPlace, set[int]] = OrderedDict()

    def takes(self, place: CountingPlace, id: str) -> bool:
        """Whether an id is a showing of its own: it was, or there is room for one more."""
        ids = self._ids.setdefault(place, set())
        self._ids.move_to_end(place)
        if len(self._ids) > self._most_places:
            self._ids.popitem(last=False)
        hashed = xxh3_64_intdigest(id.encode())
        if hashed not in ids and len(ids) >= MOST_SHOWINGS:
            return False
        ids.add(hashed)
        return True
