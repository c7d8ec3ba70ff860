"""Row `r` as it was: msgpack of (held, past, asked, recent)."""

from __future__ import annotations

from typing import Final

import msgspec

_PLACES: Final = ("", "", "", "")
"""Copy id, layout, asset, channel: not known."""


def with_places(payload: bytes) -> bytes:
    """Version 1 to 2: places for what a creative will carry; a past one names the creative that it was."""
    held, past, asked, recent = msgspec.msgpack.decode(payload)
    held = [[*each, *_PLACES] for each in held]
    past = [[*each, "", *_PLACES] for each in past]
    return msgspec.msgpack.encode((held, past, asked, recent))
