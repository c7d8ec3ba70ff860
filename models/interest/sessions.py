"""Sessions of a user (a pause of 30 minutes ends one), what was clicked in the current one, and who clicks
too fast to be a person."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.event.layout import EventKind
from models.interest.decay import HOUR, MINUTE, step
from models.interest.profile import CLICKED, IN_SESSION, RING
from models.kernels.compiled import part
from models.kernels.half import float_to_half

SESSION: Final = 30 * MINUTE
_IMPRESSION: Final = int(EventKind.IMPRESSION)
_CLICK: Final = int(EventKind.CLICK)
_LIKE: Final = int(EventKind.LIKE)
_CART: Final = int(EventKind.CART)
_CONVERSION: Final = int(EventKind.CONVERSION)
BOT_REST_MINUTES: Final = HOUR // MINUTE
"""A bot counts as a person again this long after the last minute with too many events."""
_COUNT: Final = 31 << IN_SESSION
_ONE: Final = 1 << IN_SESSION
_REST: Final = 0xFFFF ^ _COUNT


@part
def start_session(row: Any, apart: Any) -> None:
    """Forgets the clicks of the last session and learns the time between the two."""
    for i in range(CLICKED):
        row["clicked"][i] = 0
    row["head"]["flags"] &= _REST
    if row["t_pos"] != 0:
        log_minutes = math.log(apart / MINUTE)
        row["gap"] = float_to_half(log_minutes) if row["gap"] == 0 else step(row["gap"], log_minutes, 0.2)


@part
def count_in_session(row: Any) -> None:
    """The current session filled another slot of the ring."""
    if in_session(row) < RING:
        row["head"]["flags"] += _ONE


@part
def in_session(row: Any) -> Any:
    """Slots of the ring, the newest, that the current session filled."""
    return (np.int64(row["head"]["flags"]) & _COUNT) >> IN_SESSION


@part
def was_clicked(row: Any, key: Any) -> Any:
    """Whether the item is among the last four clicked in this session."""
    found = False
    for i in range(CLICKED):
        found |= key != 0 and row["clicked"][i] == key
    return found


@part
def note_click(row: Any, key: Any) -> None:
    """The item becomes the newest clicked one."""
    clicked = row["clicked"]
    for i in range(CLICKED - 1, 0, -1):
        clicked[i] = clicked[i - 1]
    clicked[0] = key


@part
def counts_as_bot(row: Any, event: Any, positives: Any, impressions: Any) -> Any:
    """Counts this event in its minute; True while the user counts as a bot: after so many `positives` in a
    minute, lines of orders aside, or so many `impressions`. What is of an earlier minute is not counted.
    `row`: any with bot_minute, bot_until, bot_count and bot_shown."""
    minute = np.int64(event["ts"]) // MINUTE
    kind = event["kind"]
    acted = kind in (_CLICK, _LIKE, _CART) or (kind == _CONVERSION and event["order"] == 0)
    if (acted or kind == _IMPRESSION) and minute >= row["bot_minute"]:
        if minute > row["bot_minute"]:
            row["bot_minute"] = minute
            row["bot_count"] = row["bot_shown"] = 0
        if acted:
            row["bot_count"] = min(row["bot_count"] + 1, 255)
        else:
            row["bot_shown"] = min(row["bot_shown"] + 1, 65_535)
        if row["bot_count"] >= positives or row["bot_shown"] >= impressions:
            row["bot_until"] = minute + BOT_REST_MINUTES
    return minute < row["bot_until"]
