"""Where the words of a clip stand: at its beginning, line by line, and on its end card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from models.clip.looks import ClipLayout, ClipLook, clip_layout_of, clip_looks_of
from models.clip.story import Story
from models.scene.checking import ink_of, is_inside, meet
from models.scene.layouts import Area, Box, Element, LayoutVariant, Sizes
from models.scene.scene import Scene
from models.scene.words.fitting import DoesNotFitError, Fitted, fit_elements
from models.scene.words.fonts import Fonts
from models.scene.words.lettering import Edges
from models.scene.words.placing import Placed


@dataclass(frozen=True, slots=True)
class Cast:
    """A look with everything in its place: the opening, each line of the script, the end card."""

    layout: ClipLayout
    look: ClipLook
    opening: Fitted
    lines: tuple[Placed, ...]
    closing: Fitted


def cast(story: Story, fonts: Fonts, mark_aspect: float = 1.0) -> Cast:
    """The first look that all words fit; `mark_aspect`: width of the brand's mark in its heights. Raises
    NoLayoutError, NoFontError, DoesNotFitError."""
    layout = clip_layout_of(story.scene.slot)
    refused: DoesNotFitError | None = None
    for look in clip_looks_of(layout, story.scene.variant, story.scene.seed):
        try:
            return _cast(story, layout, look, fonts, mark_aspect)
        except DoesNotFitError as error:
            refused = refused or error
    raise refused or DoesNotFitError("the layout has no look")


def _cast(story: Story, layout: ClipLayout, look: ClipLook, fonts: Fonts, mark_aspect: float) -> Cast:
    scene = story.scene
    said_first = replace(scene, description="", cta="", price="")
    said_last = replace(scene, description="")
    opening = fit_elements(said_first, layout.still(look.opening), look.opening, fonts, mark_aspect)
    closing = fit_elements(said_last, layout.still(look.closing), look.closing, fonts, mark_aspect)
    return Cast(layout, look, opening, _lines(story, layout, look, fonts), closing)


def _lines(story: Story, layout: ClipLayout, look: ClipLook, fonts: Fonts) -> tuple[Placed, ...]:
    """Each line in a row of its own, all in the size of the longest, close under the one before."""
    area, texts = look.lines, story.lines
    if not texts:
        return ()
    largest, least = area.type.get("description", layout.type["description"])
    for pixels in range(largest, least - 1, -1):
        placed = [_line(story.scene, text, layout, area, pixels, fonts) for text in texts]
        fitting = [each for each in placed if each is not None]
        heights = [each.box[3] - each.box[1] for each in fitting]
        if len(fitting) == len(texts) and sum(heights) + area.gap * (len(texts) - 1) <= area.box[3]:
            return tuple(_stacked(fitting, heights, area))
    raise DoesNotFitError(f"the script {' / '.join(texts)[:60]!r} does not fit {area.box} at the least size")


def _line(
    scene: Scene, text: str, layout: ClipLayout, area: Area, pixels: int, fonts: Fonts
) -> Placed | None:
    sizes: dict[Element, Sizes] = {"description": (pixels, pixels)}
    alone = LayoutVariant("line", "light", "disc", (0, 0, 0, 0), [_sized(area, sizes)])
    worded = Scene(scene.slot, scene.lang, scene.headline, text, "", "")
    try:
        fitted = fit_elements(worded, layout.still(alone), alone, fonts)
    except DoesNotFitError:
        return None
    return next((each for each in fitted.placed if each.element == "description"), None)


def _sized(area: Area, sizes: dict[Element, Sizes]) -> Area:
    return Area(area.box, ["description"], gap=area.gap, type=sizes)


def _stacked(lines: list[Placed], heights: list[float], area: Area) -> list[Placed]:
    top, stacked = float(area.box[1]), []
    for placed, height in zip(lines, heights, strict=True):
        down = top - placed.box[1]
        moved = tuple(replace(each, baseline=each.baseline + down) for each in placed.lines)
        left, _, right, _ = placed.box
        stacked.append(replace(placed, lines=moved, box=(left, top, right, top + height)))
        top += height + area.gap
    return stacked


def placing_faults(made: Cast) -> list[str]:
    """What is wrong with where the words stand, as sentences; empty = nothing."""
    wrong = []
    for name, window, words in (
        ("opening", made.opening.picture, (*made.opening.placed, *made.lines)),
        ("end card", made.closing.picture, made.closing.placed),
    ):
        boxes = [(each.element, ink_of(each)) for each in words]
        wrong += [
            f"{element} leaves the {name}"
            for element, box in boxes
            if not is_inside(box, made.layout.size, made.layout.safe)
        ]
        wrong += [f"{element} stands on the picture" for element, box in boxes if meet(box, _edges(window))]
        wrong += [
            f"{one[0]} and {other[0]} overlap in the {name}"
            for one, other in combinations(boxes, 2)
            if meet(one[1], other[1])
        ]
    return wrong


def _edges(box: Box) -> Edges:
    left, top, width, height = box
    return left, top, left + width, top + height
