"""Row `r` as it was: msgpack of (held, past, asked, recent)."""

from __future__ import annotations

from typing import Final

import msgspec

_PLACES: Final = ("", "", "", "")
"""Copy id, layout, asset, channel: not known."""
_HELD_CREATIVE: Final = 1
_PAST_ITEM: Final = 2
_PAST_CREATIVE: Final = 7
"""Places of ids in version 2."""
_PAST_ARM: Final = 6


def with_places(payload: bytes) -> bytes:
    """Version 1 to 2: places for what a creative will carry; a past one names the creative that it was."""
    held, past, asked, recent = msgspec.msgpack.decode(payload)
    held = [[*each, *_PLACES] for each in held]
    past = [[*each, "", *_PLACES] for each in past]
    return msgspec.msgpack.encode((held, past, asked, recent))


def with_origins(payload: bytes) -> bytes:
    """Version 2 to 3: what a creative stands on beside campaign and template. The item is known where its
    copy was kept; when it was made is not known, which counts as long ago; a model may have written it."""
    held, past, asked, recent = msgspec.msgpack.decode(payload)
    item_of = {each[_PAST_CREATIVE]: each[_PAST_ITEM] for each in past if each[_PAST_CREATIVE]}
    held = [[*each, item_of.get(each[_HELD_CREATIVE], ""), 0, True, ""] for each in held]
    past = [[*each, ""] for each in past]
    return msgspec.msgpack.encode((held, past, asked, recent))


def with_headlines(payload: bytes) -> bytes:
    """Version 3 to 4: no headline of a model is remembered yet; until then the arm of a past creative told
    whether it was a filled template."""
    held, past, asked, recent = msgspec.msgpack.decode(payload)
    past = [[*each, not each[_PAST_ARM].startswith("template.")] for each in past]
    return msgspec.msgpack.encode((held, past, asked, recent, []))


def with_pictures(payload: bytes) -> bytes:
    """Version 4 to 5: how the pictures of before looked is not known."""
    return msgspec.msgpack.encode([*msgspec.msgpack.decode(payload), []])


def with_shown(payload: bytes) -> bytes:
    """Version 5 to 6: what the pictures of live creatives show is not known."""
    held, *rest = msgspec.msgpack.decode(payload)
    return msgspec.msgpack.encode([[[*each, []] for each in held], *rest])
