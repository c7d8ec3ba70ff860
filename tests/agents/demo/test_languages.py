"""Users speak the languages that a catalogue is advertised in."""

from __future__ import annotations

from agents.demo.languages import sold_in
from agents.demo.wire import record_of
from models.world.traffic import Act
from streams import records as r
from streams.mapping.catalog_items import item_of


def campaign(name: str, items: r.CampaignItems, *locales: str) -> r.Campaign:
    templates = [r.Template(f"t{n}", "native", each, "H", "D", "C") for n, each in enumerate(locales)]
    return r.Campaign(name, 1, "active", r.Advertiser("B"), items=items, templates=templates)


ITEMS = [
    r.CatalogItem("a", "Boots", "https://x.example/a", cat=["shoes.boots", "shoes"]),
    r.CatalogItem("b", "Lampe", "https://x.example/b", cat=["licht"]),
    r.CatalogItem("c", "Lamp", "https://x.example/c", cat=["light"]),
]


def test_what_is_sold_in_a_language_is_what_templates_of_it_advertise() -> None:
    campaigns = [
        campaign("1", r.CampaignItems(cat=["shoes"]), "en", "de-AT"),
        campaign("2", r.CampaignItems(ids=["b"]), "de"),
    ]
    assert sold_in(ITEMS, campaigns) == {"en": {"a"}, "de": {"a", "b"}}
    assert sold_in(ITEMS, [campaign("3", r.CampaignItems(), "zh")]) == {"zh": {"a", "b", "c"}}


def test_a_users_device_says_its_language() -> None:
    act = Act("click", "1", "u", 1, item_of(ITEMS[1]), "native", 4, "DEU", 60, "de")
    _, record = record_of(act)
    assert isinstance(record, r.Click) and record.device is not None and record.device.langb == "de"
