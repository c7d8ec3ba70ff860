from __future__ import annotations

import pytest

from models.brief.brief import Brief
from models.brief.slots import slot_texts
from models.review.template import fill_template
from models.text.calm_title import calm_title


@pytest.mark.parametrize(
    ("title", "brand", "language", "elsewhere", "said"),
    [
        ("WOOL FELT SHEETS 20X30CM", "", "en", "", "Wool felt sheets 20X30CM"),
        ("LED DESK LAMP BY KANTO", "Kanto", "en", "", "LED desk lamp by Kanto"),
        ("USB-C HUB KRM-300 BLK", "", "en", "", "USB-C hub KRM-300 BLK"),
        ("ACME ROCKET SKATES", "ACME", "en", "", "ACME rocket skates"),
        ("ZAHNBÜRSTEN BAMBUS MITTEL", "", "de", "", "Zahnbürsten Bambus Mittel"),
        ("CROISSANT WITH GOUDA", "", "en", "A croissant with Gouda cheese.", "Croissant with Gouda"),
        ("Wool felt SHEETS", "", "en", "", "Wool felt SHEETS"),
        ("MOORING BUOY T3", "", "en", "Inflatable vinyl. A mooring buoy.", "Mooring buoy T3"),
        ("SCONCE LAMP", "", "en", "", "SCONCE lamp"),
        ("SCONCE LAMP", "", "en", "sconce", "Sconce lamp"),
        ("HDMI CABLE", "", "en", "", "HDMI cable"),
        ("LEGO STAR WARS 75192 MILLENNIUM FALCON", "", "en", "", "LEGO STAR WARS 75192 MILLENNIUM FALCON"),
        ("IKEA BILLY BOOKCASE", "", "en", "", "IKEA BILLY bookcase"),
        ("IPHONE CASE LEATHER", "", "en", "", "IPHONE case leather"),
        ("IPHONE CASE LEATHER", "", "en", "A case of an iPhone.", "iPhone case leather"),
        ("BOOK II ROMAN", "", "en", "", "Book II ROMAN"),
        ("RED BULL MUG RED", "", "en", "", "RED BULL mug red"),
        ("ADIDAS SHOES", "adidas", "en", "", "adidas shoes"),
        ("BRILLE FÜR KINDER SCHWARZ", "", "de", "", "Brille für Kinder Schwarz"),
        ("CAFETIÈRE ITALIENNE 6 TASSES", "", "fr", "", "Cafetière italienne 6 tasses"),
        ("CANECA DE CERÂMICA AZUL", "", "pt", "", "Caneca de cerâmica azul"),
        ("PATAGONIA", "", "en", "", "PATAGONIA"),
        ("OEM 41-0837-B", "", "en", "", "OEM 41-0837-B"),
        ("KIRMIZI IŞIK LAMBASI", "", "tr", "", "KIRMIZI IŞIK LAMBASI"),
        ("阅读台灯 LED", "", "zh", "", "阅读台灯 LED"),
    ],
)
def test_a_title_in_capitals_is_said_in_sentence_case(
    title: str, brand: str, language: str, elsewhere: str, said: str
) -> None:
    assert calm_title(title, brand, language, elsewhere) == said


def test_no_template_and_no_pointer_shouts() -> None:
    brief = Brief("r", "c", "landscape_1200x628", "Kanto", "BRASS DESK LAMP", "lamp")
    filled = fill_template("{title}", "The {title} by {brand}.", "See it", brief)
    assert filled.headline == "Brass desk lamp"
    assert slot_texts(brief)["title"] == slot_texts(brief)["short"] == "Brass desk lamp"


def test_a_star_that_belongs_to_a_name_stays() -> None:
    brief = Brief("r", "c", "native", "Vantry", "Tenor Sax Mouthpiece 7* Hard Rubber *NEW*", "mouthpiece")
    assert slot_texts(brief)["title"] == "Tenor Sax Mouthpiece 7* Hard Rubber NEW"
