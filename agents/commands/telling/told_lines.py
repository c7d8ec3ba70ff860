"""What `shiftcast show-user` prints: one line of words for each thing that is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from models.money import EXPONENTS, INDEX

_UNKNOWN: Final = "unknown"
_NEVER: Final = "-"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NEWEST: Final = 5
"""Of long lists the newest are printed; --json has all."""


def told_lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(what, in words) of what `show-user` tells."""
    for name, value in told.get("consent", {}).items():
        yield f"consent: {_plain(name)}", _time(value) if name.endswith("_ts") else _word(value)
    for name, value in told.get("link", {}).items():
        yield f"link: {_plain(name)}", _time(value) if name.endswith("_ts") else _word(value)
    for name, value in told.get("profile", {}).items():
        yield _plain(name), _PROFILE.get(name, _word)(value)
    for name, value in told.get("exposures", {}).items():
        yield f"kept: {_KEPT[name]}", str(value)
    for each in told.get("campaigns", ()):
        times = "once" if each["impressions"] == 1 else f"{each['impressions']} times"
        yield "campaign shown", f"{each['campaign_id']} {times}, last {_time(each['newest_ts'])}"
    yield from _newest("click", told.get("clicks", []), _where)
    yield from _newest("reaction", told.get("reactions", []), lambda each: f"{each['what']}, {_where(each)}")
    yield from _newest(
        "conversion", told.get("conversions", []), lambda each: f"{_money(each)}, {_where(each)}"
    )
    for each in told.get("kept_copies", ()):
        yield (
            f"kept copy for {each['slot']}",
            f"{each['headline']} ({each['campaign_id']}, {each['item_id']})",
        )
    for each in told["creatives"]:
        words = f"{each['headline']} ({each['campaign_id']}, because: {each['because']})"
        yield f"creative in {each['slot']}", f"{words}, until {_time(each['expires'])}"


_KEPT: Final = {
    "shown": "impressions",
    "acts": "clicks, reactions",
    "sales": "conversions",
    "live": "creatives",
}


def _newest(
    name: str, entries: list[dict[str, Any]], words: Callable[[dict[str, Any]], str]
) -> Iterator[tuple[str, str]]:
    for each in entries[: -_NEWEST - 1 : -1]:
        yield name, f"{_time(each['ts'])} {words(each)}"
    if len(entries) > _NEWEST:
        yield name, f"and {len(entries) - _NEWEST} before"


def _time(ms: int) -> str:
    """UTC, with milliseconds where there are any."""
    if not ms:
        return _NEVER
    spec = "milliseconds" if ms % 1000 else "seconds"
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec=spec).replace("+00:00", "Z")


def _word(value: Any) -> str:
    """A value in a word: nothing is printed as Python would."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{_plain(key)} {_word(each)}" for key, each in value.items()) or _NEVER
    if isinstance(value, list):
        return ", ".join(map(_word, value)) or _NEVER
    return str(value)


def _plain(name: str) -> str:
    if name.endswith("_ts"):
        return f"{name.removesuffix('_ts')} at"
    return name.removesuffix("_ms").removesuffix("_minor").replace("_", " ")


def _where(each: dict[str, Any]) -> str:
    return f"campaign {each['campaign_id'] or _UNKNOWN}"


def _money(each: dict[str, Any]) -> str:
    if each["value_minor"] is None:
        return "no value"
    places = EXPONENTS[INDEX[each["cur"]]]
    return f"{each['value_minor'] / 10**places:.{places}f} {each['cur']}"


def _tops(counts: list[int], names: Callable[[int], str]) -> str:
    """The places of a histogram that are not empty, the fullest first."""
    order = sorted((place for place, n in enumerate(counts) if n), key=lambda place: -counts[place])
    told = ", ".join(names(place) for place in order[:_NEWEST])
    return told or _UNKNOWN


_PROFILE: Final[dict[str, Callable[[Any], str]]] = {
    "newest_event_ms": _time,
    "newest_trigger_ms": _time,
    "interests": lambda value: ", ".join(f"{each['name']} {each['share']:.0%}" for each in value) or _NEVER,
    "items": lambda value: ", ".join(each["item_id"] for each in value) or _NEVER,
    "price_tier": lambda value: f"{value} of 5" if value else _UNKNOWN,
    "spending_minor": lambda value: _UNKNOWN if value is None else f"about {value:.0f} minor units",
    "hours": lambda value: _tops(value, lambda hour: f"{hour}h"),
    "weekdays": lambda value: _tops(value, lambda day: _DAYS[day]),
    "devices": lambda value: _tops(value, lambda device: f"type {device + 1}"),
}
"""How a field of models.choice.served.describe is said, where a word will not do."""
