"""Text as units that figures count: words where spaces divide them, characters in scripts without spaces."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

_UNIT: Final = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]|[^\W_぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]+(?:['’.,-][^\W_]+)*")


def units(text: str) -> list[str]:
    """Words (with inner apostrophes, hyphens, points) in lower case; each Chinese, Japanese or Korean
    character is one."""
    return _UNIT.findall(text.casefold())


def pairs(unit_list: Sequence[str]) -> list[tuple[str, str]]:
    """Neighbouring units."""
    return list(itertools.pairwise(unit_list))
