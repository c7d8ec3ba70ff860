"""Every place where JSON is not what a record's type asks for: the decoder names the first alone, and keeps
silent about fields that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from models.mistakes.mistake import Mistake, nearest
from streams.records import Record

_NEAR: Final = 0.8
_PATTERNS: Final = {r"^[^|\s]+$": "text without spaces and |", r"^[^|]+$": "text without |"}
"""In words, as they stand in records."""
_PATH: Final = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def shape_mistakes(value: Any, kind: type[Record], path: str = "") -> Iterator[Mistake]:
    """Of an object that should be a `kind`: fields that are missing, of another type or out of range
    (errors), and fields that mean nothing (warnings)."""
    if not isinstance(value, dict):
        yield Mistake(path, "error", f"is {_json_name(value)}", "an object: {...}")
        return
    hints = get_type_hints(kind, include_extras=True)
    for name in sorted(value.keys() - hints.keys()):
        missing = hints.keys() - value.keys()
        meant = nearest(name, missing) or nearest(name, hints.keys(), _NEAR)  # the latter stands there, too
        allowed = "" if meant else ", ".join(sorted(missing))
        yield Mistake(_below(path, name), "warning", "is no field: it is not read", allowed, meant)
    for each in msgspec.structs.fields(kind):
        where = _below(path, each.encode_name)
        if each.encode_name in value:
            yield from _type_mistakes(value[each.encode_name], hints[each.name], where)
        elif each.required:
            yield Mistake(
                where, "error", "is missing", meant=nearest(each.encode_name, value.keys() - hints.keys())
            )


def _type_mistakes(value: Any, hint: Any, path: str) -> Iterator[Mistake]:
    kind = _plain(hint)
    if isinstance(kind, type) and issubclass(kind, Record):
        if value is not None or type(None) not in get_args(hint):
            yield from shape_mistakes(value, kind, path)
        return
    if get_origin(kind) is list and isinstance(value, list):
        (element,) = get_args(kind)
        below = [
            each for at, one in enumerate(value) for each in _type_mistakes(one, element, f"{path}[{at}]")
        ]
        yield from below
        if any(each.severity == "error" for each in below):
            return
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        yield Mistake(path, "error", *_said(value, str(error)))


def _plain(hint: Any) -> Any:
    """The type below annotations and `| None`."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return _plain(next(each for each in get_args(hint) if each is not type(None)))
    return hint


def _said(value: Any, complaint: str) -> tuple[str, str, str]:
    """(what, allowed, meant) of a decoder's complaint: "Expected `int`, got `str`"."""
    expected = _PATH.sub("", complaint).removeprefix("Expected ").partition(", got ")[0].replace("`", "")
    expected = next((words for pattern, words in _PATTERNS.items() if repr(pattern) in expected), expected)
    return f"is {_json_name(value)}", expected, _number_meant(value, expected)


def _number_meant(value: Any, expected: str) -> str:
    """The number in a text that holds nothing else."""
    if isinstance(value, str) and re.match(r"int|float", expected):
        return value.strip() if re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value) else ""
    return f'["{value}"]' if isinstance(value, str) and expected.startswith("array") else ""


def _json_name(value: Any) -> str:
    """A value in JSON's own spelling, shortened."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}..."


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
