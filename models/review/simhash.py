"""64-bit SimHash of copy (Charikar 2002): near copies differ in few bits, so a novelty needs no stored
text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import xxhash

from models.brief.brief import Copy
from models.text.normalise import fold_text

_WORD = re.compile(r"\w+")
_BITS = np.arange(64, dtype=np.uint64)


def _shingles(copy: Copy) -> Iterator[str]:
    """Words and neighbouring pairs of headline and description; the call to action repeats too often to tell
    copies apart."""
    words = _WORD.findall(fold_text(f"{copy.headline} {copy.description}"))
    yield from words
    yield from (f"{left} {right}" for left, right in pairwise(words))


def simhash(copy: Copy) -> int:
    """Sign of the summed bits of all shingle hashes, as an unsigned 64-bit number; 0 for empty copy."""
    hashes = np.array([xxhash.xxh3_64_intdigest(shingle.encode()) for shingle in _shingles(copy)], np.uint64)
    if not len(hashes):
        return 0
    ones = ((hashes[:, None] >> _BITS) & np.uint64(1)).sum(axis=0)
    return int((np.uint64(1) << _BITS[ones * 2 > len(hashes)]).sum(dtype=np.uint64))


def novelty(fingerprint: int, recent: Iterable[int]) -> float:
    """Share of differing bits to the nearest of `recent`, in [0, 1]; 1 when there is none. Unrelated texts
    are near 0.5."""
    return min(((fingerprint ^ other).bit_count() / 64 for other in recent), default=1.0)


def unsigned(fingerprints: Iterable[int]) -> list[int]:
    """Fingerprints as unsigned numbers; wire formats may hold them signed."""
    return [each & 0xFFFF_FFFF_FFFF_FFFF for each in fingerprints]
