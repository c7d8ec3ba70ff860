"""Titles as shops write them, and the nouns their feeds support."""

from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.normalise import clean
from models.text.title import noun_of, read_title


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Salt &amp; Pepper Mill", "Salt & Pepper Mill"), ("M&amp;amp;M&#8217;s", "M&M\u2019s"),
        ("<b>USB-C Hub</b><br/>7 in 1", "USB-C Hub 7 in 1"), ("LEGO\u00ae  City", "LEGO\u00ae City"),
        ("Kaffee\u00admaschine", "Kaffeemaschine"), ("Bücher&shy;regal", "Bücherregal"),
        ("İstanbul Işık LAMBASI", "İstanbul Işık LAMBASI"), ("แก้วน้ำ 500 มล.", "แก้วน้ำ 500 มล."),
        ("حذاء رياضيّ", "حذاء رياضيّ"), ("می\u200cخواهم", "می\u200cخواهم"), ("हिन्दी किताब", "हिन्दी किताब"),
        ("搪瓷\u200b咖啡杯", "搪瓷咖啡杯"), ("a < b > c 5\" &lt; 6", 'a < b > c 5" < 6'),
        (" Mug \t 0,3\u00a0l ", "Mug 0,3 l"), ("Cafe\u0301", "Café"), ("iPhone&nbsp;17", "iPhone 17"),
    ],
)  # fmt: skip
def test_titles_lose_markup_and_no_letter(written: str, read: str) -> None:
    assert read_title(written) == read


@given(st.text(st.characters(categories=["L", "M", "N"]), min_size=1))
def test_no_letter_mark_or_figure_of_any_script_changes(word: str) -> None:
    kept = unicodedata.normalize("NFC", "".join(each for each in word if each != "\u034f"))
    assert read_title(word) == read_title(html.escape(word)) == kept


def test_thai_and_lao_vowels_stay_whole_in_what_is_shown() -> None:
    assert clean("แก้วน้ำ", 40) == "แก้วน้ำ" and clean("ນ້ຳ", 40) == "ນ້ຳ"


@pytest.mark.parametrize(
    ("title", "said", "categories", "noun"),
    [
        ("The of", "", (), ""), ("Steak, 8 oz.", "", (), ""), ("Running Shoes Nike 42", "", (), ""),
        ("Zapatillas de running para hombre", "", (), ""), ("42", "", ("42",), ""),
        ("Trail Shoe, size 42", "", ("Apparel & Accessories > Shoes",), "Shoe"),
        ("Zapatillas de running para hombre", "", ("Ropa > Zapatillas",), "Zapatillas"),
        ("Leder Rucksack 20 L", "", ("accessories.rucksack",), "Rucksack"),
        ("Expedition Backpack", "daypack", ("backpacks",), "daypack"),
        ("Women Running Shoe", "", ("Women's Shoes", "Clothing > Women"), ""),
        ("किताब हिन्दी", "", ("किताब",), "किताब"), ("搪瓷 咖啡杯", "", ("厨房 > 咖啡杯",), "咖啡杯"),
        ("Expedition Backpack", " ", ("1070",), ""), ("USB-C Hub", "", ("Electronics > Cables",), ""),
        ("Mug &amp; Co", "Tea &amp; Mug", (), "Tea & Mug"),
    ],
)  # fmt: skip
def test_a_noun_is_said_by_the_feed_or_supported_by_its_category(
    title: str, said: str, categories: tuple[str, ...], noun: str
) -> None:
    assert noun_of(title, said, categories) == noun
