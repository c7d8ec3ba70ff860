"""How one brief's copy is laid out as tokens: fields and their budgets, what opens each, pointers, what must
stand in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from models.brief.brief import SCENES, Brief, copy_channel_of, limits_of, scene_limit
from models.copywriter.checked import Checker
from models.text.graphemes import shown_width

Encode = Callable[[str], Sequence[int]]
"""Text to token ids, without any special token."""


@dataclass(frozen=True)
class CopyLayout:
    """The last field is the call to action. Ids of `openings` and `required` are written without asking the
    model."""

    checker: Checker
    budgets: tuple[int, ...]  # columns of each field
    sentences: tuple[bool, ...]  # whether a field must end with a sentence
    openings: tuple[tuple[int, ...], ...]  # ids before each field; none before the first
    ctas: tuple[tuple[int, ...], ...]  # the closed list of calls to action; () = free
    encode: Encode
    ends: frozenset[int]  # ids that end a field, beside the breaks of plain text
    pointers: Mapping[int, str] = field(default_factory=dict)  # control id -> the row's words it stands for
    pointer_space: int = 1  # columns of the space a pointer brings
    required: tuple[int, ...] = ()
    required_text: str = ""
    required_field: int = 1
    short_headlines: tuple[str, ...] = ()  # what a headline says whose opening leaves the item no room
    loose: bool = False  # a field that cannot go on ends where it is, to be cut at its last sentence

    @property
    def required_width(self) -> int:
        """Columns to keep free for what must be said: its words, a space, and a full stop after it and (plain
        text) before it."""
        return shown_width(self.required_text) + (3 if self.loose else 2) if self.required else 0

    @property
    def impossible(self) -> bool:
        """Whether what must be said has no room at all, or may not be said."""
        unsayable = bool(self.required) and self.checker.refuses(self.required_text)
        return unsayable or self.required_width > self.budgets[self.required_field] + 1


def budgets_of(brief: Brief, script: bool) -> tuple[int, ...]:
    """Columns of each field: headline, description, call to action; with `script` a video has lines of scenes
    for its description."""
    limits = limits_of(brief.slot)
    middle = (
        (scene_limit(brief.slot),) * SCENES
        if script and copy_channel_of(brief.slot) == "video"
        else (limits.description,)
    )
    return (limits.headline, *middle, limits.cta)
