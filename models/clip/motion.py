"""Movement as functions of time: how far a line has come, where the camera looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Shot:
    """Where the camera is at a moment: so much nearer than the whole picture, its middle as shares of width
    and height."""

    at_s: float
    nearer: float
    x: float = 0.5
    y: float = 0.5


def share(now_s: float, start_s: float, lasts_s: float) -> float:
    """How much of a movement is over, 0 to 1."""
    return min(1.0, max(0.0, (now_s - start_s) / lasts_s))


def settling(done: float) -> float:
    """Fast, then slower and slower."""
    return 1 - (1 - done) ** 4


def gentle(done: float) -> float:
    """Slow at both ends."""
    return (1 - math.cos(math.pi * done)) / 2


def popping(done: float) -> float:
    """Past its end by a tenth, then back to it."""
    back = 1.70158
    return 1 + (back + 1) * (done - 1) ** 3 + back * (done - 1) ** 2


def camera(shots: Sequence[Shot], now_s: float) -> Shot:
    """Between two shots of a list in order of time."""
    if now_s <= shots[0].at_s:
        return shots[0]
    for one, other in pairwise(shots):
        if now_s <= other.at_s:
            done = gentle(share(now_s, one.at_s, other.at_s - one.at_s))
            return Shot(
                now_s,
                one.nearer + done * (other.nearer - one.nearer),
                one.x + done * (other.x - one.x),
                one.y + done * (other.y - one.y),
            )
    return shots[-1]


def view(shot: Shot, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """What the camera sees of a picture of this size: left, top, right, bottom, never beyond its edges."""
    width, height = size
    w, h = width / shot.nearer, height / shot.nearer
    left = min(width - w, max(0.0, shot.x * width - w / 2))
    top = min(height - h, max(0.0, shot.y * height - h / 2))
    return left, top, left + w, top + h
