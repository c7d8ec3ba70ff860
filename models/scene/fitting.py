"""Where words stand: the largest type at which everything fits its area; if nothing does, elements are left
out in the layout's order. Words are never cut and never smaller than the slot allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from models.scene.fonts import Face, Fonts, Weight, is_rtl, script_of
from models.scene.layouts import MUST_STAY, NO_PLACE, Area, Box, Element, Layout, Sizes, Variant
from models.scene.scene import Scene
from models.scene.wrapping import Ends, wrapped
from models.text.said_price import says_price

_MOST_LINES: Final[dict[Element, int]] = {
    "brand": 1, "headline": 4, "description": 6, "price": 1, "cta": 1, "legal": 2,
}  # fmt: skip
_WEIGHTS: Final[dict[Element, Weight]] = {
    "brand": "bold", "headline": "bold", "description": "regular",
    "price": "bold", "cta": "bold", "legal": "regular",
}  # fmt: skip
_GROWS: Final[tuple[Element, ...]] = ("description", "headline", "price", "cta", "brand")
"""What gets the room that is left, first to last."""
_BESIDE: Final = frozenset({"brand", "description"})
_LESS: Final = 0.75
"""Type of these in sizes of the headline that they stand beside, at most."""
_ENDS: Final[tuple[Ends, ...]] = ("clauses", "phrases", "anywhere")
_STEPS: Final = 10
"""Sizes tried between the largest and the least."""
_LINE: Final = {"latin": (1.12, 1.32), "cjk": (1.24, 1.42), "rtl": (1.3, 1.45)}
"""Line height by script, close (headlines, legal lines) and open, in sizes of type."""
_TALL: Final = frozenset({"headline", "legal"})
PAD_X: Final = 0.95
PAD_Y: Final = 0.55
"""Room around the words of a button, in sizes of type."""
MARK: Final = 1.3
"""Side of a brand's mark, in sizes of type."""
MARK_GAP: Final = 0.45


Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class DoesNotFitError(ValueError):
    """Not even headline, call to action and legal line fit at the least size of type."""


@dataclass(frozen=True, slots=True)
class Line:
    """`x` is the left end of the line (the right one of a right-to-left text), `baseline` its y."""

    text: str
    x: float
    baseline: float
    width: float


@dataclass(frozen=True, slots=True)
class Placed:
    """One element in its place; `box` holds padding and mark too."""

    element: Element
    lines: tuple[Line, ...]
    face: Face
    pixels: int
    box: Edges
    rtl: bool

    def ink(self, line: Line) -> Edges:
        """What a line's letters take."""
        left, top, right, bottom = self.face.sized(self.pixels).getbbox(
            line.text, anchor="rs" if self.rtl else "ls", direction="rtl" if self.rtl else "ltr"
        )
        return line.x + left, line.baseline + top, line.x + right, line.baseline + bottom


@dataclass(frozen=True, slots=True)
class Fitted:
    """`picture` is mirrored where a reader begins at the right."""

    placed: tuple[Placed, ...]
    left_out: tuple[Element, ...]
    picture: Box
    mirrored: bool


