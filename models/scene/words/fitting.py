"""How large words are: the largest type at which everything fits its area; if nothing does, elements are left
out in the layout's order. Words are never cut and never smaller than the slot allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from models.scene.layouts import MUST_STAY, NO_PLACE, Area, Box, Element, LayoutVariant, Sizes, SlotLayout
from models.scene.scene import Scene
from models.scene.words.direction import is_rtl
from models.scene.words.face import Weight
from models.scene.words.fonts import Fonts, NoFontError, script_of
from models.scene.words.placing import MARK, MARK_GAP, PAD_X, PAD_Y, Placed, SizedElement, in_column, in_row
from models.scene.words.wrapping import Ends, wrapped
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
_ENDS: Final[tuple[tuple[Ends, Ends], ...]] = (
    ("clauses", "clauses"), ("phrases", "phrases"), ("phrases", "anywhere"), ("anywhere", "anywhere"),
)  # fmt: skip
"""How lines end in headlines and in all else, best first."""
_STEPS: Final = 10
"""Sizes tried between the largest and the least."""
_LINE: Final = {"latin": (1.12, 1.32), "cjk": (1.24, 1.42), "rtl": (1.3, 1.45), "thai": (1.4, 1.5)}
"""Line height by script, close (headlines, legal lines) and open, in sizes of type."""
_TALL: Final = frozenset({"headline", "legal"})


class DoesNotFitError(ValueError):
    """Not even headline, call to action and legal line fit at the least size of type."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`picture` and `field` are mirrored where a reader begins at the right; `signs`: how many no font
    has."""

    placed: tuple[Placed, ...]
    left_out: tuple[Element, ...]
    signs: int
    picture: Box
    field: Box
    mirrored: bool


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all elements of a picture in a language are set with: `whole` are names that lines do not end in
    unless they may end anywhere; `mirrored`: a reader begins at the right, at prices too."""

    fonts: Fonts
    language: str
    sizes: dict[Element, Sizes]
    mark_aspect: float
    whole: tuple[str, ...]
    mirrored: bool
    ends: tuple[Ends, Ends] = ("phrases", "phrases")


def fit_elements(
    scene: Scene, layout: SlotLayout, variant: LayoutVariant, fonts: Fonts, mark_aspect: float = 1.0
) -> Fitted:
    """Places all that fits; a brand's mark is `mark_aspect` times as wide as high. A price that headline or
    description say is not said twice. Raises DoesNotFitError, NoFontError."""
    if says_price(scene.headline, scene.price):
        scene = replace(scene, price="")
    fitted = _fit(scene, layout, variant, fonts, mark_aspect)
    told = {each.element for each in fitted.placed}
    if says_price(scene.description, scene.price) and {"price", "description"} <= told:
        return _fit(replace(scene, price=""), layout, variant, fonts, mark_aspect)
    return fitted


def _fit(
    scene: Scene, layout: SlotLayout, variant: LayoutVariant, fonts: Fonts, mark_aspect: float
) -> Fitted:
    texts, signs = _texts(scene, fonts)
    mirrored = is_rtl(scene.headline, scene.language)
    setting = _Setting(fonts, scene.language, layout.type, mark_aspect, (scene.brand, scene.noun), mirrored)
    turned = mirrored and variant.mirrors
    width = layout.size[0]
    placed: list[Placed] = []
    for area in variant.area:
        given = [each for each in area.elements if texts[each]]
        box = _mirrored(area.box, width) if turned else area.box
        blocks = _fit_area(given, texts, area, layout.leave_out, setting)
        placed += (in_row if area.flow == "row" else in_column)(blocks, area, box, mirrored)
    there = {each.element for each in placed}
    left_out = tuple(each for each in texts if texts[each] and each not in there) if variant.area else ()
    picture, field = (
        _mirrored(each, width) if turned and each != NO_PLACE else each
        for each in (variant.picture, variant.field)
    )
    return Fitted(tuple(placed), left_out, signs, picture, field, mirrored)


