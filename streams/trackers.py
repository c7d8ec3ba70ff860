"""Trackers as the environment names them: a JSON array like that of a campaign."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from models.campaigns import EventTracker
from models.link import tracker_fault

_Code = Annotated[int, Meta(ge=0, le=65_535)]


class _Tracker(msgspec.Struct, forbid_unknown_fields=True):
    type: _Code
    method: _Code
    url: str


def parse_trackers(text: str) -> tuple[EventTracker, ...]:
    """Of `[{"type": 1, "method": 1, "url": "https://..."}]`. Raises ValueError: what is wrong, and what to
    give."""
    try:
        found = msgspec.json.decode(text, type=list[_Tracker])
    except msgspec.DecodeError as error:
        raise ValueError(f"{error}; give [{{type, method, url}}] as JSON") from None
    for at, each in enumerate(found):
        if fault := tracker_fault(each.url):
            raise ValueError(f"the url at $[{at}] {fault}")
    return tuple(EventTracker(each.type, each.method, each.url) for each in found)
