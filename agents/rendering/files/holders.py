"""Who names the files of a name, and until when: pure, as it stands beside the files in every store."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec
from msgspec import structs

MOST: Final = 32
"""Creatives that are known one by one; of the others only when the last expires."""


class Holders(msgspec.Struct, frozen=True, omit_defaults=True):
    """`by`: Unix ms until which a creative, by its id, names them; `others_ms`: until which others do."""

    by: dict[str, int] = {}
    others_ms: int = 0

    @property
    def until_ms(self) -> int:
        """When the last of them expires; 0 = nobody is left."""
        return max(self.others_ms, *self.by.values(), 0)

    def held(self, holder: str, until_ms: int) -> Holders:
        """With one more, or the same for longer. Who expires first makes room: that is never who the files
        are kept for last."""
        if until_ms <= self.by.get(holder, 0):
            return self
        by = {**self.by, holder: until_ms}
        if len(by) <= MOST:
            return structs.replace(self, by=by)
        first = min(by, key=by.__getitem__)
        return Holders(by, max(self.others_ms, by.pop(first)))

    def without(self, holder: str) -> Holders:
        """Less one."""
        return structs.replace(self, by={each: ms for each, ms in self.by.items() if each != holder})


_decoder: Final = msgspec.json.Decoder(Holders | int)


def holders_of(data: bytes) -> Holders | None:
    """What stands beside the files; a number is an earlier build's. None where it cannot be read."""
    with suppress(msgspec.DecodeError):
        found = _decoder.decode(data)
        return found if isinstance(found, Holders) else Holders(others_ms=found)
    return None


def told(holders: Holders) -> bytes:
    """What is written beside them."""
    return msgspec.json.encode(holders)
