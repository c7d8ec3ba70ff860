"""Row `m` as it was: msgpack of (made, asked)."""

from __future__ import annotations

from typing import Final

import msgspec

_PLACES: Final = ("", "", "", "")
"""Copy id, layout, asset, channel: not known."""


def with_copy_ids(payload: bytes) -> bytes:
    """Version 1 to 2: a creative names the entry of the pool that its copy came from."""
    made, asked = msgspec.msgpack.decode(payload)
    return msgspec.msgpack.encode(([[*each, *_PLACES] for each in made], asked))


def with_layout_chances(payload: bytes) -> bytes:
    """Version 2 to 3: a creative says how likely its layout was; of those before that is not known."""
    made, asked = msgspec.msgpack.decode(payload)
    return msgspec.msgpack.encode(([[*each, None] for each in made], asked))
