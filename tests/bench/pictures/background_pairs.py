"""Pairs of pictures for people to judge blind: the same ad on the painter's ground and on a background
model's, in an order that nobody sees. Without a model on a scene as the rules draw it: the best that a model
can learn from them.

python -m tests.bench.pictures.background_pairs FOLDER --key KEY.json [--model MODEL]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final, cast

import numpy as np
import orjson
from msgspec import structs
from PIL import Image

from agents.photos.cache import PhotoCache
from agents.rendering.artist import Artist
from agents.rendering.files.folder import FolderStore
from agents.rendering.grounds import Grounds
from agents.rendering.marking import Marker
from models.background.background_model import BackgroundModel
from models.background.colouring import coloured
from models.background.conditions import Condition, Edges, words_map
from models.scene.layouts import layouts, wordy_variants
from models.scene.palette import Palette
from models.training.backgrounds.scenes import asked_scene_of
from streams import records as r
from streams.settings import Settings
from tests.bench.pictures.picture_samples import places, request_of
from tests.models.scene.sample_scenes import FONTS

_SIDE: Final = 900
"""Pixels that a picture of a pair is shown with at most."""
_GAP: Final = 24


def main() -> None:
    """Writes 01.png and on, and which side is which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    other = "model" if told.model else "rules"
    sides, key = np.random.default_rng(told.seed), {}
    with tempfile.TemporaryDirectory() as kept:
        store, photos = FolderStore(Path(kept)), PhotoCache(Path(kept) / "photos")
        store.make()
        photos.make()
        grounds = Grounds(cast(BackgroundModel, Rules()))
        if told.model:
            grounds = Grounds.of(Settings(image_model_dir=told.model))
        artists = [
            Artist(store, FONTS, "https://cdn.example", Marker(), photos, each) for each in (None, grounds)
        ]
        for number, request in enumerate(islice(wordy(told.seed), told.pairs), 1):
            pair = [shown(artist, request, Path(kept)) for artist in artists]
            turned = bool(sides.integers(2))
            side_by_side(pair[::-1] if turned else pair).save(told.folder / f"{number:02}.png")
            key[f"{number:02}"] = {
                "L": other if turned else "painter",
                "R": "painter" if turned else other,
            }
    told.key.write_bytes(orjson.dumps(key, option=orjson.OPT_INDENT_2))


class Rules:
    """Paints scenes as a model is taught them."""

    name = "rules"

    def painted(
        self,
        size: tuple[int, int],
        palette: Palette,
        deep: bool,
        boxes: Sequence[Edges],
        mood: str,
        seed: int,
    ) -> Image.Image:
        """The ground of a picture."""
        condition = Condition(mood, deep, words_map(boxes, size))
        return coloured(asked_scene_of(condition, size, np.random.default_rng(seed)), palette, size, seed)


def wordy(seed: int) -> Iterator[r.RenderRequest]:
    """Ads of the demo's pool that ask for a layout of words alone, of other items each, sizes in turn."""
    found = list(places())
    Random(seed).shuffle(found)
    slots = [slot for slot, layout in layouts().items() if layout.type]
    kinds = {each.item.item_id: each for each in found}
    for number, place in enumerate(kinds.values()):
        request = request_of(place, slots[number % len(slots)])
        variant = wordy_variants(request.creative.slot)[number // len(slots) % 2]
        yield structs.replace(request, look=structs.replace(request.look, layout=variant.name))


def shown(artist: Artist, request: r.RenderRequest, folder: Path) -> Image.Image:
    """What a user would see."""
    [asset, *_] = artist.assets_of(request)
    with Image.open(folder / asset.url.rpartition("/")[2]) as picture:
        return picture.convert("RGB")


def side_by_side(pair: list[Image.Image]) -> Image.Image:
    """Both, made no larger."""
    for each in pair:
        each.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    width, height = pair[0].size
    sheet = Image.new("RGB", (2 * width + 3 * _GAP, height + 2 * _GAP), (150, 150, 150))
    for at, each in enumerate(pair):
        sheet.paste(each, (_GAP + at * (width + _GAP), _GAP))
    return sheet


if __name__ == "__main__":
    main()
