"""The frames of a clip: what does not move is drawn once, then the picture, the lines and the end card are
set into each frame where they are at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from PIL import Image

from models.clip.motion import Shot, camera, gentle, popping, settling, share, view
from models.clip.placing import Cast
from models.clip.story import CLOSING_S, FRAMES, FRAMES_PER_S, LASTS_S, Story, clip_lines_told
from models.scene.colours import Rgb
from models.scene.drawing import draw_subject, draw_words, drawn_letters, ink_on
from models.scene.layouts import Box, LayoutVariant
from models.scene.painter import gradient, paint, panel
from models.scene.palette import LEAST_CONTRAST, Palette
from models.scene.photo import Photo, lay
from models.scene.picture import UnreadableError, palette_for
from models.scene.words.fitting import Fitted
from models.scene.words.placing import Placed, PlacedLine

_FINE: Final = 1.5
"""The moving picture is so many times larger than its window: near, it is still sharp."""
_RISES_S: Final = 0.42
"""A line comes up from behind its own lower edge in so long."""
_NEXT_S: Final = 0.07
"""So much later than the one before comes each further row of a text."""
_WIPE_S: Final = 0.5
_EDGE: Final = 14
"""Pixels of the coloured edge that the end card comes behind."""
_POPS_S: Final = 0.45
_FROM: Final = 0.3
"""Smaller than this the button is not seen."""
_BEATS_S: Final = 5.1
"""The button swells once more."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of type in its ink, cut to what its letters take, and when it comes."""

    mask: Image.Image
    left: int
    top: int
    ink: Rgb
    start_s: float


@dataclass(frozen=True, slots=True)
class _Button:
    face: Image.Image
    mask: Image.Image
    box: Box
    start_s: float


@dataclass(frozen=True, slots=True)
class _Act:
    """A part of the clip: what stands still, the window with the moving picture, rows of type, the button."""

    still: Image.Image
    window: Box
    picture: Image.Image
    shots: tuple[Shot, ...]
    rows: tuple[_Row, ...]
    button: _Button | None = None

    def at(self, now_s: float) -> Image.Image:
        """The frame of a moment."""
        frame = self.still.copy()
        left, top, width, height = self.window
        seen = view(camera(self.shots, now_s), self.picture.size)
        moved = self.picture.resize((width, height), Image.Resampling.BILINEAR, box=seen)
        frame.paste(moved, (left, top))
        for row in self.rows:
            _rise(frame, row, settling(share(now_s, row.start_s, _RISES_S)))
        if self.button is not None:
            _press(frame, self.button, now_s)
        return frame


@dataclass(frozen=True, slots=True)
class Film:
    """Everything that frames are made from; `least_contrast` of any words on what they stand on."""

    opening: _Act
    closing: _Act
    edge: Rgb
    mirrored: bool
    least_contrast: float

    def frames(self) -> Iterator[Image.Image]:
        """All frames in their order."""
        return (self.frame(n / FRAMES_PER_S) for n in range(FRAMES))

    def frame(self, now_s: float) -> Image.Image:
        """The frame of a moment."""
        done = gentle(share(now_s, CLOSING_S, _WIPE_S))
        if done <= 0:
            return self.opening.at(now_s)
        closing = self.closing.at(now_s)
        if done >= 1:
            return closing
        return _wiped(self.opening.at(now_s), closing, done, self.edge, self.mirrored)

    def poster(self) -> Image.Image:
        """What stands there before the clip is played: its end card, complete."""
        return self.frame(float(LASTS_S))


def film(story: Story, made: Cast, photos: Mapping[str, Photo] = MappingProxyType({})) -> Film:
    """Draws what frames are made from; `photos` by name. Raises NoFontError, UnreadableError."""
    photo, logo = photos.get(story.scene.photo), photos.get(story.scene.logo)
    opening, first = _opening(story, made, photo, logo)
    closing, last, edge = _closing(story, made, photo, logo)
    least = min(first, last)
    if least < LEAST_CONTRAST:
        raise UnreadableError(
            f"contrast {least:.2f}:1 in {story.scene.slot} {made.look.name}; at least {LEAST_CONTRAST}"
        )
    return Film(opening, closing, edge, made.opening.mirrored, least)


def _opening(story: Story, made: Cast, photo: Photo | None, logo: Photo | None) -> tuple[_Act, float]:
    variant = made.look.opening
    palette = _palette(story, variant)
    still = gradient(made.layout.size, palette.ground, palette.ground_end, slanted=True)
    fixed = [each for each in made.opening.placed if each.element != "headline"]
    hook = [each for each in made.opening.placed if each.element == "headline"]
    ratios = [draw_words(still, fixed, palette, story.scene.lang, logo)]
    rows: list[_Row] = []
    for placed, said in zip([*hook, *made.lines], clip_lines_told(story), strict=False):
        came, ratio = _rows(still, placed, palette, story.scene.lang, said.start_s)
        rows += came
        ratios.append(ratio)
    picture = _picture(story, made.opening, variant, photo)
    side = 1 if story.scene.seed >> 5 & 1 else -1
    shots = (
        Shot(0.0, 1.5, 0.5, 0.54),
        Shot(1.3, 1.08),
        Shot(2.7, 1.2, 0.5 + 0.03 * side, 0.48),
        Shot(CLOSING_S + _WIPE_S, 1.3, 0.5 - 0.03 * side, 0.52),
    )
    return _Act(still, made.opening.picture, picture, shots, tuple(rows)), _least(ratios)


