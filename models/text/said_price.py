"""Whether a text says a price."""

from __future__ import annotations

import re
from typing import Final

_ZEROS: Final = re.compile(r"[.,]0+(?!\d)")


def says_price(text: str, price: str) -> bool:
    """Whether a text says a price, be it without the zeros behind its point."""
    if not price:
        return False
    whole = re.escape(_ZEROS.sub("", price))
    return price in text or re.search(rf"(?<!\d){whole}(?![\d.,]*\d)", text) is not None
