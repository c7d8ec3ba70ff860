"""Layouts of clips: one file per slot in layouts/, each with looks. Lengths in pixels of the slot."""

from __future__ import annotations

from functools import cache

import msgspec

from models.scene.layouts import (
    Area,
    Box,
    Element,
    LayoutVariant,
    NoLayoutError,
    Sizes,
    SlotLayout,
    layouts_in,
)


class ClipLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a clip begins and how it ends. `lines`: where the lines of the script come, one under the other.
    The picture moves in the window that `opening.picture` and `closing.picture` leave it; no words stand
    there."""

    name: str
    opening: LayoutVariant
    lines: Area
    closing: LayoutVariant


class ClipLayout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one slot; `safe`, `leave_out` and `type` as in layouts of pictures."""

    size: tuple[int, int]
    safe: Box
    leave_out: list[Element]
    type: dict[Element, Sizes]
    look: list[ClipLook]

    def still(self, variant: LayoutVariant) -> SlotLayout:
        """The layout of one of its moments."""
        return SlotLayout(self.size, 0, self.safe, self.leave_out, self.type, [variant])


@cache
def clip_layouts() -> dict[str, ClipLayout]:
    """All layouts by slot."""
    return layouts_in("models.clip", ClipLayout)


def clip_layout_of(slot: str) -> ClipLayout:
    """The layout of a slot. Raises NoLayoutError."""
    try:
        return clip_layouts()[slot]
    except KeyError:
        drawn = ", ".join(clip_layouts())
        raise NoLayoutError(f"slot {slot!r} has no layout of clips; those that have: {drawn}") from None


def clip_looks_of(layout: ClipLayout, name: str, seed: int) -> list[ClipLook]:
    """The look asked for, else the one of the seed; then the others, for text that does not fit it."""
    first = seed % len(layout.look)
    named = [each for each in layout.look if each.name == name]
    ordered = [*named, layout.look[first], *layout.look[:first], *layout.look[first + 1 :]]
    return list({each.name: each for each in ordered}.values())
