"""What a folded text says that a thing is not or has not: "never waterproof", "made without lead"."""

from __future__ import annotations

import re
from typing import Final

_CLAUSE_END: Final = re.compile(r"[.,;:!?()\n。，；：！？、–—]|(?<!\w)(?:but|aber|sondern)(?!\w)")
_LONGEST_CLAUSE: Final = 200
_DENIAL: Final = re.compile(
    r"(?<!\w)(?:no|not|never|nothing|neither|nor|without|cannot|\w+n't|nicht|kein\w*|nie|niemals|ohne|weder)"
    r"(?![\w-])(?!\s+(?:only|just|nur|bloß|bloss)(?!\w))"
)
_UNSPACED_DENIAL: Final = re.compile(r"(?:不是?|没有?|非|无|未|勿|莫)$")
_LACKED: Final = re.compile(r"[ -](?:free|frei)(?!\w)")
_DELIVERED: Final = re.compile(
    r"(?<!\w)(?:comes?|coming|sold|sells|ships?|shipped|sent|supplied|delivered|delivery|packed|boxed)(?!\w)"
)
_WITHOUT: Final = re.compile(
    r"(?<!\w)without (?P<lacked>[^\W\d_]+(?:-[^\W\d_]+)*)(?:\s*(?:$|[.,;:!?()\n–—])|\s+(?:and|or|but)(?!\w))"
)


def is_denied(folded: str, start: int, end: int) -> bool:
    """Whether the clause around `folded[start:end]` says that a thing is not so or has none of it."""
    before = _clause_before(folded, start)
    return (
        _DENIAL.search(before) is not None
        or _UNSPACED_DENIAL.search(before) is not None
        or _LACKED.match(folded, end) is not None
    )


def _clause_before(folded: str, start: int) -> str:
    return _CLAUSE_END.split(folded[max(0, start - _LONGEST_CLAUSE) : start])[-1]


def lacked(folded: str) -> frozenset[str]:
    """What a thing is made without: the one word that ends its phrase. A delivery without a battery makes no
    lamp free of one, and "never without lead" is full of it."""
    return frozenset(
        match["lacked"]
        for match in _WITHOUT.finditer(folded)
        if not is_denied(folded, match.start(), match.end())
        and _DELIVERED.search(_clause_before(folded, match.start())) is None
    )
