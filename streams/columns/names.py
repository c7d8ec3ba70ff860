"""What names mean to the kernels: cells of counters, items of the catalogue, campaigns, slots, currencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.earned.counters import NOBODYS, CellNames, cell_of
from models.event.fill import Tables, cell_key
from models.event.json_values import packed_name
from models.kernels.lookup import Lookup
from models.money import INDEX
from streams import records as r
from streams.wire.ids import hash64

NONE: Final = "none"
"""Name of a cell's part that is not known."""
UNATTRIBUTED: Final = "unattributed"
"""Arm of what no impression or creative claims (yet)."""
NO_WORDS: Final = np.zeros((2, 0), np.uint64)
SLOT_INDEX: Final = {slot: index for index, slot in enumerate(r.SLOTS, 1)}
_SLOTS: Final = Lookup((hash64(slot), index) for slot, index in SLOT_INDEX.items())
_CURRENCIES: Final = Lookup((packed_name(code)[0], index) for code, index in INDEX.items())


class Cells:
    """Cell numbers and the names they stand for, of everything this process has seen."""

    def __init__(self) -> None:
        self.names: dict[int, CellNames] = {}
        self.shown, self.clicked = Lookup(), Lookup()  # the same as the next two, for models.event.scan
        self._provisional: dict[tuple[str | None, str | None, str | None], int] = {}
        self._unattributed: dict[str | None, int] = {}
        self.number(NOBODYS)

    def number(self, names: CellNames) -> int:
        """Number of a cell, remembered with its names."""
        cell = cell_of(names)
        self.names[cell] = names
        return cell

    def provisional(self, campaign: str | None, slot: str | None, template: str | None) -> int:
        """What an impression counts for until its creative is known; 0 = not ours, not counted."""
        key = (campaign, slot, template)
        cell = self._provisional.get(key)
        if cell is None:
            cell = (
                self.number((campaign or NONE, slot or NONE, NONE, template or NONE, NONE)) if campaign else 0
            )
            self._provisional[key] = cell
            if campaign is not None:
                self.shown.add(
                    cell_key(*(0 if name is None else hash64(name) for name in (campaign, slot, template))),
                    cell,
                )
        return cell

    def unattributed(self, campaign: str | None) -> int:
        """Where clicks and conversions count that nothing claims."""
        cell = self._unattributed.get(campaign)
        if cell is None:
            cell = self._unattributed[campaign] = self.number(
                (campaign or NONE, NONE, UNATTRIBUTED, NONE, NONE)
            )
            if campaign is not None:
                self.clicked.add(hash64(campaign), cell)
        return cell


@dataclass(frozen=True)
class Items:
    """What columns need of the catalogue: row, code and price of an item id. Empty without an artefact:
    nothing is learnt of interest."""

    index: Mapping[str, int] = field(default_factory=dict)
    codes: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    price_z: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    rows: Lookup = field(default_factory=Lookup)
    terms: Lookup = field(default_factory=Lookup)  # models.catalog.terms

    @classmethod
    def of(
        cls,
        index: Mapping[str, int],
        codes: NDArray[np.int16],
        price_z: NDArray[np.float32],
        words: NDArray[np.uint64] = NO_WORDS,
    ) -> Items:
        """The arrays are brought into the one form that the kernels take; `words` (2, w):
        models.catalog.terms."""
        rows = Lookup((hash64(item_id), row) for item_id, row in index.items())
        codes = np.require(codes, np.int16, ["C", "W", "A"])
        return cls(index, codes, np.require(price_z, np.float32, ["C", "W", "A"]), rows, Lookup.of(*words))


def tables_of(items: Items, cells: Cells, campaigns: Lookup) -> Tables:
    """What names mean, for the kernels."""
    return Tables(
        _SLOTS.keys, _SLOTS.values, items.rows.keys, items.rows.values, items.codes, items.price_z,
        cells.shown.keys, cells.shown.values, cells.clicked.keys, cells.clicked.values, campaigns.keys,
        not len(campaigns), _CURRENCIES.keys, _CURRENCIES.values,
        items.terms.keys, items.terms.values, np.uint64(cells.unattributed(None)),
    )  # fmt: skip
