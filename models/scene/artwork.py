"""An advertiser's own layout: an SVG that paints the ground, with a `rect` for each element, named by its id.

Only what is listed here may stand in it: shapes, gradients and clips. Nothing that runs, is fetched, grows
when it is read, or brings type: words are set by this program, which never cuts them and measures their
contrast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final, Literal, get_args
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError, tostring

import regex
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from models.scene.layouts import (
    MUST_STAY,
    NO_PLACE,
    Area,
    Box,
    Element,
    LayoutVariant,
    NoLayoutError,
    SlotLayout,
    layout_of,
)

NAME: Final = "artwork"
"""Of the one variant that it is."""
PICTURE: Final = "picture"
"""Id of the rect that the thing or its photo stands in."""
MOST_CHARACTERS: Final = 32_768
_MOST_NODES: Final = 1_000
_MOST_DEEP: Final = 16
_MOST_LAYERS: Final = 64
"""Elements that are painted on a sheet of their own, as large as the picture."""
_ON_A_SHEET: Final = frozenset({"clip-path", "opacity"})
_SVG: Final = "{http://www.w3.org/2000/svg}"
_NODES: Final = frozenset(
    {"svg", "g", "defs", "rect", "circle", "ellipse", "line", "polyline", "polygon", "path", "clipPath"}
    | {"linearGradient", "radialGradient", "stop"}
)
_ATTRIBUTES: Final = frozenset(
    {"id", "version", "width", "height", "viewBox", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx"}
    | {"ry", "fx", "fy", "d", "points", "transform", "opacity", "text-anchor"}
    | {"fill", "fill-opacity", "fill-rule", "clip-rule", "clip-path", "clipPathUnits"}
    | {"stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin"}
    | {"offset", "stop-color", "stop-opacity", "gradientUnits", "gradientTransform", "spreadMethod"}
)
_ELEMENTS: Final[tuple[Element, ...]] = get_args(Element)
_SLOTS: Final = frozenset({PICTURE, *_ELEMENTS})
_OWN: Final = regex.compile(r"url\(#[\w.-]+\)|(?:rgb|hsl)a?\([\d\s.,%/]+\)")
_NUMBER: Final = regex.compile(r"\d{1,5}(?:\.\d{1,4})?(?:px)?")
_ALIGN: Final[dict[str, Literal["start", "center", "end"]]] = {
    "start": "start",
    "middle": "center",
    "end": "end",
}
_ROOM: Final = {"cta": 2.5}
"""Least height of a box in sizes of type, where it is more than a line."""
_LINE: Final = 1.35


class ArtworkError(ValueError):
    """An SVG that is no layout; the message says why."""


@dataclass(frozen=True, slots=True)
class Artwork:
    """What is painted, and where things stand on it."""

    painted: str
    variant: LayoutVariant


@lru_cache(maxsize=256)
def read_artwork(svg: str, slot: str) -> Artwork:
    """The layout of a slot. Raises ArtworkError."""
    found = artwork_faults(svg, slot)
    if found:
        raise ArtworkError("; ".join(found[:3]))
    root = fromstring(svg, forbid_dtd=True)
    boxes = {node.get("id", ""): node for node in root if _is_slot(node)}
    areas = [
        Area(_box(node), [element], align=_aligned(node), anchor="middle")
        for element in _ELEMENTS
        if (node := boxes.get(element)) is not None
    ]
    picture = _box(boxes[PICTURE]) if PICTURE in boxes else NO_PLACE
    for node in boxes.values():
        root.remove(node)
    variant = LayoutVariant(NAME, "light", "disc", picture, areas, mirrors=False)
    return Artwork(tostring(root, encoding="unicode"), variant)


def artwork_faults(svg: str, slot: str) -> list[str]:
    """All that speaks against it, in words; empty = nothing."""
    if len(svg) > MOST_CHARACTERS:
        return [f"has {len(svg):,} characters; at most {MOST_CHARACTERS:,}"]
    try:
        layout = layout_of(slot)
        root = fromstring(svg, forbid_dtd=True)
    except NoLayoutError as error:
        return [str(error)]
    except DefusedXmlException:
        return ["has a DOCTYPE or an entity: leave it out"]
    except ParseError as error:
        return [f"is no XML: {error}"]
    if not layout.type:
        return [f"pictures of slot {slot} hold no words: they have no layout of yours"]
    return [*_unlisted(root), *_layers(root), *_size(root, layout), *_slots(root, layout)]


def _unlisted(root: Node) -> Iterator[str]:
    if root.tag != f"{_SVG}svg":
        yield 'begins with no <svg xmlns="http://www.w3.org/2000/svg">'
    nodes = list(_walked(root, 1))
    if len(nodes) > _MOST_NODES:
        yield f"has {len(nodes):,} elements; at most {_MOST_NODES:,}"
    if max(deep for _, deep in nodes) > _MOST_DEEP:
        yield f"has elements more than {_MOST_DEEP} deep"
    for node, _ in nodes:
        name = _plain(node.tag)
        if name not in _NODES:
            yield f"holds <{name}>: allowed are {', '.join(sorted(_NODES))}"
        for attribute, value in node.attrib.items():
            if attribute not in _ATTRIBUTES:
                yield f"holds {_plain(attribute)} of <{name}>: state colours and places as plain attributes"
            elif "(" in value and not _plain_value(attribute, value):
                yield f"{attribute} of <{name}> is {value[:40]!r}: it may only name what the file defines"


def _layers(root: Node) -> Iterator[str]:
    """What is painted again for each that names it: clips of clips double with each step."""
    clips = [node for node in root.iter() if _plain(node.tag) == "clipPath"]
    if any(each.get("clip-path") for clip in clips for each in clip.iter()):
        yield "has a <clipPath> that is clipped itself: clip the shapes that name it instead"
    layers = [node for node in root.iter() if not _ON_A_SHEET.isdisjoint(node.keys())]
    if len(layers) > _MOST_LAYERS:
        told = f"at most {_MOST_LAYERS}; fill-opacity and stroke-opacity are not counted"
        yield f"has {len(layers):,} elements with opacity or clip-path: {told}"
    shapes = {f"url(#{clip.get('id')})": sum(1 for _ in clip.iter()) for clip in clips}
    painted = sum(shapes.get(node.get("clip-path", ""), 0) for node in layers)
    if painted > _MOST_NODES:
        yield f"paints {painted:,} elements of clips, anew for each that names them; at most {_MOST_NODES:,}"


def _plain_value(attribute: str, value: str) -> bool:
    """Whether what stands in brackets is a place, a colour or something of the file's own."""
    return attribute in ("transform", "gradientTransform") or _OWN.fullmatch(value) is not None