def _texts(scene: Scene, fonts: Fonts) -> tuple[dict[Element, str], int]:
    """Without the signs that no font has, and how many those are. Raises NoFontError where no word is."""
    texts: dict[Element, str] = {
        "brand": scene.brand,
        "headline": scene.headline,
        "description": scene.description,
        "price": scene.price,
        "cta": scene.cta,
        "legal": scene.legal,
    }
    drawn = {element: fonts.drawable(text, _WEIGHTS[element]) for element, text in texts.items()}
    for element, text in texts.items():
        if text and not drawn[element][0] and element in MUST_STAY:
            raise NoFontError(f"no font has a sign of the {element} {text[:20]!r}: use words")
    return {element: text for element, (text, _) in drawn.items()}, sum(gone for _, gone in drawn.values())


def _mirrored(box: Box, width: int) -> Box:
    left, top, w, h = box
    return width - left - w, top, w, h


def _fit_area(
    given: Sequence[Element],
    texts: dict[Element, str],
    area: Area,
    leave_out: Sequence[Element],
    setting: _Setting,
) -> list[SizedElement]:
    """The largest type with lines that end well; where there is none, with lines that end anywhere."""
    for kept in _fewer(given, leave_out):
        for ends, step in product(_ENDS, range(_STEPS + 1)):
            blocks = _blocks(kept, texts, area, 1 - step / _STEPS, replace(setting, ends=ends))
            if blocks is not None and _fits(blocks, area):
                return _grown(blocks, texts, area, replace(setting, ends=ends))
    needed = ", ".join(each for each in given if each in MUST_STAY)
    raise DoesNotFitError(f"{needed} of {texts['headline'][:40]!r} do not fit {area.box} at the least size")


def _grown(
    blocks: list[SizedElement], texts: dict[Element, str], area: Area, setting: _Setting
) -> list[SizedElement]:
    """The same with elements as large as the room allows that one long word of another one left."""
    for element in _GROWS:
        at = next((n for n, each in enumerate(blocks) if each.element == element), None)
        if at is not None:
            blocks = _enlarged(blocks, at, texts[element], area, setting)
    return blocks


def _enlarged(
    blocks: list[SizedElement], at: int, text: str, area: Area, setting: _Setting
) -> list[SizedElement]:
    block = blocks[at]
    most, _ = area.type.get(block.element, setting.sizes[block.element])
    headline = next((each.pixels for each in blocks if each.element == "headline"), 0)
    if headline and block.element in _BESIDE:
        most = min(most, int(headline * _LESS))
    for pixels in range(most, block.pixels, -max(1, (most - block.pixels) // _STEPS)):
        larger = _block(block.element, text, pixels, area, setting)
        if larger is not None and _fits(grown := [*blocks[:at], larger, *blocks[at + 1 :]], area):
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
) -> list[SizedElement] | None:
    blocks = []
    for element in kept:
        largest, least = area.type.get(element, setting.sizes[element])
        block = _block(element, texts[element], round(least + share * (largest - least)), area, setting)
        if block is None:
            return None
        blocks.append(block)
    return blocks


def _block(element: Element, text: str, pixels: int, area: Area, setting: _Setting) -> SizedElement | None:
    lettering = setting.fonts.lettering(text, _WEIGHTS[element])
    around = 2 * PAD_X * pixels if element == "cta" else 0.0
    if element == "brand":
        around = (MARK * setting.mark_aspect + MARK_GAP) * pixels
    most = 1 if area.flow == "row" else _MOST_LINES[element]
    rtl = is_rtl(text, setting.language) or (element == "price" and setting.mirrored)

    def measure(line: str) -> float:
        return lettering.width(line, pixels, rtl)

    ends = setting.ends[element != "headline"]
    lines = wrapped(text, area.box[2] - around, most, measure, setting.whole, ends)
    if lines is None:
        return None
    tall, plain = _LINE[script_of(text)]
    height = max((tall if element in _TALL else plain) * pixels, lettering.tallest(pixels))
    measured = [(line, measure(line)) for line in lines]
    width = max((length for _, length in measured), default=0.0) + around
    padded = 2 * PAD_Y * pixels if element == "cta" else 0.0
    whole = max(height * len(lines), MARK * pixels if element == "brand" else 0.0) + padded
    return SizedElement(element, measured, lettering, pixels, height, width, whole, rtl, around)


def _fits(blocks: Sequence[SizedElement], area: Area) -> bool:
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
