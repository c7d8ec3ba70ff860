"""Values of another type or out of range: what is allowed, in a campaign manager's words, and what was
probably meant."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, Final

_TIMES: Final = ("start", "end")
_DEVICES: Final = {"mobile": 4, "phone": 4, "smartphone": 4, "desktop": 2, "pc": 2, "tv": 3, "tablet": 5}
"""Words for device types of AdCOM that stand where a number belongs."""
_FORMS: Final = {
    r"^[^|\s]+$": "text without spaces and |",
    r"^[^|]+$": "text without |",
    "^#[0-9a-fA-F]{6}$": 'a colour such as "#0b57d0"',
}
"""Regular expressions of records in words."""
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list: [...]",
    "object": "an object: {...}",
}
_MOST: Final = re.compile(r"<= ([\d.]+)$")
_NUMBER: Final = re.compile(r"\s*(-?[0-9]+(?:[.,][0-9]{1,2})?)\s*(?:[A-Za-z]{3}|[€$£])?\s*")


def allowed_at(path: str, expected: str) -> str:
    """What a decoder expects ("int <= 9", "float | null") of a field, in words."""
    form = next((words for pattern, words in _FORMS.items() if repr(pattern) in expected), "")
    if form:
        return form
    if _is_time(path, expected):
        return "Unix time in milliseconds"
    kind, *rest = expected.split(" ")
    return " ".join((_KINDS.get(kind, kind), *rest)).replace(" | null", ", or nothing")


def meant_at(path: str, value: Any, expected: str) -> str:
    """In JSON's spelling; "" = nobody can tell."""
    if expected.startswith("array") and isinstance(value, str | dict):
        return json.dumps([value], ensure_ascii=False)
    if not re.match("int|float", expected):
        return ""
    if isinstance(value, str):
        return _day_meant(value) if _is_time(path, expected) else _number_meant(path, value)
    most = _MOST.search(expected)
    if most is None or isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return _smaller(value, float(most[1]))


def _is_time(path: str, expected: str) -> bool:
    return expected.startswith("int") and path.rpartition(".")[2] in _TIMES


def _day_meant(text: str) -> str:
    """A day or time of ISO 8601, in UTC where it does not say."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return ""
    return str(int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000))


def _number_meant(path: str, text: str) -> str:
    """The number in a text that holds nothing else but a unit, or the device that it names."""
    if "device" in path and (device := _DEVICES.get(text.strip().casefold())):
        return str(device)
    found = _NUMBER.fullmatch(text)
    return found[1].replace(",", ".") if found else ""


def _smaller(value: float, most: float) -> str:
    """Milliseconds where seconds belong, a percentage where a share does."""
    if most == 1 and 1 < value <= 100:
        return f"{value / 100:g}"
    return f"{value // 1000}" if most < value <= 1000 * most and value % 1000 == 0 else ""
