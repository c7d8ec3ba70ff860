"""24 pictures for people to judge: copy that the demo's generators begin with, drawn as renderers draw it, of
places and sizes that a seed draws.

python -m tests.bench.pictures.picture_samples FOLDER [--seed 1] [--count 24]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image

from agents.creatives.pictures import look_of
from agents.rendering.scenes import scene_of, wants_picture
from models.campaigns import Campaign
from models.item import Item
from models.scene.layouts import layouts
from models.scene.picture import draw_scene
from streams import records as r
from streams.mapping.campaigns import campaign_of
from streams.mapping.catalog_items import item_of
from streams.wire.record_files import read_lines
from tests.agents.rendering.requests import creative
from tests.models.scene.sample_scenes import DEMO, FONTS

_SLOTS: Final = tuple(slot for slot, layout in layouts().items() if layout.type)
_SMALL: Final = 330
"""Pictures of fewer pixels either way are shown twice as large: they are looked at on a large screen."""
_AROUND: Final = 24
_NEUTRAL: Final = (224, 224, 224)


def main() -> None:
    """Writes 01.png and so on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=24)
    told = parser.parse_args()
    folder: Path = told.folder
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(pictures(told.seed, told.count), 1):
        image.save(folder / f"{number:02}.png")


@dataclass(frozen=True)
class Place:
    """A copy of the demo's pool, and what it is about."""

    entry: r.CopyEntry
    campaign: Campaign
    item: Item


def pictures(seed: int, count: int) -> Iterator[Image.Image]:
    """Of as many places, each another item, as the seed draws; all sizes come equally often."""
    drawn = Random(seed)
    found = list(places())
    drawn.shuffle(found)
    seen: set[str] = set()
    for place in found:
        if len(seen) == count:
            return
        request = request_of(place, _SLOTS[(len(seen) + seed) % len(_SLOTS)])
        scene = scene_of(request)
        if place.item.item_id not in seen and not wants_picture(request, scene):
            seen.add(place.item.item_id)
            yield _shown(draw_scene(scene, FONTS).image)


def places() -> Iterator[Place]:
    """All of the demo's pool."""
    campaigns = {
        each.campaign_id: campaign_of(each) for each in read_lines(DEMO / "campaigns.jsonl", r.Campaign)
    }
    items = {each.item_id: item_of(each) for each in read_lines(DEMO / "catalog.jsonl", r.CatalogItem)}
    for entry in read_lines(DEMO / "copy.jsonl.gz", r.CopyEntry):
        yield Place(entry, campaigns[entry.campaign_id], items[entry.item_id])


def request_of(place: Place, slot: str) -> r.RenderRequest:
    """What a renderer would be asked for."""
    entry = place.entry
    made = creative(
        slot=slot, lang=entry.locale, copy=entry.copy, item_id=entry.item_id, campaign_id=entry.campaign_id
    )  # fmt: skip
    return r.RenderRequest(made, look_of(made, place.campaign, place.item))


def _shown(picture: Image.Image) -> Image.Image:
    times = 2 if min(picture.size) < _SMALL else 1
    large = picture.resize((picture.width * times, picture.height * times), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (large.width + 2 * _AROUND, large.height + 2 * _AROUND), _NEUTRAL)
    ground.paste(large, (_AROUND, _AROUND))
    return ground


if __name__ == "__main__":
    main()
