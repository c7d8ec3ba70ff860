"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CheckFinding:
    """`repair` = what to type; empty when nothing needs repair."""

    level: Literal["ok", "warning", "error"]
    subject: str
    text: str
    repair: str = ""
