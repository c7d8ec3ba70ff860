"""What one event says in words, where no item tells what it is about: its text, the names of its categories,
its keywords, in this order."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.event.fields import CATEGORIES, KEYWORDS, TEXT
from models.event.fill import has
from models.event.json_values import blank, follows, text
from models.event.layout import EventKind
from models.event.terms import decided, hear
from models.kernels.compiled import part
from models.kernels.words import byte

_CLOSE: Final = ord("]")
_STARTED, _COMPLETED = (int(kind) for kind in (EventKind.STARTED, EventKind.COMPLETED))


@part
def said_code(
    kind: Any, end: int, have: Any, hashes: Any, numbers: Any, tables: Any, sums: Any, scratch: int
) -> Any:
    """The interest code that an event speaks of, -1 none, from the places of its texts in a record that ends
    at `end`; `sums` and `scratch` as in models.event.terms.hear."""
    keys, values = tables.terms, tables.term_codes
    tried, best = 0, -1
    for ends in (False, True):
        if has(have, TEXT):
            stop = np.int64(hashes[TEXT])
            tried, best = hear(numbers[TEXT], stop, False, ends, keys, values, sums, scratch, tried, best)
        for named in (True, False):
            f = CATEGORIES if named else KEYWORDS
            if not has(have, f):
                continue
            skipped = 1 if not named and is_played(kind) else 0  # how far, and not what
            at = blank(numbers[f] + 1, end)
            more = byte(at) != _CLOSE
            while more:
                begin, stop, at = text(at, end)
                if skipped == 0:
                    tried, best = hear(begin, stop, named, ends, keys, values, sums, scratch, tried, best)
                skipped = 0
                more, at = follows(at, end, _CLOSE)
        if best >= 0:
            break
    return decided(sums, best)


@part
def is_played(kind: Any) -> Any:
    """Whether a video event's first keyword tells how far it was played."""
    return _STARTED <= kind <= _COMPLETED
