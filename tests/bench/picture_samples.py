"""24 pictures for people to judge: copy as generators write and review it, drawn as renderers draw it.

python -m tests.bench.picture_samples FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

import orjson
from PIL import Image

from agents.photos.cache import PhotoCache
from agents.rendering.artist import Artist
from agents.rendering.marking import Marker
from agents.rendering.store import FolderStore
from models.brief.brief import STYLES, Brief, Copy, language_of
from models.brief.disclosure import label_duties, must_be_disclosed
from models.brief.price import price_text
from models.copywriter.generate import Copywriter
from models.copywriter.registry import builtin_folder
from models.evaluation.briefs import own_briefs, variants
from models.evaluation.writing import samples
from models.scene.layouts import layouts
from streams import records as r
from tests.agents.rendering.requests import creative
from tests.models.scene.sample_scenes import DEMO, FONTS, RIGHT_TO_LEFT, right_to_left

_LANGUAGES: Final = ("en", "en", "de", "en", "zh") * 4
_RIGHT_TO_LEFT: Final = 4
_DRAFTS: Final = 4
"""Of each, of which the judge keeps the best, as for the pool."""
_COLOURS: Final[tuple[list[str], ...]] = (
    [],
    ["#0b57d0"],
    ["#7a1f3d", "#f2b705"],
    ["#1f6f50"],
    ["#222222", "#e4572e"],
)


def main() -> None:
    """Writes 01.png to 24.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--skip", type=int, default=0, help="so many items are passed over first")
    told = parser.parse_args()
    folder: Path = told.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        store, photos = FolderStore(Path(kept)), PhotoCache(Path(kept) / "photos")
        store.make()
        photos.make()
        artist = Artist(store, FONTS, "https://cdn.example", Marker(), photos)
        for number, request in enumerate(requests(told.skip), 1):
            asset = artist.assets_of(request)[0]
            with Image.open(Path(kept) / asset.url.rpartition("/")[2]) as picture:
                picture.save(folder / f"{number:02}.png")


def requests(skipped: int = 0) -> Iterator[r.RenderRequest]:
    """Slots, languages and brands in turn; the last are Arabic and Hebrew."""
    slots = [slot for slot, layout in layouts().items() if layout.type]
    for n, (brief, copy) in enumerate(_told(slots, skipped)):
        yield _written(n, brief, copy)
    for n in range(_RIGHT_TO_LEFT):
        scene = right_to_left(slots[n * 2 % len(slots)], n * len(RIGHT_TO_LEFT) // _RIGHT_TO_LEFT)
        text = r.CopyText(scene.headline, scene.description, scene.cta, scene.brand)
        made = creative(n, scene.slot, lang=scene.lang, copy=text, item_id=f"rtl{n}")
        yield r.RenderRequest(made, r.Look(_COLOURS[n % len(_COLOURS)], [scene.noun], scene.price))


def _told(slots: Sequence[str], skipped: int) -> Iterator[tuple[Brief, Copy]]:
    """Copy for the demo's items in English, and for items written in German and Chinese."""
    items: dict[str, Iterator[Brief]] = {
        each: islice(own_briefs([each]), skipped, None) for each in ("de", "zh")
    }
    items["en"] = _demo_briefs(skipped)
    asked = [replace(next(items[each]), slot=slots[at % len(slots)]) for at, each in enumerate(_LANGUAGES)]
    drafted = [draft for brief in asked for draft in variants(brief, _DRAFTS)]
    made = samples(Copywriter.load(builtin_folder()), drafted)
    for at in range(0, len(made), _DRAFTS):
        best = max(made[at : at + _DRAFTS], key=lambda each: each.judged.score if each.judged else -1.0)
        if best.copy is not None:
            yield best.brief, best.copy


def _demo_briefs(skipped: int) -> Iterator[Brief]:
    """Items of the demo, one of each campaign after the other."""
    campaigns = [orjson.loads(line) for line in (DEMO / "campaigns.jsonl").read_bytes().splitlines()]
    rows = [orjson.loads(line) for line in (DEMO / "catalog.jsonl").read_bytes().splitlines()]
    for n, style in enumerate(STYLES * len(campaigns)):
        campaign = campaigns[n % len(campaigns)]
        own = [each for each in rows if not set(campaign["items"]["cat"]).isdisjoint(each["cat"])]
        item, told = own[(n * 7 + skipped) % len(own)], campaign["brief"]
        yield Brief(
            request_id=f"rq_{n:016x}", campaign_id=campaign["campaign_id"], slot="native",
            brand=told["brand"], title=item["title"], noun=item["noun"], category=item["cat"][0],
            price_minor=round(item["price"] * 100), currency=item["cur"], facts=tuple(told["facts"]),
            tone=told["tone"], style=style, place="US", text=item["text"],
        )  # fmt: skip


def _written(n: int, brief: Brief, copy: Copy) -> r.RenderRequest:
    language = language_of(brief.locale)
    text = r.CopyText(copy.headline, copy.description, copy.cta, brief.brand)
    duties = label_duties(brief.markets, brief.locale)
    disclosure = r.Disclosure(
        must_be_disclosed(brief.markets, brief.locale),
        [r.Jurisdiction(each.country, each.regulation, each.label) for each in duties],
    )
    made = creative(
        n, brief.slot, lang=language, copy=text, item_id=f"i{n}", campaign_id=brief.campaign_id,
        provenance=r.Provenance("composite_with_trained_algorithmic_media", disclosure=disclosure),
    )  # fmt: skip
    charged = brief.salesprice_minor or brief.price_minor
    price = price_text(charged, brief.currency, language) if charged is not None else ""
    names = [brief.noun]
    look = r.Look(_COLOURS[n % len(_COLOURS)], names, price, title=brief.title)
    return r.RenderRequest(made, look)


if __name__ == "__main__":
    main()
