"""Makes catalog.jsonl from products.yaml of aws-samples/retail-demo-store.

Type: python deploy/demo/make_catalog.py products.yaml > deploy/demo/catalog.jsonl

Only products whose title ends in a noun of their own leaf category are taken, so that `noun` is a word that
the title itself uses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

PER_LEAF: Final = 14
TEXT_CHARS: Final = 240
LEAVES: Final = {
    "accessories": {
        "backpacks": "backpack daypack", "bags": "bag tote satchel", "belts": "belt",
        "glasses": "glasses eyeglasses eyewear",
        "sunglasses": "sunglasses", "handbags": "clutch handbag purse crossbody",
        "watches": "watch timepiece wristwatch",
    },
    "apparel": {"jackets": (
        "jacket coat "
        "parka"
    ), "scarves": "scarf", "shirts": "shirt blouse", "tees": "tee t-shirt", "socks": "socks"},
    "books": {"posters": "poster"},
    "electronics": {"speakers": "speaker", "cameras": "camera", "headphones": "headphones"},
    "floral": {"bouquets": "bouquet", "plants": "planter plant"},
    "footwear": {
        "boots": "boots boot", "sneakers": "sneakers sneaker", "sandals": "sandals",
        "heels": "heels pumps stilettos", "oxfords": "oxfords shoes",
    },
    "furniture": {"chairs": (
        "chair "
        "armchair"
    ), "sofas": "sofa loveseat", "tables": "table", "desks": "desk", "dressers": (
        "dresser "
        "cabinet"
    )},
    "groceries": {"cakes": "cake pie", "breads": "boule loaf", "steaks": (
        "steaks "
        "steak"
    ), "peppers": "peppers"},
    "homedecor": {"clocks": "clock", "pillows": (
        "pillow "
        "cushion"
    ), "baskets": "basket", "lamps": "lamp light", "vases": "vase"},
    "housewares": {"bowls": "bowl", "teapots": "teapot kettle", "cookware": "oven pot", "glassware": "glass"},
    "instruments": {"guitars": "guitar", "pianos": "piano", "drums": "drum", "microphones": "microphone"},
    "jewelry": {"bracelets": "bracelet", "earrings": "earrings", "necklaces": "necklace pendant"},
    "outdoors": {"reels": "reel", "lures": "lure", "lanterns": "lantern", "tents": "tent"},
    "seasonal": {"ornaments": "ornament", "wreaths": "wreath", "masks": "mask"},
    "tools": {"saws": "saw chainsaw"},
}  # fmt: skip
"""Category -> leaf -> the nouns that put a product there."""


def products(source: Path) -> list[dict[str, Any]]:
    """The source's products, each title once."""
    seen: dict[str, dict[str, Any]] = {}
    for product in yaml.safe_load(source.read_text()):
        seen.setdefault(product["name"], product)
    return list(seen.values())


def items(source: Path) -> Iterator[dict[str, Any]]:
    """At most PER_LEAF `ads.catalog.v1` records per leaf, in the source's order."""
    leaf_of = {
        (cat, noun): leaf
        for cat, leaves in LEAVES.items()
        for leaf, nouns in leaves.items()
        for noun in nouns.split()
    }
    taken: dict[str, int] = {}
    for product in products(source):
        noun = product["name"].split()[-1].lower()
        category = product["category"]
        leaf = leaf_of.get((category, noun))
        if leaf is None or taken.get(leaf, 0) >= PER_LEAF:
            continue
        taken[leaf] = taken.get(leaf, 0) + 1
        item_id = "p-" + product["id"][:8]
        yield {
            "item_id": item_id,
            "title": product["name"],
            "noun": noun,
            "url": f"https://shop.example/{leaf}/{item_id}",
            "price": product["price"],
            "cur": "USD",
            "availability": "in_stock",
            "images": [f"https://images.example/{item_id}.jpg"],
            "cat": [f"{category}.{leaf}", category],
            "text": product["description"][:TEXT_CHARS].rsplit(" ", 1)[0],
        }


def main() -> None:
    for item in items(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(item, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
