"""What is known of every token of a vocabulary, once per model: its bytes, its width, how it may join what
stands before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.brief.facts import is_numeric
from models.copywriter.checked import is_forbidden
from models.text.graphemes import shown_width

BREAKS: Final = ("\n", "|")
"""What ends a field of plain text."""
ASK: Final = -1
"""Cost of what ends a field or points: whether it may come is no matter of columns."""
NEVER: Final = 32_767
"""Cost of what may not come."""
_BYTE: Final = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_ENDS_SENTENCE: Final = (".", "!", "?", "。", "！", "？")
_WIDE_FROM: Final = 0xE1
"""First byte of a character that may be two wide: one that is not complete yet is counted as if it were."""


def _printable_bytes() -> dict[str, int]:
    """The characters that byte-level vocabularies write bytes as (GPT-2)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + index): byte for index, byte in enumerate(rest)}


_BYTES: Final = _printable_bytes()


def token_bytes(tokenizer: Tokenizer) -> list[bytes]:
    """The bytes each token of a tokenizer stands for; none for special tokens.

    Knows byte-level vocabularies (GPT-2, Llama 3, Qwen) and those that write a space as "▁" and bytes as
    <0xNN> (Llama 2, Mistral).
    """
    special = {index for index, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    decoder = orjson.loads(tokenizer.decoder.__getstate__()) if tokenizer.decoder is not None else {}
    byte_level = b"ByteLevel" in orjson.dumps(decoder)
    made = []
    for index in range(tokenizer.get_vocab_size()):
        text = None if index in special else tokenizer.id_to_token(index)
        if text is None:
            made.append(b"")
        elif byte_level and all(char in _BYTES for char in text):
            made.append(bytes(_BYTES[char] for char in text))
        elif match := _BYTE.fullmatch(text):
            made.append(bytes([int(match.group(1), 16)]))
        else:
            made.append(text.replace("▁", " ").encode())
    return made


def _lacking(data: bytes) -> int:
    """Bytes missing of a character begun at the end of `data`; 0 when it ends whole."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte >= 0xC0:
            return max(0, (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) - back)
        if byte < 0x80:
            return 0
    return 0


class Token:
    """One token taken apart: bytes that complete a character, whole text, bytes that begin one. One without
    bytes never comes as text."""

    __slots__ = (
        "breaks", "data", "ends_sentence", "figure", "is_text", "is_whole", "lacks", "lead", "only_lead",
        "spaced", "text", "width",
    )  # fmt: skip

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lead = next(
            (at for at, byte in enumerate(data) if not 0x80 <= byte < 0xC0), len(data)
        )  # bytes that complete a character
        self.only_lead = self.lead == len(data)
        self.lacks = 0 if self.only_lead else _lacking(data)  # bytes missing of the character at its end
        begun = next(back for back in range(1, 4) if data[-back] >= 0xC0) if self.lacks else 0
        self.text = data[self.lead : len(data) - begun].decode("utf-8", "replace")  # its whole characters
        self.width = shown_width(self.text) + (
            0 if not begun else 2 if data[-begun] >= _WIDE_FROM else 1
        )  # columns it takes at most
        self.is_text = bool(data) and "\ufffd" not in self.text and not any(map(is_forbidden, self.text))
        self.is_whole = self.is_text and not self.lead and not self.lacks
        self.spaced = self.text.startswith(" ")
        self.figure = any(map(is_numeric, self.text))
        self.breaks = self.text.lstrip(" ").startswith(BREAKS)
        self.ends_sentence = self.text.rstrip().endswith(_ENDS_SENTENCE)


@dataclass(frozen=True, eq=False)
class TokenTable:
    """All rows of the embedding, and `costs` (places, rows): columns each takes in a place, numbered by
    `place_of`, or ASK or NEVER."""

    tokens: tuple[Token, ...]
    breaks: frozenset[int]  # tokens that end a field of plain text
    costs: NDArray[np.int16]

    @classmethod
    def of(cls, data: Sequence[bytes], rows: int) -> TokenTable:
        """The table of tokens with these bytes, in a model whose embedding has `rows` of them."""
        tokens = (*map(Token, data), *[Token(b"")] * (rows - len(data)))
        return cls(tokens, frozenset(at for at, token in enumerate(tokens) if token.breaks), _costs(tokens))

    def __len__(self) -> int:
        return len(self.tokens)


def place_of(figures: bool, fresh: bool, lacking: int) -> int:
    """Where the next token stands: whether a figure may come and the field is still empty, or how many bytes
    of a character are missing."""
    return 3 + lacking if lacking else 2 * figures + fresh


def _costs(tokens: Sequence[Token]) -> NDArray[np.int16]:
    """The table's `costs`."""

    def every(name: str) -> NDArray[np.int64]:
        return np.array([getattr(token, name) for token in tokens], np.int64)

    lead, only_lead, is_text, figure = every("lead"), every("only_lead"), every("is_text"), every("figure")
    width, spaced = np.minimum(every("width"), NEVER - 1), every("spaced")
    costs = np.full((place_of(True, True, 3) + 1, len(tokens)), NEVER, np.int16)
    for figures, fresh, lacking in (
        *product((False, True), (False, True), (0,)),
        *product((False,), (False,), (1, 2, 3)),
    ):
        fits = (lead == lacking) | ((only_lead > 0) & (lead < lacking))
        may = fits & (is_text > 0) & ((figure == 0) | figures | (lacking > 0))
        costs[place_of(figures, fresh, lacking)] = np.where(may, width - spaced * fresh, NEVER)
    costs[:, every("breaks") > 0] = ASK
    return costs
