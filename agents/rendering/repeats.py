"""A user's next picture should not look like those before it. Pure."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from models.material.hashes import difference_hash
from models.scene.layouts import NO_PLACE, layout_of
from streams import records as r


def perceptual_hash_of(picture: bytes) -> str:
    """The perceptual hash of a JPEG of ours, alike on every machine."""
    with Image.open(BytesIO(picture), formats=["JPEG"]) as image:
        return difference_hash(image)


def may_vary(request: r.RenderRequest) -> bool:
    """Whether no template names the layout, which would be an arm of words and layout together. One that was
    drawn for this creative alone may give way: its exposures then say that another was shown."""
    named, trial = request.look.layout, request.creative.experiment
    return not request.look.svg and (not named or (trial is not None and trial.layout == named))


def other_variants(slot: str, drawn: str) -> list[str]:
    """Variants of a slot's layout that show as much as the one that was drawn: with a picture, or without."""
    variants = layout_of(slot).variant
    alone = {each.name: each.picture == NO_PLACE for each in variants}
    return [each for each in alone if each != drawn and alone[each] == alone.get(drawn)]
