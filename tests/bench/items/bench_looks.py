"""What pictures add to item vectors: of the five nearest items, the share of the same category and of the
same colour, with colour, texture and shape beside the text, one after the other.

    python -m tests.bench.items.bench_looks [--weight 0.5]

Pictures are the drawings of the demo's items in the colour that a title or text names: this shows the
mechanism alone, since drawings of one thing have one shape. Texts are titles, which name neither category nor
every colour. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from models.arrays import FloatArray
from models.catalog.space.basis import fit_basis, item_text_of
from models.catalog.space.encoder import fit_encoder
from models.catalog.space.looks import WEIGHT
from models.item import Item
from models.material.lab import names
from models.material.picture import PictureFeatures, picture_features_of
from models.material.vectors import BLOCKS, picture_vector
from models.scene.colours import Rgb, rgb_of
from models.scene.drawn.named_colours import colours_in
from models.scene.drawn.subjects import drawing_of
from models.scene.photo import Photo
from models.scene.thing import painted
from streams.mapping.catalog_items import item_of
from streams.records import CatalogItem
from streams.wire.record_files import read_lines
from tests.models.scene.sample_scenes import DEMO

NEAREST: Final = 5
SIDE: Final = 128
STEPS: Final = ((), ("colour",), ("colour", "texture"), BLOCKS)


class Drawn(NamedTuple):
    """An item by its title alone, the category that is not told, and what its drawing looks like."""

    item: Item
    category: str
    seen: PictureFeatures


def drawn_items() -> list[Drawn]:
    """The demo's items that have a drawing."""
    found = []
    for item in (item_of(each) for each in read_lines(DEMO / "catalog.jsonl", CatalogItem)):
        drawing = drawing_of(item.noun, item.title)
        if drawing is not None:
            colour = next(iter(colours_in(f"{item.title} {item.text}")), None) or rgb_of(drawing.natural)
            seen = picture_features_of(_photo(drawing.thing, colour or (120, 120, 120)))
            found.append(Drawn(replace(item, noun="", categories=(), text=""), item.category, seen))
    return found


def _photo(thing: str, colour: Rgb) -> Photo:
    shown = painted(thing, SIDE, colour)
    canvas = Image.new("RGB", (SIDE + 32, SIDE + 32), "white")
    canvas.paste(shown, (16, 16), shown)
    return Photo(canvas, (255, 255, 255), (0, 0, *canvas.size))


def table(drawn: list[Drawn], weight: float) -> dict[str, dict[str, float]]:
    """Shares by what the vectors are made of."""
    items = [each.item for each in drawn]
    encoder = fit_encoder([item_text_of(each) for each in items], seed=0)
    categories = np.array([each.category for each in drawn])
    colours = np.array([names()[int(each.seen.colour.argmax())] for each in drawn])
    rows = {}
    for blocks in STEPS:
        looks = np.stack([picture_vector(each.seen, blocks) for each in drawn]) if blocks else None
        scaled = None if looks is None else looks * np.float32(weight / WEIGHT)
        _, vectors = fit_basis(items, encoder, looks=scaled)
        near = nearest(vectors)
        rows[" + ".join(("text", *blocks))] = {
            "category": round(float((categories[near] == categories[:, None]).mean()), 3),
            "colour": round(float((colours[near] == colours[:, None]).mean()), 3),
        }
    return rows


def nearest(vectors: FloatArray) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Rows of the NEAREST others of each."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :NEAREST]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weight", type=float, default=WEIGHT)
    weight = parser.parse_args().weight
    drawn = drawn_items()
    found = table(drawn, weight)
    print(f"{len(drawn)} items with a drawing, looks at {weight:g} of text; of {NEAREST} nearest the same")
    for name, shares in found.items():
        print(f"{name:32}" + "".join(f"{kind} {share:.3f}  " for kind, share in shares.items()))
    print(json.dumps({"items": len(drawn), "weight": weight, "same": found}))


if __name__ == "__main__":
    main()
