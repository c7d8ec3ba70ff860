"""Nouns: said by the feed, or supported by its category; never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.noun import noun_of


@pytest.mark.parametrize(
    ("title", "said", "categories", "noun"),
    [
        ("The of", "", (), ""), ("Steak, 8 oz.", "", (), ""), ("Running Shoes Nike 42", "", (), ""),
        ("Zapatillas de running para hombre", "", (), ""), ("42", "", ("42",), ""),
        ("Trail Shoe, size 42", "", ("Apparel & Accessories > Shoes",), "Shoe"),
        ("Zapatillas de running para hombre", "", ("Ropa > Zapatillas",), "Zapatillas"),
        ("Leder Rucksack 20 L", "", ("accessories.rucksack",), "Rucksack"),
        ("Expedition Backpack", "daypack", ("backpacks",), "daypack"),
        ("Women Running Shoe", "", ("Women's Shoes", "Clothing > Women"), "Shoe"),
        ("किताब हिन्दी", "", ("किताब",), "किताब"), ("搪瓷 咖啡杯", "", ("厨房 > 咖啡杯",), "咖啡杯"),
        ("Expedition Backpack", " ", ("1070",), ""), ("USB-C Hub", "", ("Electronics > Cables",), ""),
        ("Oak", "-Set", (), "Set"), ("Oak", "- mug", (), "mug"), ("Oak", "–", (), ""),
        ("Oak", "T-Shirt -", (), "T-Shirt"), ("Oak", "3-D-Puzzle", (), "3-D-Puzzle"),
        ("Mug &amp; Co", "Tea &amp; Mug", (), "Tea & Mug"),
        ("Aurora Table Lamp, brass", "", ("Home & Garden > Lighting > Table Lamps",), "Table Lamp"),
        ("Aurora Lamp, brass", "", ("Home & Garden > Lighting > Table Lamps",), "Lamp"),
        ("Oak Mug 300ml", "", ("Kitchen > Cups & Mugs",), "Mug"), ("Ring Light", "", ("Cups, Mugs",), ""),
        ("Lampe de table laiton", "", ("Maison > Lampes de table",), "Lampe de table"),
        ("Lampe laiton", "", ("Maison > Lampes de table",), "Lampe"),
        ("Table basse", "", ("Maison > Lampes de table",), ""),
        ("Camiseta deportiva Azor", "", ("Ropa > Zapatillas deportivas",), ""),
        ("Yoga Mat", "", ("Sport > Yoga",), "yoga mat"), ("Dog Bowl", "", ("Pets > Dogs",), ""),
        ("Tischlampe Holz", "", ("Wohnen > Lampen",), "Tischlampe"), ("Portable Fan", "", ("Tables",), ""),
        ("Clamp for hoses", "", ("Lamps",), ""), ("不锈钢保温杯", "", ("家居 > 保温杯",), "保温杯"),
        ("T-Shirt 3er-Pack", "", ("Herren > T-Shirts",), "T-Shirt"), ("X 5", "", ("X",), ""),
        ("Travel Pillow", "", ("travels",), ""), ("Cooking Oil", "", ("Cooking",), "cooking oil"),
        ("Carbon Fishing Rod", "", ("Outdoors > Fishing",), "fishing rod"),
        ("Sac à dos cuir", "", ("Sacs à dos",), "Sac à dos"),
        ("Bahçe Hortumu 25 m", "", ("Hortum",), "Hortum"),
        ("7-Day Self-Storage Space, 50 sq ft", "", ("services.storage",), "storage space"),
        ("Brennholz Buche, 1 Rm", "", ("Garten > Brennholz",), "Brennholz Buche"),
        ("Yoga for Beginners", "", ("Yoga",), ""), ("Kitchen Stand Mixer", "", ("Kitchen",), ""),
        ("手机壳", "", ("数码 > 手机",), ""), ("แก้วกาแฟเซรามิก", "", ("ครัว > แก้วกาแฟ",), "แก้วกาแฟ"),
    ],
)  # fmt: skip
def test_a_noun_is_said_by_the_feed_or_supported_by_its_category(
    title: str, said: str, categories: tuple[str, ...], noun: str
) -> None:
    assert noun_of(title, said, categories) == noun


@pytest.mark.parametrize(
    ("title", "said", "text", "noun"),
    [
        ("Oak Mug", "Mug", "This mug holds 300 ml.", "mug"), ("Oak mug", "Mug", "", "mug"),
        ("Oak Mug", "Mug", "", "Mug"), ("Star Set", "Lego", "A Lego set", "Lego"),
        ("Hub", "USB-C Hub", "usb-c hub", "USB-C Hub"), ("Becher", "Becher", "Ein Becher", "Becher"),
    ],
)  # fmt: skip
def test_a_capital_goes_only_where_the_row_writes_the_word_without(
    title: str, said: str, text: str, noun: str
) -> None:
    assert noun_of(title, said, (), text) == noun


@pytest.mark.parametrize(
    ("title", "said", "categories", "text", "noun"),
    [
        ("ARC FLOOR LAMP BLACK 165CM", "", ("Home > Floor Lamps",), "", "Floor Lamp"),
        ("ARC FLOOR LAMP BLACK 165 cm", "FLOOR LAMP", ("floor lamps",), "", "floor lamp"),
        ("OAK MUG", "", ("Cups & Mugs",), "This mug holds 300 ml.", "mug"),
        ("SMARTWATCH GT3 46MM", "", ("Electronics > Watches",), "", "Smartwatch"),
        ("KAFFEEMÜHLE X2 EDELSTAHL", "", ("Küche > Kaffeemühlen",), "", "Kaffeemühle"),
        ("SAC À DOS CUIR", "", ("Sacs à dos",), "", "Sac à dos"),
        ("USB HUB 4X", "", ("USB Hubs",), "", "USB Hub"), ("TV 55 ZOLL", "TV", ("TVs",), "", "TV"),
        ("DVD Das Boot", "", ("Film > dvds",), "", "DVD"), ("LEGO SET", "LEGO", ("LEGO",), "", "LEGO"),
        ("OAK MUG", "TEAPOT", ("Mugs",), "", "TEAPOT"), ("OAK MUG", "", ("MUGS",), "", "MUG"),
        ("IŞILDAK ÇALIDİBİLAMBA", "ÇALIDİBİLAMBA", ("Lamba",), "", "ÇALIDİBİLAMBA"),
        ("ÇELİKTAVA 28", "", ("Mutfak > Tava",), "", "Çeliktava"),
        ("BAHÇE HORTUMU 25 M", "", ("Hortum",), "", "Hortum"),
    ],
)  # fmt: skip
def test_the_capitals_of_a_title_that_shouts_stay_where_the_category_writes_them_alone(
    title: str, said: str, categories: tuple[str, ...], text: str, noun: str
) -> None:
    assert noun_of(title, said, categories, text) == noun


@pytest.mark.parametrize(
    ("title", "text", "noun"),
    [
        ("OEM 41-0837-B", "Presser foot for rolled hems, fits OL-3 machines.", "presser foot"),
        ("ERS-TEIL 7712-04 DICHT.", "Dichtung für Wasserpumpen der Reihe 7700.", "Dichtung"),
        ("XJ-2208 备用滤芯（3支装）", "适用于净水器。", "备用滤芯"), ("XJ-2208 滤芯 白色", "", ""),
        ("80T-104BCD", "Narrow-wide teeth, 104 mm bolt circle.", ""), ("X 5", "Perfect for hems.", ""),
        ("X 5", "Stands in for the wheel.", ""), ("X 5", "Passend für Pumpen.", ""), ("X 5", "", ""),
        ("Aurora lamp 5", "Shade for tables.", ""), ("OEM", "Presser foot for hems.", ""),
    ],
)  # fmt: skip
def test_a_part_is_called_what_its_text_opens_with_or_its_one_chinese_word_says(
    title: str, text: str, noun: str
) -> None:
    assert noun_of(title, "", ("maker.parts",), text) == noun


@given(st.text(max_size=40), st.lists(st.text(max_size=30), max_size=3))
def test_a_noun_stands_in_the_title_or_is_none(title: str, categories: list[str]) -> None:
    assert noun_of(title, "", categories).casefold() in title.casefold()
