"""What a browser says of itself without being asked, as coarse as topics take it: its kind, its system, its
language. The user agent itself is not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from streams import records as r

_KINDS: Final = {"?1": 1, "?0": 2}
"""Sec-CH-UA-Mobile -> AdCOM devicetype: mobile or tablet, personal computer."""
_SYSTEM: Final = re.compile(r'"([A-Za-z][A-Za-z ]{0,31})"')
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*(?=[,; ]|$)")


def device_of(headers: Mapping[str, str]) -> r.Device | None:
    """None when nothing of it is said."""
    system = _SYSTEM.fullmatch(headers.get("Sec-CH-UA-Platform", ""))
    language = _LANGUAGE.match(headers.get("Accept-Language", "")[:64])
    found = r.Device(
        devicetype=_KINDS.get(headers.get("Sec-CH-UA-Mobile", "")),
        os=system[1] if system else None,
        langb=language[0] if language else None,
    )
    return found if found != r.Device() else None
