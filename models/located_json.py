"""JSON as people write it into files: one array, or one value after another, each with the line of every
field."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from json import JSONDecodeError, JSONDecoder
from math import isinf
from typing import Any, Final, NoReturn

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_END: Final = re.compile(r"\n")
_NEXT_LINE: Final = re.compile(r"\n(?=[ \t]*\{)")
_DIGITS: Final = 400
"""More than any number has that a float holds."""
_SHOWN: Final = 20


@dataclass
class Located:
    """One value of a file. `lines` by path ("templates[2].slot", "" = the value itself); `twice`: paths of
    fields that stand there again; `broken`: why it could not be read, "" when it could."""

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    broken: str = ""

    def line_of(self, path: str) -> int:
        """The line of a field; of a missing one, that of what it belongs to."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 1)


def read_located(text: str) -> list[Located]:
    """The elements of the one array `text` holds, else every value in it. What is no JSON is a value with
    `broken`; reading goes on at the next line that begins an object."""
    found: list[Located] = []
    at = _skip(text, 0)
    if text[at : at + 1] == "[":
        return _array(text, at)
    while at < len(text):
        one = Located()
        found.append(one)
        try:
            one.value, at = _value(text, at, "", one)
        except (JSONDecodeError, RecursionError) as error:
            at = _give_up(text, at, one, error)
        at = _skip(text, at)
    return found


def _array(text: str, at: int) -> list[Located]:
    found: list[Located] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        one = Located()
        found.append(one)
        try:
            one.value, at = _value(text, at, "", one)
            at = _skip(text, at)
            if text[at : at + 1] not in (",", "]"):
                raise JSONDecodeError("Expecting ',' delimiter", text, at)
        except (JSONDecodeError, RecursionError) as error:
            _give_up(text, at, one, error)
            break
        at = _skip(text, at + 1) if text[at] == "," else at
    else:
        behind = _skip(text, at + 1)
        if behind < len(text):
            what = "stands behind the end of the array"
            found.append(Located(broken=what, lines={"": _line(text, behind)}))
    return found


def _give_up(text: str, at: int, one: Located, error: Exception) -> int:
    """Note why; returns where reading goes on."""
    stopped = error.pos if isinstance(error, JSONDecodeError) else at
    said = error.msg if isinstance(error, JSONDecodeError) else "nested deeper than any campaign is"
    one.value, one.broken = None, f"is no JSON: {said}"
    one.lines = {"": _line(text, stopped)}
    following = _NEXT_LINE.search(text, max(stopped, at + 1))
    return following.end() if following else len(text)


def _value(text: str, at: int, path: str, one: Located) -> tuple[Any, int]:
    at = _skip(text, at)
    one.lines.setdefault(path, _line(text, at))
    if text[at : at + 1] == "{":
        return _object(text, at, path, one)
    if text[at : at + 1] == "[":
        return _list(text, at, path, one)
    return _scalar(text, at, path)


def _scalar(text: str, at: int, path: str) -> tuple[Any, int]:
    try:
        value, end = _decoder.raw_decode(text, at)
    except _UnfitError as unfit:
        raise JSONDecodeError(f"{path or 'it'} is {unfit}", text, at) from None
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            half = f"\\u{ord(value[error.start]):04x}"
            raise JSONDecodeError(f"{path or 'a name'} holds {half}, half a character", text, at) from None
    return value, end


class _UnfitError(Exception):
    """A number that Python's decoder takes and JSON, or a float, has not."""


def _unfit(text: str) -> NoReturn:
    raise _UnfitError(text)


def _float(text: str) -> float:
    number = float(text)
    if isinf(number):
        _unfit(f"{_shortened(text)}, larger than any number")
    return number


def _int(text: str) -> int:
    if len(text) > _DIGITS:  # Python refuses the longest with a trace
        _unfit(f"{_shortened(text)}, larger than any number")
    return int(text)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_decoder: Final = JSONDecoder(parse_float=_float, parse_int=_int, parse_constant=_unfit)


def _object(text: str, at: int, path: str, one: Located) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        if text[at : at + 1] != '"':
            raise JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        name_at = at
        name, at = _scalar(text, at, "")
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise JSONDecodeError("Expecting ':' delimiter", text, at)
        below = f"{path}.{name}" if path else name
        if name in found:
            one.twice.append(below)
        one.lines[below] = _line(text, name_at)
        found[name], at = _value(text, at + 1, below, one)
        at = _next(text, at, "}")
    return found, at + 1


def _list(text: str, at: int, path: str, one: Located) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        each, at = _value(text, at, f"{path}[{len(found)}]", one)
        found.append(each)
        at = _next(text, at, "]")
    return found, at + 1


def _next(text: str, at: int, end: str) -> int:
    """Behind the comma, or at the `end`."""
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        after = _skip(text, at + 1)
        if text[after : after + 1] == end:
            raise JSONDecodeError("Illegal trailing comma", text, at)
        return after
    if text[at : at + 1] != end:
        raise JSONDecodeError("Expecting ',' delimiter", text, at)
    return at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _line(text: str, at: int) -> int:
    return bisect_left(_ends(text), at) + 1


@lru_cache(maxsize=1)
def _ends(text: str) -> list[int]:
    """Where its lines end: looked for once, not anew for every value."""
    return [each.start() for each in _END.finditer(text)]
