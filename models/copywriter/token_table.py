"""What is known of every token of a vocabulary, once per model: its bytes, its width, how it may join what stands before it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.copywriter.checked import is_forbidden
from models.copywriter.facts import is_numeric
from models.graphemes import width

BREAKS: Final = ("\n", "|")
"""What ends a field of plain text."""
SPACED, FIGURE, WHOLE, ENDS = 1, 2, 4, 8
"""Bits of a token's code: begins with a space; holds a figure; text that begins with a whole character; ends a field."""
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

    Knows byte-level vocabularies (GPT-2, Llama 3, Qwen) and those that write a space as "▁" and bytes as <0xNN> (Llama 2, Mistral).
    """
    special = {index for index, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    decoder = json.loads(tokenizer.decoder.__getstate__()) if tokenizer.decoder is not None else {}
    byte_level = "ByteLevel" in json.dumps(decoder)
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


@dataclass(frozen=True, eq=False)
class TokenTable:
    """Arrays over all rows of the embedding; rows without text may never come as text."""

    data: tuple[bytes, ...]
    text: tuple[str, ...]  # its whole characters
    width: NDArray[np.int32]  # columns it takes at most
    lead: NDArray[np.int8]  # bytes at its beginning that complete a character
    lacks: NDArray[np.int8]  # bytes missing of the character at its end
    only_lead: NDArray[np.bool_]  # nothing but bytes that continue a character
    is_text: NDArray[np.bool_]
    spaced: NDArray[np.bool_]  # begins with a space
    ends_sentence: NDArray[np.bool_]
    code: NDArray[np.int32]  # what masks look at in one number: width * 16 + ENDS, WHOLE, FIGURE and SPACED where they hold

    @classmethod
    def of(cls, data: Sequence[bytes], rows: int) -> TokenTable:
        """The table of tokens with these bytes, in a model whose embedding has `rows` of them."""
        known = [_Token(each) for each in data] + [_Token(b"")] * (rows - len(data))
        code = [
            each.width * 16
            + ENDS * each.text.lstrip(" ").startswith(BREAKS)
            + WHOLE * (each.is_text and not each.lead)
            + FIGURE * any(map(is_numeric, each.text))
            + SPACED * each.text.startswith(" ")
            for each in known
        ]
        return cls(
            data=tuple(each.data for each in known),
            text=tuple(each.text for each in known),
            width=np.array([each.width for each in known], np.int32),
            lead=np.array([each.lead for each in known], np.int8),
            lacks=np.array([each.lacks for each in known], np.int8),
            only_lead=np.array([each.lead == len(each.data) for each in known]),
            is_text=np.array([each.is_text for each in known]),
            spaced=np.array([each.text.startswith(" ") for each in known]),
            ends_sentence=np.array([each.text.rstrip().endswith(_ENDS_SENTENCE) for each in known]),
            code=np.array(code, np.int32),
        )


class _Token:
    """One token taken apart: bytes that complete a character, whole text, bytes that begin one."""

    __slots__ = ("data", "is_text", "lacks", "lead", "text", "width")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lead = next((at for at, byte in enumerate(data) if not 0x80 <= byte < 0xC0), len(data))
        self.lacks = _lacking(data) if self.lead < len(data) else 0
        begun = 0
        if self.lacks:
            begun = next(back for back in range(1, 4) if data[-back] >= 0xC0)
        middle = data[self.lead : len(data) - begun]
        self.text = middle.decode("utf-8", "replace")
        self.width = width(self.text) + (0 if not begun else 2 if data[-begun] >= _WIDE_FROM else 1)
        whole = "\ufffd" not in self.text and not any(map(is_forbidden, self.text))
        self.is_text = bool(data) and whole
