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
        self._number = int.from_bytes(b64decode(whole, altchars=b"-_", validate=True), "big")
        self._number >>= (len(whole) - len(letters)) * 6

    def __len__(self) -> int:
        return self._length

    def number(self, start: int, count: int) -> int:
        """The `count` bits from `start`."""
        spare = self._length - start - count
        shifted = self._number >> spare if spare >= 0 else self._number << -spare
        return shifted & ((1 << count) - 1)
