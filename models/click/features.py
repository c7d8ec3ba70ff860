"""What a showing is, as slots of a hashed linear model: its fields and the crosses that say who likes what
where.

The hashing trick (Weinberger et al. 2009): a field's value or a pair of values is a 64-bit hash, its low bits
the slot of its weight. What is not known has no slot, so it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import getitem
from typing import Final

import numpy as np
from numba.types import int8, int32, uint64
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from models.click.copy_traits import NO_WORDS, CopyTraits
from models.kernels.argument_types import matrix, read_only
from models.kernels.compiled import kernel

SLOT_BITS: Final = 18
INTERESTS: Final = 3
"""So many of the user's strongest codes count."""
RECENT: Final = 3
"""So many of the items that he took last count."""
FIELDS: Final = (
    "campaign", "item", "code", "template", "style", "slot", "segment", "hour", "weekend", "device",
    "country", "showing", *CopyTraits._fields, *(f"interest{n}" for n in range(INTERESTS)),
    "price", "tier", *(f"recent{n}" for n in range(RECENT)),
)  # fmt: skip
SATURDAY: Final = 5
"""Of weekdays from 0, Monday. A weekday of its own would be a name for a time: a model that has seen each of
them once learns how clicky that day was, and is wrong a week later."""
_AT: Final = {name: index for index, name in enumerate(FIELDS)}
_LIKED: Final = tuple(f"interest{n}" for n in range(INTERESTS))
_TOOK: Final = tuple(f"recent{n}" for n in range(RECENT))
PAIRS: Final = (
    ("campaign", "slot"), ("campaign", "style"), ("campaign", "template"), ("campaign", "segment"),
    ("style", "slot"), ("style", "showing"), ("style", "segment"), ("style", "device"), ("item", "slot"),
    ("item", "segment"), ("code", "segment"), ("code", "slot"),
    ("code", "hour"), ("code", "device"), ("slot", "device"), ("slot", "hour"),
    ("hour", "weekend"), ("country", "device"), ("cta", "slot"), ("asks", "interest0"),
    ("figure", "interest0"), ("figure", "code"), ("length", "slot"),
    *((liked, other) for liked in _LIKED for other in ("item", "code", "campaign", "style")),
    ("price", "tier"), *((took, other) for took in _TOOK for other in ("item", "code")),
)  # fmt: skip
_CROSSES: Final = np.array([(_AT[one], _AT[other]) for one, other in PAIRS], np.int8)
WIDTH: Final = 1 + len(FIELDS) + len(PAIRS)
"""Slots of one showing: the bias, its fields, their crosses."""
NO_SLOT: Final = -1
BIAS_SLOT: Final = 0
KNOWN_TOKENS: Final = 1 << 16
"""Hashes of one field that are remembered."""
_NOT_KNOWN: Final[dict[str | int | None, int]] = {None: 0, "": 0}

TokenArray = NDArray[np.uint64]
SlotArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One exposure as far as it is known before anybody reacts; None and '' = not known.

    `style`: of the arm; `code`: the item's interest code by name; `interest`: the user's codes, strongest
    first; `number`: the how-manieth showing to this user, 0 = a thing that he may take without any
    (models/click/behaviour.py); `said`: of its copy. Known of number 0 alone: `price`: tier of the item among
    its like, `tier`: of what the user pays, `recent`: items that he took, newest first.
    """

    campaign_id: str = ""
    item_id: str | None = None
    code: str | None = None
    template_id: str = ""
    style: str = ""
    slot: str = ""
    segment: str | None = None
    hour: int | None = None
    weekday: int | None = None
    device: int | None = None
    country: str | None = None
    number: int = 1
    said: CopyTraits = NO_WORDS
    interest: tuple[str, ...] = ()
    price: int | None = None
    tier: int | None = None
    recent: tuple[str, ...] = ()

    def values(self) -> tuple[str | int | None, ...]:
        """In the order of FIELDS."""
        weekend = None if self.weekday is None else int(self.weekday >= SATURDAY)
        liked = (*self.interest[:INTERESTS], *(None,) * (INTERESTS - len(self.interest)))
        took = (*self.recent[:RECENT], *(None,) * (RECENT - len(self.recent)))
        return (
            self.campaign_id, self.item_id, self.code, self.template_id, self.style, self.slot, self.segment,
            self.hour, weekend, self.device, self.country, self.number, *self.said, *liked,
            self.price, self.tier, *took,
        )  # fmt: skip


class FieldTokens(dict[str | int | None, int]):
    """Hashes of one field's values, made at their first look-up; 0 = not known."""

    def __init__(self, field: str) -> None:
        super().__init__(_NOT_KNOWN)
        self._field = field

    def __missing__(self, value: str | int) -> int:
        if len(self) > KNOWN_TOKENS:
            self.clear()
            self.update(_NOT_KNOWN)
        self[value] = hashed = xxh3_64_intdigest(f"{self._field}={value}".encode()) or 1
        return hashed


_INTEREST_TOKENS: Final = FieldTokens("interest")  # so that a weight is of the code wherever it stands
_RECENT_TOKENS: Final = FieldTokens("recent")
_SHARED: Final = dict.fromkeys(_LIKED, _INTEREST_TOKENS) | dict.fromkeys(_TOOK, _RECENT_TOKENS)
_TOKENS: Final = tuple(_SHARED.get(name) or FieldTokens(name) for name in FIELDS)


def tokens_of(showings: Sequence[Foreseen]) -> TokenArray:
    """A hash of each field of each showing; 0 = not known. (n, FIELDS)"""
    flat = chain.from_iterable(map(getitem, _TOKENS, showing.values()) for showing in showings)
    return np.fromiter(flat, np.uint64, len(showings) * len(FIELDS)).reshape(len(showings), len(FIELDS))


def feature_slots_of(tokens: TokenArray, bits: int = SLOT_BITS) -> SlotArray:
    """Slots of showings by their tokens (n, FIELDS): bias, fields, crosses; NO_SLOT where something is not
    known. (n, WIDTH)"""
    slots = np.empty((len(tokens), WIDTH), np.int32)
    hash_crosses(np.ascontiguousarray(tokens), _CROSSES, np.uint64((1 << bits) - 1), slots)
    return slots


@kernel(read_only(matrix(uint64)), read_only(matrix(int8)), uint64, matrix(int32))
def hash_crosses(tokens: TokenArray, crosses: NDArray[np.int8], mask: np.uint64, slots: SlotArray) -> None:
    """Fills `slots` (n, 1 + fields + crosses); a cross is the product mix of its two hashes (xxHash's
    primes)."""
    fields = tokens.shape[1]
    for row in range(tokens.shape[0]):
        slots[row, 0] = 0
        for at in range(fields):
            known = tokens[row, at]
            slots[row, 1 + at] = np.int32(known & mask) if known else np.int32(-1)
        for at in range(crosses.shape[0]):
            one, other = tokens[row, crosses[at, 0]], tokens[row, crosses[at, 1]]
            if one and other:
                mixed = (one * np.uint64(0x9E3779B185EBCA87)) ^ (other * np.uint64(0xC2B2AE3D27D4EB4F))
                mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0x165667B19E3779F9)
                slots[row, 1 + fields + at] = np.int32((mixed >> np.uint64(29)) & mask)
            else:
                slots[row, 1 + fields + at] = np.int32(-1)
