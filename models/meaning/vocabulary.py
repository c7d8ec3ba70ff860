"""The words of the sentences: what tells a whole word from a piece of one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from models.text.normalise import fold_text

_WORD: Final = re.compile(r"[^\W\d_]+")
_LETTERS_ALONE: Final = frozenset("aio")
_LONG: Final = 5


def vocabulary_words_of(texts: Iterable[str]) -> frozenset[str]:
    """The folded words of texts. A short one counts where two texts say it: the rest are pieces."""
    said = Counter(word for text in texts for word in set(_WORD.findall(fold_text(text))))
    return frozenset(word for word, times in said.items() if _is_whole(word, times))


def _is_whole(word: str, times: int) -> bool:
    if len(word) == 1:
        return word in _LETTERS_ALONE
    return times > 1 or len(word) >= _LONG
