"""One setting: its unit, its limits, its variable, and its value as the environment has it."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import Field, field
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin

from streams.loud_end import RefusedError
from streams.trackers import parse_trackers

TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off"})


MOST: Final = 2**53
"""Of a number that nothing nearer bounds: whole numbers are exact in every format up to it."""


class SettingsError(RefusedError):
    """A setting that cannot be used; the message names the variable, its value and the rule."""


def knob(
    default: Any,
    unit: str,
    risk: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    form: tuple[str, str] | None = None,
    env: str | None = None,
    secret: bool = False,
) -> Any:
    """A dataclass field that knows its unit, its limits and what goes wrong when it is turned. `form`: the
    regular expression of a text, and how it is put into words."""
    about = {
        "unit": unit,
        "risk": risk,
        "least": least,
        "most": most,
        "choices": choices,
        "form": form,
        "env": env,
        "secret": secret,
    }
    return field(default=default, repr=not secret, metadata=about)


def variable(each: Field[Any]) -> str:
    """Name of the environment variable of a field."""
    return each.metadata["env"] or f"SHIFTCAST_{each.name.upper()}"


def environ_text_of(each: Field[Any], environ: Mapping[str, str]) -> str | None:
    """What the environment says of a field, or None; a secret's file wins over its variable."""
    name = variable(each)
    file = environ.get(f"{name}_FILE") if each.metadata["secret"] else None
    if not file:
        return environ.get(name) or None
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise SettingsError(f"{name}_FILE is {file!r}: cannot be read ({why})") from None


def parsed(each: Field[Any], hint: Any, text: str) -> Any:
    """`text` as the field's type."""
    kind = (
        next(t for t in get_args(hint) if t is not type(None))
        if get_origin(hint) in (Union, types.UnionType)
        else hint
    )
    try:
        if kind is bool:
            return _boolean(text)
        return parse_trackers(text) if get_origin(kind) is tuple else kind(text)
    except ValueError as error:
        rules = {int: "give a whole number", float: "give a number", bool: "give true or false"}
        raise SettingsError(f"{variable(each)} is {text!r}: {rules.get(kind) or error}") from None


def _boolean(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise ValueError
    return text.lower() in TRUE


def check_limits(each: Field[Any], value: Any) -> None:
    """Raises SettingsError for a value outside the limits of its field."""
    about = each.metadata
    if value is None:
        return
    if about["choices"] and value not in about["choices"]:
        raise SettingsError(f"{variable(each)} is {value!r}: give one of {', '.join(about['choices'])}")
    if about["form"] and not re.fullmatch(about["form"][0], value):
        said = "not of its form" if about["secret"] else repr(value)
        raise SettingsError(f"{variable(each)} is {said}: give {about['form'][1]}")
    if about["least"] is not None and not value >= about["least"]:
        raise SettingsError(
            f"{variable(each)} is {value!r}: give at least {about['least']} {about['unit']}".rstrip()
        )
    most = MOST if about["most"] is None else about["most"]
    if isinstance(value, int | float) and not value <= most:
        raise SettingsError(f"{variable(each)} is {value!r}: give at most {most} {about['unit']}".rstrip())
