"""Which format a client asks for in its Accept header."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

AS_PUBLISHED: Final = "json"
"""The record as it stands on the topic."""
MEDIA_TYPES: Final = {
    AS_PUBLISHED: "application/json",
    "native": "application/vnd.openrtb.native+json",
    "adcom": "application/vnd.adcom.ad+json",
    "html": "text/html",
    "vast": "application/xml",
    "search": "application/vnd.shiftcast.search+json",
    "social": "application/vnd.shiftcast.social+json",
}
"""Format -> media type; the first is what a client gets that takes anything."""
ALSO: Final = {"text/xml": "vast", "application/vast+xml": "vast"}
_NAMED: Final = {media: name for name, media in MEDIA_TYPES.items()} | ALSO


@lru_cache(maxsize=256)
def accepted_formats(header: str) -> tuple[str, ...]:
    """Formats in the order of preference; () = none that there is. No header takes anything."""
    weighed: dict[str, float] = {}
    for part in header.split(",") if header.strip() else ["*/*"]:
        media, _, parameters = part.partition(";")
        weight = _weight(parameters)
        for name in _matching(media.strip().lower()):
            weighed[name] = max(weight, weighed.get(name, 0.0))
    return tuple(sorted((each for each in weighed if weighed[each] > 0), key=lambda each: -weighed[each]))


def _matching(media: str) -> tuple[str, ...]:
    if media == "*/*":
        return (AS_PUBLISHED,)
    if media.endswith("/*"):
        return tuple(name for known, name in _NAMED.items() if known.startswith(media[:-1]))[:1]
    return (_NAMED[media],) if media in _NAMED else ()


def _weight(parameters: str) -> float:
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
