"""Many texts as one array of bytes: an object for each costs more than the bytes of most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

NULL: Final = -1
"""Length of a text that is None."""


@dataclass(frozen=True)
class Texts:
    """`data` uint8: the texts end to end; `lengths` int64 (n,)."""

    data: NDArray[np.uint8]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[bytes | None]) -> Texts:
        """These."""
        lengths = [NULL if text is None else len(text) for text in texts]
        data = b"".join([text for text in texts if text])
        return cls(np.frombuffer(data, np.uint8), np.array(lengths, np.int64))

    @classmethod
    def repeated(cls, text: bytes, n: int) -> Texts:
        """One text n times."""
        return cls(np.tile(np.frombuffer(text, np.uint8), n), np.full(n, len(text), np.int64))

    @classmethod
    def rows(cls, rows: NDArray[np.uint8]) -> Texts:
        """Texts of one length, each a row of (n, length)."""
        n, length = rows.shape
        return cls(rows.reshape(-1), np.full(n, length, np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        """All texts of all, in order."""
        if len(parts) == 1:
            return parts[0]
        data, lengths = [each.data for each in parts], [each.lengths for each in parts]
        return cls(np.concatenate(data), np.concatenate(lengths))

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[bytes | None]:
        data, ends = self.data.tobytes(), self.sizes().cumsum().tolist()
        for length, end in zip(self.lengths.tolist(), ends, strict=True):
            yield None if length == NULL else data[end - length : end]

    def part(self, start: int, stop: int) -> Texts:
        """Texts start..stop."""
        sizes = self.sizes()
        first, n = int(sizes[:start].sum()), int(sizes[start:stop].sum())
        return Texts(self.data[first : first + n], self.lengths[start:stop])

    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each."""
        return self.lengths.clip(0)
