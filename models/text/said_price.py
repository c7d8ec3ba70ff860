"""Whether a text says a price."""

from __future__ import annotations

import re
from typing import Final

_ZEROS: Final = re.compile(r"(?<=\d)[.,]0{1,2}(?!\d|[.,]\d)")
"""Of hundredths: three digits are thousands."""
_BEFORE: Final = r"(?<!\d)(?<!\d[.,'’])(?!(?<=\d[ \u00a0\u202f])\d{3}(?!\d))"
"""A space before three digits may part thousands."""
_AFTER: Final = r"(?![.,'’]?\d)"


def says_price(text: str, price: str) -> bool:
    """Whether a text says just this price, be it with or without the zeros behind its point; digits around
    it make it another."""
    if not price:
        return False
    hundredths = _ZEROS.search(price)
    if hundredths is None:
        said = re.escape(price)
    else:
        start, end = hundredths.span()
        zeros = re.escape(hundredths.group())
        said = f"{re.escape(price[:start])}(?:{zeros})?{re.escape(price[end:])}"
    return re.search(f"{_BEFORE}{said}{_AFTER}", text) is not None
