"""What was made of texts that come again and again: found by a digest of theirs, for a text of a stranger may
be long."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MOST: Final = 4_096
_DIGEST_BYTES: Final = 16


def remembered(read: Callable[P, T]) -> Callable[P, T]:
    """A pure function of texts and numbers that keeps up to MOST results, then begins anew; of the arguments
    16 bytes each."""
    known: dict[bytes, T] = {}

    @wraps(read)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        # A digest that nobody can aim at: else one string could be taken for another's.
        digest = blake2b(repr((args, kwargs)).encode(), digest_size=_DIGEST_BYTES).digest()
        try:
            return known[digest]
        except KeyError:
            if len(known) >= MOST:
                known.clear()
            known[digest] = result = read(*args, **kwargs)
            return result

    return found
