"""Every place where JSON is not what a record's type asks for: the decoder names the first alone, and keeps
silent about fields that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from models.mistakes.mistake import Mistake, nearest_word
from models.mistakes.typed import allowed_at, meant_at
from streams.records import Record

_NEAR: Final = 0.8
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
        meant = nearest_word(name, missing) or nearest_word(
            name, hints.keys(), _NEAR
        )  # the latter stands there, too
        allowed = "" if meant else ", ".join(sorted(missing))
        yield Mistake(_below(path, name), "warning", "is no field: it is not read", allowed, meant)
    for each in msgspec.structs.fields(kind):
        where = _below(path, each.encode_name)
        if each.encode_name in value:
            yield from _type_mistakes(value[each.encode_name], hints[each.name], where)
        elif each.required:
            yield Mistake(
                where,
                "error",
                "is missing",
                meant=nearest_word(each.encode_name, value.keys() - hints.keys()),
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
        yield Mistake(path, "error", *_said(path, value, str(error)))


def _plain(hint: Any) -> Any:
    """The type below annotations and `| None`."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return _plain(next(each for each in get_args(hint) if each is not type(None)))
    return hint


def _said(path: str, value: Any, complaint: str) -> tuple[str, str, str]:
    """(what, allowed, meant) of a decoder's complaint: "Expected `int`, got `str`"."""
    expected = _PATH.sub("", complaint).removeprefix("Expected ").partition(", got ")[0].replace("`", "")
    return f"is {_json_name(value)}", allowed_at(path, expected), meant_at(path, value, expected)


def _json_name(value: Any) -> str:
    """A value in JSON's own spelling, shortened."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}..."


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
