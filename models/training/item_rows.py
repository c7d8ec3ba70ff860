"""Ads that people wrote as rows to learn from: each item's prompt once, behind it every ad of the item,
asked for in the very words that serving uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec
from tokenizers import Tokenizer

from models.brief.brief import Brief, Copy
from models.copywriter.wording import AD_LABELS, item_lines, wish_lines
from models.corpus.authored import AuthoredLine, briefs_of
from models.text.sentences import sentences_of
from models.training.examples.batches import Encoded
from models.training.examples.branches import ItemRow
from models.training.supervised import DataError


def authored_lines(paths: Iterable[Path]) -> Iterator[AuthoredLine]:
    """All lines of some files. Raises DataError naming the line."""
    for path in paths:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                yield msgspec.json.decode(line, type=AuthoredLine)
            except msgspec.MsgspecError as error:
                raise DataError(f"{path}, line {number}: {error}; see models/corpus/authored.py") from error


@dataclass(frozen=True)
class AdIds:
    """Between ads and ids. The call to action is not learnt: it is drawn from a closed list."""

    tokenizer: Tokenizer

    def row(self, line: AuthoredLine) -> ItemRow:
        """An item with its ads."""
        pairs = list(briefs_of(line, line.item.title))
        shared = self._ids(item_lines(pairs[0][0], sentences_of(line.item.text)))
        return ItemRow(
            shared,
            tuple(
                self._ad(brief, copy, ad.moment) for (brief, copy), ad in zip(pairs, line.ads, strict=True)
            ),
        )

    def _ad(self, brief: Brief, copy: Copy, moment: str) -> Encoded:
        parts = (f" {copy.headline}", f"\n{AD_LABELS[1]}:", f" {copy.description}", "\n")
        return Encoded(self._ids(wish_lines(brief, moment)), tuple(chain(*map(self._ids, parts))))

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer.encode(text, add_special_tokens=False).ids)