def _closing(story: Story, made: Cast, photo: Photo | None, logo: Photo | None) -> tuple[_Act, float, Rgb]:
    variant = made.look.closing
    palette = _palette(story, variant)
    still = gradient(made.layout.size, palette.ground, palette.ground_end, slanted=True)
    words = made.closing.placed
    fixed = [each for each in words if each.element not in ("headline", "cta")]
    ratios = [draw_words(still, fixed, palette, story.scene.lang, logo)]
    rows: list[_Row] = []
    button = None
    for placed in words:
        if placed.element == "headline":
            rows, ratio = _rows(still, placed, palette, story.scene.lang, CLOSING_S + _WIPE_S * 0.6)
            ratios.append(ratio)
        elif placed.element == "cta":
            button, pressed = _button(still, placed, palette, story.scene.lang)
            ratios.append(pressed)
    picture = _picture(story, made.closing, variant, photo)
    shots = (Shot(CLOSING_S, 1.35), Shot(float(LASTS_S), 1.06))
    act = _Act(still, made.closing.picture, picture, shots, tuple(rows), button)
    return act, _least(ratios), palette.button


def _least(ratios: list[float | None]) -> float:
    return min(each for each in ratios if each is not None)


def _palette(story: Story, variant: LayoutVariant) -> Palette:
    return palette_for(story.scene, variant.ground)


def _picture(story: Story, fitted: Fitted, variant: LayoutVariant, photo: Photo | None) -> Image.Image:
    """The photo, else the thing on its stage, larger than the window that it is seen through."""
    _, _, width, height = fitted.picture
    size = round(width * _FINE), round(height * _FINE)
    whole = (0, 0, *size)
    if photo is not None:
        image = Image.new("RGB", size)
        lay(image, photo, whole)
        return image
    stage = LayoutVariant(variant.name, "light", variant.shape, whole)
    palette = palette_for(story.scene, "light")
    image = paint(size, stage, whole, palette, story.scene.seed)
    draw_subject(image, story.scene, whole, palette)
    return image


def _rows(
    still: Image.Image, placed: Placed, palette: Palette, lang: str, start_s: float
) -> tuple[list[_Row], float]:
    ink, ratio = ink_on(still, placed, palette)
    rows = [_row(line, placed, lang, ink, start_s + at * _NEXT_S) for at, line in enumerate(placed.lines)]
    return rows, ratio


def _row(line: PlacedLine, placed: Placed, lang: str, ink: Rgb, start_s: float) -> _Row:
    letters = drawn_letters(line, placed, lang)
    box = letters.mask.getbbox() or (0, 0, 1, 1)
    return _Row(letters.mask.crop(box), letters.left + box[0], letters.top + box[1], ink, start_s)


def _button(still: Image.Image, placed: Placed, palette: Palette, lang: str) -> tuple[_Button, float | None]:
    """The button as it will stand, with its outline, to be set in smaller or larger."""
    left, top, right, bottom = (round(each) for each in placed.box)
    drawn = still.copy()
    ratio = draw_words(drawn, [placed], palette, lang)
    outline = Image.new("RGB", drawn.size)
    panel(outline, (left, top, right - left, bottom - top), placed.pixels * 0.45, (255, 255, 255))
    box = (left, top, right, bottom)
    mask = outline.crop(box).convert("L")
    start_s = CLOSING_S + _WIPE_S * 0.9
    return _Button(drawn.crop(box), mask, (left, top, right - left, bottom - top), start_s), ratio


def _rise(frame: Image.Image, row: _Row, done: float) -> None:
    """What has come up so far of a row: its upper part, above where its letters will end."""
    height = round(row.mask.height * done)
    if height <= 0:
        return
    shown = row.mask.crop((0, 0, row.mask.width, height))
    top = row.top + row.mask.height - height
    frame.paste(row.ink, (row.left, top, row.left + shown.width, top + height), shown)


def _press(frame: Image.Image, button: _Button, now_s: float) -> None:
    done = share(now_s, button.start_s, _POPS_S)
    if done <= 0:
        return
    swell = gentle(share(now_s, _BEATS_S, 0.3)) - gentle(share(now_s, _BEATS_S + 0.3, 0.3))
    times = max(_FROM, popping(done)) * (1 + 0.05 * swell)
    left, top, width, height = button.box
    size = max(1, round(width * times)), max(1, round(height * times))
    at = round(left + (width - size[0]) / 2), round(top + (height - size[1]) / 2)
    face, mask = button.face, button.mask
    if size != (width, height):
        face = face.resize(size, Image.Resampling.BILINEAR)
        mask = mask.resize(size, Image.Resampling.BILINEAR)
    frame.paste(face, at, mask)


def _wiped(before: Image.Image, after: Image.Image, done: float, edge: Rgb, mirrored: bool) -> Image.Image:
    """The end card behind a coloured edge that crosses the clip in the direction it is read."""
    width, height = before.size
    reached = round(done * (width + _EDGE))
    if mirrored:
        left = width - reached
        before.paste(after.crop((max(0, left + _EDGE), 0, width, height)), (max(0, left + _EDGE), 0))
        before.paste(edge, (left, 0, left + _EDGE, height))
    else:
        before.paste(after.crop((0, 0, max(0, reached - _EDGE), height)), (0, 0))
        before.paste(edge, (max(0, reached - _EDGE), 0, reached, height))
    return before
