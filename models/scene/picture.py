"""A scene as a picture: placed, painted, measured, drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from msgspec import structs
from PIL import Image

from models.scene.artwork import read_artwork
from models.scene.artwork_pixels import artwork_pixels_of, ground_of
from models.scene.colours import rgb_of
from models.scene.drawing import draw_subject, draw_words
from models.scene.encoding import avif, jpeg
from models.scene.layouts import NO_PLACE, Box, Element, LayoutVariant, SlotLayout, layout_of, variants_of
from models.scene.painter import PaintGround, lay_field, paint
from models.scene.palette import LEAST_CONTRAST, Palette, palette_of, with_thing
from models.scene.photo import Photo, aspect_of, lay
from models.scene.scene import Scene
from models.scene.words.fitting import DoesNotFitError, Fitted, fit_elements
from models.scene.words.fonts import Fonts, NoFontError
from models.scene.words.placing import Placed
from models.scene.words.titles import worded_by_title

_FREE: Final = 0.06
"""Of a picture's height, between it and words below."""
_FIELD: Final = 0.7
"""Share of a field's colour over a ground that a model paints."""


class UnreadableError(ValueError):
    """Words would stand on a ground they cannot be read on."""


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A drawn scene: its pixels, the layout's variant, what did not fit, how many signs no font has, where
    the words stand, the least contrast of any (None: no words), and what it may weigh."""

    image: Image.Image
    variant: str
    left_out: tuple[Element, ...]
    signs: int
    placed: tuple[Placed, ...]
    least_contrast: float | None
    most_bytes: int

    def jpeg(self, xmp: bytes = b"") -> bytes:
        """The file every ad server takes. Raises TooHeavyError."""
        return jpeg(self.image, self.most_bytes, xmp, self.variant)

    def avif(self, heavier_than: int, xmp: bytes = b"") -> bytes | None:
        """The lighter file beside one of so many bytes; None where there is none."""
        return avif(self.image, heavier_than, xmp)


def draw_scene(
    scene: Scene,
    fonts: Fonts,
    photos: Mapping[str, Photo] = MappingProxyType({}),
    paint_ground: PaintGround | None = None,
) -> DrawnPicture:
    """The picture of a scene, alike on every machine with these fonts. `photos` by name: what the scene names
    and is not there is drawn. `paint_ground` paints what words alone stand on.

    Raises NoLayoutError (slot), NoFontError (script or character), DoesNotFitError (words), UnreadableError,
    ArtworkError (the advertiser's layout).
    """
    layout = layout_of(scene.slot)
    photo, logo = photos.get(scene.photo or scene.background), photos.get(scene.logo)
    artwork = read_artwork(scene.artwork, scene.slot) if scene.artwork else None
    pictured = photo is not None or scene.drawing is not None
    variants = variants_of(layout, scene.variant, scene.seed, pictured)
    own = [] if artwork is None else [artwork.variant]
    worded = worded_by_title(scene, layout.headline == "title")
    variant, fitted = _first_that_fits(worded, layout, [*own, *variants], fonts, aspect_of(logo))
    place = clear_of(fitted.picture, fitted.placed)
    if artwork is not None and variant is artwork.variant:
        image = artwork_pixels_of(artwork, layout.size)
        palette = palette_for(scene, ground_of(image))
    elif paint_ground is not None and place == NO_PLACE:
        palette = palette_for(scene, variant.ground)
        boxes = [each.box for each in fitted.placed]
        image = paint_ground(layout.size, palette, variant.ground == "deep", boxes)
        if fitted.field != NO_PLACE:
            lay_field(image, fitted.field, palette, _FIELD)
    else:
        palette = palette_for(scene, variant.ground)
        hangs = scene.drawing is not None and not scene.drawing.stands
        shape = "disc" if hangs else variant.shape
        shown_in = structs.replace(variant, shape=shape, field=fitted.field)
        image = paint(layout.size, shown_in, place, palette, scene.seed)
    if photo is not None and place != NO_PLACE:
        lay(image, photo, place)
    elif place != NO_PLACE:
        draw_subject(image, scene, place, palette)
    least = draw_words(image, fitted.placed, palette, scene.lang, logo)
    if least is not None and least < LEAST_CONTRAST:
        raise UnreadableError(
            f"contrast {least:.2f}:1 in {scene.slot} {variant.name}; at least {LEAST_CONTRAST}"
        )
    return DrawnPicture(
        image, variant.name, fitted.left_out, fitted.signs, fitted.placed, least, layout.most_bytes
    )


def palette_for(scene: Scene, ground: str) -> Palette:
    """The brand's, with the thing, where it is drawn, in the colour that the words name, else its own, else
    the brand's as on a light ground: shades of a pale thing tell little."""
    palette, drawing = palette_of(scene.brand, scene.colours, ground), scene.drawing
    if drawing is None:
        return palette
    tint = rgb_of(scene.tint or drawing.natural)
    return with_thing(palette, tint or palette_of(scene.brand, scene.colours, "light").thing)


def clear_of(place: Box, placed: Sequence[Placed]) -> Box:
    """The part of a picture's place that ends above what would stand half on it."""
    if place == NO_PLACE:
        return place
    left, top, width, height = place
    bottom = top + height
    for each in placed:
        begins, above, ends, below = each.box
        if above < top + height < below and begins < left + width and ends > left:
            bottom = min(bottom, int(above - _FREE * height))
    return left, top, width, max(1, bottom - top)


def _first_that_fits(
    scenes: Iterable[Scene],
    layout: SlotLayout,
    variants: Sequence[LayoutVariant],
    fonts: Fonts,
    mark_aspect: float,
) -> tuple[LayoutVariant, Fitted]:
    """The first scene in the first variant that holds it: a character that a title has and no font costs the
    title alone. Raises what the first was refused for."""
    refused: DoesNotFitError | NoFontError | None = None
    for scene in scenes:
        for variant in variants:
            try:
                return variant, fit_elements(scene, layout, variant, fonts, mark_aspect)
            except (DoesNotFitError, NoFontError) as error:
                refused = refused or error
    raise refused or DoesNotFitError("the layout has no variant")
