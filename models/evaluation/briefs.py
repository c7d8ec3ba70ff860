"""Briefs to measure a copywriter on: items nobody trained on, walked through styles, tones, times, devices,
slots and interests."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from models.brief.brief import DEVICES, GOALS, LIMITS, STYLES, TONES, WEEKDAYS, Brief
from models.segments import DAYPARTS
from models.text.noun import noun_of

MEASURED_LANGUAGES: Final = ("en", "de", "zh")
"""Languages with items of their own: 200 products of retail-demo-store (MIT-0), 50 German and 50 Chinese
written for this project."""
PRODUCTS: Final = "products.yaml"


class BriefsError(ValueError):
    """A file of briefs or products that cannot be read: says which, where and why."""


@dataclass(frozen=True, slots=True)
class BriefItem:
    """What there is to advertise; `price_minor` in minor units."""

    title: str
    noun: str
    category: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class Shopfront:
    """Where the items are sold, and by whom. A second brand's name in the copy of the first is an error that
    can be found."""

    locale: str
    currency: str
    place: str
    brands: tuple[str, ...]
    facts: tuple[str, ...]
    interests: tuple[str, ...]


def own_items(language: str) -> tuple[Shopfront, list[BriefItem]]:
    """The items of a language of LANGUAGES with their market."""
    data = tomllib.loads(files(__package__).joinpath(f"items_{language}.toml").read_text(encoding="utf-8"))
    market = Shopfront(
        data["locale"],
        data["currency"],
        data["place"],
        tuple(data["brands"]),
        tuple(data["facts"]),
        tuple(data["interests"]),
    )
    rows = ([part.strip() for part in line.split("|")] for line in data["items"])
    return market, [BriefItem(title, noun, category, int(price)) for title, noun, category, price in rows]


def own_briefs(languages: Sequence[str] = MEASURED_LANGUAGES) -> list[Brief]:
    """One brief per own item, language after language."""
    return [brief for language in languages for brief in walked(*own_items(language))]


def retail_briefs(folder: Path, limit: int | None = None) -> list[Brief]:
    """One brief per product of aws-samples/retail-demo-store in `folder`/products.yaml: 2,465 of them, or
    `limit` spread evenly.

    What a product is (noun) is its `style`, else what `noun_of` finds. Raises BriefsError.
    """
    try:
        import yaml
    except ImportError as error:
        raise BriefsError(
            "reading products.yaml needs PyYAML: pip install 'shiftcast[train]', or `make setup-dev`"
        ) from error
    path = folder / PRODUCTS
    try:
        products = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        items = [
            BriefItem(
                name := str(each["name"]),
                noun_of(name, str(each.get("style") or ""), (str(each["category"]),)),
                str(each["category"]),
                round(float(each["price"]) * 100),
            )
            for each in products
        ]
    except OSError as error:
        raise BriefsError(
            f"{path}: {error.strerror}; name the folder that holds {PRODUCTS} of retail-demo-store"
        ) from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BriefsError(f"{path}: no list of products with name, category and price ({error!r})") from error
    chosen = (
        items
        if limit is None or limit >= len(items)
        else [items[number * len(items) // limit] for number in range(limit)]
    )
    return walked(own_items("en")[0], chosen)


def read_briefs(path: Path) -> list[Brief]:
    """Briefs of a JSON lines file, one object with the fields of `models.brief.brief.Brief` per line. Raises
    BriefsError."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BriefsError(f"{path}: {error.strerror}; give a file with one brief per line as JSON") from error
    briefs = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                briefs.append(msgspec.json.decode(line, type=Brief))
            except ValueError as error:  # not JSON, not a brief, not UTF-8
                raise BriefsError(f"{path}, line {number}: {error}") from error
    if not briefs:
        raise BriefsError(f"{path} holds no brief; give one JSON object per line")
    return briefs


def walked(market: Shopfront, items: Sequence[BriefItem]) -> list[Brief]:
    """One brief per item. Steps of different length walk through all choices, so that any run of items sees
    each of them."""
    return [_brief(market, item, number) for number, item in enumerate(items)]


def _brief(market: Shopfront, item: BriefItem, number: int) -> Brief:
    slots, one = tuple(LIMITS), (market.facts[number // 3 % len(market.facts)],)
    return Brief(
        request_id=f"rq_{number:016x}",
        campaign_id=f"evaluation_{market.locale}",
        slot=slots[number % len(slots)],
        brand=market.brands[number % len(market.brands)],
        title=item.title,
        noun=item.noun,
        category=item.category,
        locale=market.locale,
        price_minor=item.price_minor,
        salesprice_minor=item.price_minor * 3 // 4 if number % 4 == 0 else None,
        currency=market.currency,
        facts=one if number % 3 == 0 else (),
        must_use=one if number % 12 == 1 else (),
        style=STYLES[number % len(STYLES)],
        goal=GOALS[number // 2 % len(GOALS)],
        tone=TONES[number // 3 % len(TONES)],
        interest=(market.interests[number % len(market.interests)],),
        daypart=DAYPARTS[number // 5 % len(DAYPARTS)],
        weekday=WEEKDAYS[number % len(WEEKDAYS)],
        device=DEVICES[number // 7 % len(DEVICES)],
        place=market.place,
        returning=number % 11 == 0,
    )


def variants(brief: Brief, count: int) -> Iterator[Brief]:
    """`count` requests for the same brief, as selection makes them: another id each, the styles in turn, the
    brief's own first."""
    first = STYLES.index(brief.style) if brief.style in STYLES else 0
    for number in range(count):
        yield replace(
            brief, request_id=f"{brief.request_id}.{number}", style=STYLES[(first + number) % len(STYLES)]
        )
