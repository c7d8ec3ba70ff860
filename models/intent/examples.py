"""Short briefs of campaigns by what they are for, written for this: those that are fitted to, and others in
other words that say how well."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, NamedTuple

UNSTATED: Final = "unstated"
INTENTS: Final = ("awareness", "promotion", "conversion", UNSTATED)
"""To be known, to bring people to an offer, to have them buy or sign; or the brief does not say. The order is
that of the weights."""
FITTED: Final = ("en", "de", "zh")
HELD_OUT: Final = "held_out"
FED: Final = "fed"
"""Facts and claims as campaigns list them; held out too."""


class LabelledBrief(NamedTuple):
    intent: str
    text: str


def labelled_briefs(names: Sequence[str]) -> list[LabelledBrief]:
    """The briefs of these files, in their order."""
    return [
        LabelledBrief(intent, text)
        for name in names
        for intent, texts in _read(name).items()
        for text in texts
    ]


def _read(name: str) -> dict[str, list[str]]:
    path = files(__package__) / "briefs" / f"{name}.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(found) == set(INTENTS), f"{name}.toml names {sorted(found)}"
    return found
