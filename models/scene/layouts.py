"""Layouts of pictures: one file per slot in layouts/, each with variants. Lengths in pixels of the slot.

`most_bytes` leaves 5 kB of what buyers take for credentials that are added later.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeVar

import msgspec

_Kind = TypeVar("_Kind")
Box = tuple[int, int, int, int]
"""Left, top, width, height."""
NO_PLACE: Final[Box] = (0, 0, 0, 0)
"""Where the thing stands in a layout that leaves it no room."""
Element = Literal["brand", "headline", "description", "price", "cta", "legal"]
Sizes = tuple[int, int]
"""Largest and least pixels of type."""
MUST_STAY: Final[frozenset[Element]] = frozenset({"headline", "cta", "legal"})


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Elements one under the other (`column`) or beside each other (`row`). `align` of a row: `start` = at
    both ends, `pack` = one after the other, `end` = the same at the far end."""

    box: Box
    elements: list[Element]
    flow: Literal["column", "row"] = "column"
    align: Literal["start", "center", "end", "pack"] = "start"
    anchor: Literal["top", "middle", "bottom"] = "top"
    gap: int = 6
    type: dict[Element, Sizes] = {}


class LayoutVariant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ground` light or deep, `shape` behind the thing, `picture`: where the thing stands, NO_PLACE: words
    alone; `mirrors`: whether a reader who begins at the right sees it the other way round; `field`: what of
    the ground of words alone has another colour."""

    name: str
    ground: Literal["light", "deep"]
    shape: Literal["arch", "disc"]
    picture: Box = NO_PLACE
    area: list[Area] = []
    mirrors: bool = True
    field: Box = NO_PLACE


class SlotLayout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one slot. `safe`: left, top, right and bottom margins without words; `leave_out`: what goes first
    when not everything fits; `headline`: the ad's, or the thing's whole title where that is known
    and fits."""

    size: tuple[int, int]
    most_bytes: int
    safe: Box
    leave_out: list[Element]
    type: dict[Element, Sizes]
    variant: list[LayoutVariant]
    headline: Literal["headline", "title"] = "headline"


class NoLayoutError(LookupError):
    """There are no pictures for this slot."""


@cache
def layouts() -> dict[str, SlotLayout]:
    """All layouts by slot."""
    return layouts_in("models.scene", SlotLayout)


def layouts_in(package: str, kind: type[_Kind]) -> dict[str, _Kind]:
    """What the files of a package's folder `layouts` hold, by slot."""
    folder = files(package) / "layouts"
    return {
        each.name.removesuffix(".toml"): msgspec.convert(tomllib.loads(each.read_text("utf-8")), kind)
        for each in sorted(folder.iterdir(), key=lambda found: found.name)
        if each.name.endswith(".toml")
    }


def layout_of(slot: str) -> SlotLayout:
    """The layout of a slot. Raises NoLayoutError."""
    try:
        return layouts()[slot]
    except KeyError:
        drawn = ", ".join(layouts())
        raise NoLayoutError(f"slot {slot!r} has no layout of pictures; those that have: {drawn}") from None


def pictured_variants(slot: str) -> list[LayoutVariant]:
    """Those that show the thing; none where the slot has no layout."""
    layout = layouts().get(slot)
    return [] if layout is None else [each for each in layout.variant if each.picture != NO_PLACE]


def wordy_variants(slot: str) -> list[LayoutVariant]:
    """Those of words alone; none where the slot has no layout."""
    layout = layouts().get(slot)
    return [] if layout is None else [each for each in layout.variant if each.picture == NO_PLACE]


def variants_of(layout: SlotLayout, name: str, seed: int, shown: bool = True) -> list[LayoutVariant]:
    """The variant asked for, else the one of the seed; then the others, for text that does not fit it: those
    of words alone last, and nothing else where no thing can be `shown`."""
    wordy = [each for each in layout.variant if each.picture == NO_PLACE]
    drawn = [each for each in layout.variant if each.picture != NO_PLACE]
    first, others = (drawn, wordy) if shown or not wordy else (wordy, [])
    at = seed % len(first)
    named = [each for each in (*first, *wordy) if each.name == name]
    ordered = [*named, first[at], *first[:at], *first[at + 1 :], *others]
    return list({each.name: each for each in ordered}.values())