def _walked(node: Node, deep: int) -> Iterator[tuple[Node, int]]:
    yield node, deep
    for each in node if deep <= _MOST_DEEP else ():
        yield from _walked(each, deep + 1)


def _size(root: Node, layout: SlotLayout) -> Iterator[str]:
    width, height = layout.size
    wanted = f"0 0 {width} {height}"
    if " ".join(root.get("viewBox", "").replace(",", " ").split()) != wanted:
        yield f'needs viewBox="{wanted}": one unit is one pixel of the slot'


def _slots(root: Node, layout: SlotLayout) -> Iterator[str]:
    named = [node for node in root.iter() if node.get("id") in _SLOTS]
    boxes: dict[str, Box] = {}
    for node in named:
        name = node.get("id", "")
        if not _is_slot(node) or node not in list(root) or "transform" in node.attrib:
            yield f'id="{name}" must be a <rect> right below <svg>, without transform'
        elif name in boxes:
            yield f'id="{name}" stands there twice'
        elif not all(_NUMBER.fullmatch(node.get(each, "0")) for each in ("x", "y", "width", "height")):
            yield f'id="{name}" needs x, y, width and height in plain numbers'
        else:
            boxes[name] = _box(node)
    for name in sorted(MUST_STAY - boxes.keys()):
        yield f'has no <rect id="{name}">: {", ".join(sorted(MUST_STAY))} are on every picture'
    yield from _places(boxes, layout)


def _places(boxes: dict[str, Box], layout: SlotLayout) -> Iterator[str]:
    """Boxes of words lie inside the safe zone, apart, and high enough for the slot's least type."""
    (width, height), (left, top, right, bottom) = layout.size, layout.safe
    words = {element: boxes[element] for element in _ELEMENTS if element in boxes}
    for name, (x, y, w, h) in words.items():
        if x < left or y < top or x + w > width - right or y + h > height - bottom:
            inner = f"{left} {top} {width - left - right} {height - top - bottom}"
            yield f'id="{name}" leaves the safe zone of the slot: x y width height {inner}'
        least = layout.type[name][1]
        needed = round(least * _ROOM.get(name, _LINE))
        if h < needed:
            yield f'id="{name}" is {h} high: type of {least} pixels needs {needed}'
    for (one, a), (other, b) in combinations(words.items(), 2):
        across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
        if across > 0 and down > 0:
            yield f'id="{one}" and id="{other}" overlap'


def _is_slot(node: Node) -> bool:
    return node.tag == f"{_SVG}rect" and node.get("id") in _SLOTS


def _box(node: Node) -> Box:
    x, y, w, h = (
        round(float(node.get(each, "0").removesuffix("px"))) for each in ("x", "y", "width", "height")
    )
    return x, y, w, h


def _aligned(node: Node) -> Literal["start", "center", "end"]:
    return _ALIGN.get(node.get("text-anchor", "start"), "start")


def _plain(name: str) -> str:
    return name.rpartition("}")[2]
