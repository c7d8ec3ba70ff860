"""Bits of a text in the alphabet of base64url, six a character, as consent managers write them."""

from __future__ import annotations

from base64 import b64decode


class Bits:
    """The first bit is the highest of the first character; what lies behind the last is 0."""

    def __init__(self, text: str) -> None:
        """Raises ValueError."""
        letters = text.rstrip("=")
        whole = letters + "A" * (-len(letters) % 4)
        self._length = len(letters) * 6
        self._data = b64decode(whole, altchars=b"-_", validate=True)

    def __len__(self) -> int:
        return self._length

    def number(self, start: int, count: int) -> int:
        """The `count` bits from `start`. Takes as long as these are many, not the text."""
        first, end = start // 8, (start + count + 7) // 8
        data = self._data[first:end].ljust(end - first, b"\0")
        return int.from_bytes(data, "big") >> (end * 8 - start - count) & ((1 << count) - 1)
