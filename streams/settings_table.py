"""All settings as people look at them: the table of the guide, and what is probably misspelt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import Any, Final

from streams.knobs.knob import variable
from streams.settings import Settings

_PREFIX: Final = "SHIFTCAST_"
_DATA: Final = "SHIFTCAST_DATA"
"""Folder of real data for tests and replays; read by them alone."""


def unknown_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that begin with our prefix and mean nothing, with what to do: most often a setting misspelt
    and so silently not made."""
    secrets = {f"{variable(each)}_FILE" for each in fields(Settings) if each.metadata["secret"]}
    known = {variable(each) for each in fields(Settings)} | secrets | {_DATA}
    names = [each.removeprefix(_PREFIX) for each in known]
    repairs = {}
    for name in sorted(set(environ) - known):
        if name.startswith(_PREFIX):
            near = get_close_matches(name.removeprefix(_PREFIX), names, n=1)
            repairs[name] = f"did you mean {_PREFIX}{near[0]}?" if near else f"unset {name}"
    return repairs


def table() -> list[tuple[str, str, str, str]]:
    """(variable, default, unit, risk) of every setting, in order: the guide's table is printed from it."""
    return [
        (variable(each), _shown(each), each.metadata["unit"], each.metadata["risk"])
        for each in fields(Settings)
    ]


def markdown() -> str:
    """The table as Markdown."""
    rows = "\n".join(f"| `{name}` | {default} | {unit} | {risk} |" for name, default, unit, risk in table())
    return f"| Variable | Default | Unit | What to know |\n| --- | --- | --- | --- |\n{rows}\n"


def _shown(each: Field[Any]) -> str:
    if each.default in (None, MISSING, ()):
        return ""
    return f"`{str(each.default).lower() if isinstance(each.default, bool) else each.default}`"