@dataclass(frozen=True, slots=True)
class _Block:
    """An element at one size, not yet in its place."""

    element: Element
    lines: Sequence[tuple[str, float]]
    face: Face
    pixels: int
    line_height: float
    width: float
    height: float
    rtl: bool
    around: float


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all elements of a picture are set with: `whole` are names that lines do not end in unless
    they may end anywhere; `mirrored`: a reader begins at the right, at prices too."""

    fonts: Fonts
    sizes: dict[Element, Sizes]
    mark_aspect: float
    whole: tuple[str, ...]
    mirrored: bool
    ends: Ends = "phrases"


def fit(scene: Scene, layout: Layout, variant: Variant, fonts: Fonts, mark_aspect: float = 1.0) -> Fitted:
    """Places all that fits; a brand's mark is `mark_aspect` times as wide as high. A price that the
    description says is not said twice. Raises DoesNotFitError, NoFontError."""
    fitted = _fit(scene, layout, variant, fonts, mark_aspect)
    told = {each.element for each in fitted.placed}
    if says_price(scene.description, scene.price) and {"price", "description"} <= told:
        return _fit(replace(scene, price=""), layout, variant, fonts, mark_aspect)
    return fitted


def _fit(scene: Scene, layout: Layout, variant: Variant, fonts: Fonts, mark_aspect: float) -> Fitted:
    texts = _texts(scene)
    mirrored = is_rtl(scene.headline)
    setting = _Setting(fonts, layout.type, mark_aspect, (scene.brand, scene.noun), mirrored)
    turned = mirrored and variant.mirrors
    width = layout.size[0]
    placed: list[Placed] = []
    for area in variant.area:
        given = [each for each in area.elements if texts[each]]
        box = _mirrored(area.box, width) if turned else area.box
        blocks = _fit_area(given, texts, area, layout.leave_out, setting)
        placed += (_row if area.flow == "row" else _column)(blocks, area, box, mirrored)
    there = {each.element for each in placed}
    left_out = tuple(each for each in texts if texts[each] and each not in there) if variant.area else ()
    aside = turned and variant.picture != NO_PLACE
    picture = _mirrored(variant.picture, width) if aside else variant.picture
    return Fitted(tuple(placed), left_out, picture, mirrored)


def _texts(scene: Scene) -> dict[Element, str]:
    return {
        "brand": scene.brand,
        "headline": scene.headline,
        "description": scene.description,
        "price": scene.price,
        "cta": scene.cta,
        "legal": scene.legal,
    }


def _mirrored(box: Box, width: int) -> Box:
    left, top, w, h = box
    return width - left - w, top, w, h


def _fit_area(
    given: Sequence[Element],
    texts: dict[Element, str],
    area: Area,
    leave_out: Sequence[Element],
    setting: _Setting,
) -> list[_Block]:
    """The largest type with lines that end well; where there is none, with lines that end anywhere."""
    for kept in _fewer(given, leave_out):
        for ends, step in product(_ENDS, range(_STEPS + 1)):
            blocks = _blocks(kept, texts, area, 1 - step / _STEPS, replace(setting, ends=ends))
            if blocks is not None and _fits(blocks, area):
                return _grown(blocks, texts, area, replace(setting, ends=ends))
    needed = ", ".join(each for each in given if each in MUST_STAY)
    raise DoesNotFitError(f"{needed} of {texts['headline'][:40]!r} do not fit {area.box} at the least size")


def _grown(blocks: list[_Block], texts: dict[Element, str], area: Area, setting: _Setting) -> list[_Block]:
    """The same with elements as large as the room allows that one long word of another one left."""
    for element in _GROWS:
        at = next((n for n, each in enumerate(blocks) if each.element == element), None)
        if at is not None:
            blocks = _enlarged(blocks, at, texts[element], area, setting)
    return blocks


def _enlarged(blocks: list[_Block], at: int, text: str, area: Area, setting: _Setting) -> list[_Block]:
    block = blocks[at]
    most, _ = area.type.get(block.element, setting.sizes[block.element])
    headline = next((each.pixels for each in blocks if each.element == "headline"), 0)
    if headline and block.element in _BESIDE:
        most = min(most, int(headline * _LESS))
    for pixels in range(most, block.pixels, -max(1, (most - block.pixels) // _STEPS)):
        larger = _block(block.element, text, pixels, area, setting)
        if larger is None or (block.element == "headline" and len(larger.lines) > len(block.lines)):
            continue
        if _fits(grown := [*blocks[:at], larger, *blocks[at + 1 :]], area):
            return grown
    return blocks


def _fewer(given: Sequence[Element], leave_out: Sequence[Element]) -> Iterator[list[Element]]:
    """All elements, then without the first to go, and so on."""
    kept = list(given)
    yield kept
    for each in leave_out:
        if each in kept:
            kept = [other for other in kept if other != each]
            yield kept


def _blocks(
    kept: Sequence[Element],
    texts: dict[Element, str],
    area: Area,
    share: float,
    setting: _Setting,
) -> list[_Block] | None:
    blocks = []
    for element in kept:
        largest, least = area.type.get(element, setting.sizes[element])
        block = _block(element, texts[element], round(least + share * (largest - least)), area, setting)
        if block is None:
            return None
        blocks.append(block)
    return blocks


def _block(element: Element, text: str, pixels: int, area: Area, setting: _Setting) -> _Block | None:
    face = setting.fonts.face(text, _WEIGHTS[element])
    around = 2 * PAD_X * pixels if element == "cta" else 0.0
    if element == "brand":
        around = (MARK * setting.mark_aspect + MARK_GAP) * pixels
    most = 1 if area.flow == "row" else _MOST_LINES[element]
    rtl = is_rtl(text) or (element == "price" and setting.mirrored)

    def measure(line: str) -> float:
        return face.width(line, pixels, rtl)

    lines = wrapped(text, area.box[2] - around, most, measure, setting.whole, setting.ends)
    if lines is None:
        return None
    tall, plain = _LINE[script_of(text)]
    height = (tall if element in _TALL else plain) * pixels
    measured = [(line, measure(line)) for line in lines]
    width = max((length for _, length in measured), default=0.0) + around
    padded = 2 * PAD_Y * pixels if element == "cta" else 0.0
    whole = max(height * len(lines), MARK * pixels if element == "brand" else 0.0) + padded
    return _Block(element, measured, face, pixels, height, width, whole, rtl, around)


def _fits(blocks: Sequence[_Block], area: Area) -> bool:
    _, _, width, height = area.box
    gaps = area.gap * (len(blocks) - 1)
    if area.flow == "row":
        wide, tall = (
            sum(each.width for each in blocks) + gaps,
            max((each.height for each in blocks), default=0),
        )
    else:
        wide, tall = (
            max((each.width for each in blocks), default=0),
            sum(each.height for each in blocks) + gaps,
        )
    return wide <= width and tall <= height


def _column(blocks: Sequence[_Block], area: Area, box: Box, mirrored: bool) -> Iterator[Placed]:
    left, top, width, height = box
    free = height - sum(each.height for each in blocks) - area.gap * (len(blocks) - 1)
    y = top + {"top": 0.0, "middle": free / 2, "bottom": float(free)}[area.anchor]
    for block in blocks:
        spare = width - block.width
        at_end = mirrored != (area.align == "end")
        shift = spare / 2 if area.align == "center" else spare if at_end else 0.0
        yield _placed(block, left + shift, y)
        y += block.height + area.gap


def _row(blocks: Sequence[_Block], area: Area, box: Box, mirrored: bool) -> Iterator[Placed]:
    left, top, width, height = box
    used = sum(each.width for each in blocks)
    gap = float(area.gap)
    if area.align == "start" and len(blocks) > 1:
        gap = (width - used) / (len(blocks) - 1)
    spare = width - used - gap * (len(blocks) - 1)
    x = left + (spare if (area.align == "end") != mirrored else 0.0)
    for block in reversed(blocks) if mirrored else blocks:
        yield _placed(block, x, top + (height - block.height) / 2)
        x += block.width + gap


def _placed(block: _Block, left: float, top: float) -> Placed:
    size = block.pixels
    ascent, descent = block.face.sized(size).getmetrics()
    inside_left, inside_right = left, left + block.width
    inside_top = top + (block.height - block.line_height * len(block.lines)) / 2
    if block.element == "cta":
        inside_left, inside_right = left + PAD_X * size, left + block.width - PAD_X * size
    elif block.element == "brand" and block.rtl:
        inside_right -= block.around
    elif block.element == "brand":
        inside_left += block.around
    first = inside_top + (block.line_height - ascent - descent) / 2 + ascent
    lines = tuple(
        Line(text, inside_right if block.rtl else inside_left, first + at * block.line_height, width)
        for at, (text, width) in enumerate(block.lines)
    )
    box = (left, top, left + block.width, top + block.height)
    return Placed(block.element, lines, block.face, size, box, block.rtl)
