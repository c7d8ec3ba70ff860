"""Headlines that a user has had from a model, by exact 64-bit hashes: none of them comes again while it is
remembered."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Final

import numpy as np
import xxhash

from models.text.normalise import fold_text

HEADLINES_KEPT: Final = 64
"""Per user: one request of three slots in 34 hours for 30 days. 64 hashes are 684 characters of a request."""
_WORDS: Final = re.compile(r"\w+")


def headline_hash(headline: str) -> int:
    """64 bits of the words of a headline in folded letters: case, spaces and punctuation make no new one."""
    return xxhash.xxh3_64_intdigest(" ".join(_WORDS.findall(fold_text(headline))).encode())


def packed_hashes(hashes: Iterable[int]) -> str:
    """base64 of little-endian uint64, as a request carries them; '' = none."""
    return b64encode(np.fromiter(hashes, "<u8").tobytes()).decode()


def unpacked_hashes(text: str) -> frozenset[int]:
    """The hashes of `packed_hashes`. Raises ValueError for anything else."""
    raw = b64decode(text, validate=True)
    if len(raw) % 8:
        raise ValueError(f"headlines have {len(raw)} bytes: give whole uint64 values")
    return frozenset(np.frombuffer(raw, "<u8").tolist())
