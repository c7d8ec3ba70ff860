"""Lines that do not go with what an item is or how its title is written."""

from __future__ import annotations

import pytest

from models.brief.brief import Brief
from models.copywriter.fit.lines import is_listing, suits
from models.copywriter.fit.services import is_service, noun_says_all

BRIEFS = {"en": "Wrenfield", "de": "Brandauer", "zh": "墨岸"}


def brief(language: str, noun: str, title: str = "", category: str = "") -> Brief:
    return Brief("r", "c", "native", BRIEFS[language], title or noun, noun, category, language)


@pytest.mark.parametrize(
    ("language", "noun", "category", "service"),
    [
        ("en", "nib regrinding", "", True),
        ("en", "frame alignment", "", True),
        ("en", "boiler repair", "", True),
        ("en", "evening class", "", True),
        ("en", "curtain making", "", True),
        ("en", "drawstring", "", False),
        ("en", "fiddle", "lutherie.services", True),
        ("en", "silver ring", "", False),
        ("en", "string", "", False),
        ("en", "garment bag", "", False),
        ("en", "climbing rope", "", False),
        ("en", "repair kit", "", False),
        ("de", "Scherenschliff", "", True),
        ("de", "Fahrradreparatur", "", True),
        ("de", "Töpferkurs", "", True),
        ("de", "Wartung", "", True),
        ("de", "Winterkleidung", "", False),
        ("de", "Wecktopf", "", False),
        ("zh", "钢琴调律", "", True),
        ("zh", "书法课", "", True),
        ("zh", "手表维修", "", True),
        ("zh", "古琴换弦", "", False),
        ("zh", "课桌", "", False),
        ("zh", "毛笔", "", False),
    ],
)
def test_what_is_done_for_people_is_a_service(language: str, noun: str, category: str, service: bool) -> None:
    assert is_service(brief(language, noun, category=category)) is service


def test_what_so_many_have_for_so_long_is_a_service() -> None:
    assert is_service(brief("de", "Waldsauna", "Waldsauna, 3 Std. für bis zu 4 Personen"))
    assert is_service(brief("en", "rowboat", "Rowboat, 2 hours for up to 3 people"))
    assert not is_service(brief("de", "Zelt", "Zelt für 4 Personen"))
    assert not is_service(brief("en", "candle", "Candle, burns 40 hours"))


def test_what_a_thing_is_for_makes_no_service_of_it() -> None:
    assert not is_service(brief("en", "fishing", "Classic Zigzag Spinner Lure"))
    assert not is_service(brief("en", "pizza", category="food service"))
    assert not suits("One <noun>, please", brief("en", "socks"))


def test_a_chinese_title_may_say_so() -> None:
    assert is_service(brief("zh", "古琴换弦", "古琴调音换弦服务"))


@pytest.mark.parametrize(
    ("language", "noun", "goods", "line"),
    [
        ("en", "nib regrinding", "nib", "Find your <noun>"),
        ("en", "nib regrinding", "nib", "<brand> has it."),
        ("en", "nib regrinding", "nib", "<brand> sells it for <price>."),
        ("en", "nib regrinding", "nib", "In our shop: the <title>."),
        ("en", "nib regrinding", "nib", "Yours for <price>."),
        ("en", "nib regrinding", "nib", "<anoun>? Found it!"),
        ("de", "Scherenschliff", "Schere", "<brand> hat das."),
        ("de", "Scherenschliff", "Schere", "Im Shop: <noun>"),
        ("de", "Scherenschliff", "Schere", "Erhältlich bei <brand>."),
        ("zh", "手表维修", "手表", "<brand>有售。"),
        ("zh", "手表维修", "手表", "选购<noun>"),
        ("zh", "手表维修", "手表", "店里的<noun>"),
        ("en", "nib regrinding", "nib", "A <noun> of your own"),
        ("en", "nib regrinding", "nib", "For you: <anoun>"),
        ("en", "bicycle repair", "bicycle", "Ships within two days"),
        ("de", "Scherenschliff", "Schere", "Versand ab Lager"),
        ("zh", "手表维修", "手表", "48小时内发货"),
    ],
)
def test_no_service_is_sold_like_goods(language: str, noun: str, goods: str, line: str) -> None:
    assert not suits(line, brief(language, noun))
    assert suits(line, brief(language, goods))


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "<noun> by <brand>"),
        ("en", "Looking for <noun>?"),
        ("en", "The price is <price>."),
        ("en", "<title>."),
        ("de", "<noun> von <brand>"),
        ("de", "<noun> gesucht?"),
        ("de", "Das kostet <price>."),
        ("zh", "需要<noun>吗？"),
        ("zh", "有问题，欢迎咨询。"),
    ],
)
def test_a_service_has_lines_of_its_own(language: str, line: str) -> None:
    noun = {"en": "nib regrinding", "de": "Scherenschliff", "zh": "手表维修"}[language]
    assert suits(line, brief(language, noun))


@pytest.mark.parametrize(
    ("language", "title", "listing"),
    [
        ("en", "Hand-Ruled Star Atlas, Spiral Bound, 2nd Ed.", True),
        ("en", "Dragon Stone, 10 kg Box", True),
        ("en", "Carbide Caving Lamp, Brass", True),
        ("en", "Camp Stove w/ Windshield", True),
        ("en", "Soft Woven Picnic Blanket With Long Leather Strap", True),
        ("en", "Mahogany Deckle Box", False),
        ("de", "Emaillierter Wecktopf 29 l mit Auslaufhahn", True),
        ("de", "Ledertasche Lina", False),
        ("zh", "黄铜镇尺一对20厘米刻竹", True),
        ("zh", "老坑端砚", False),
        ("zh", "手工麻布帆布双肩旅行背包", False),
    ],
)
def test_a_title_like_a_price_list_stands_by_itself(language: str, title: str, listing: bool) -> None:
    item = brief(language, "x", title)
    assert is_listing(item) is listing
    frames = {
        "en": "<brand> has the <title> for you.",
        "de": "<title> von <brand>.",
        "zh": "为你介绍<brand>的<title>。",
    }
    assert suits(frames[language], item) is not listing
    apart = {"en": "<title>.", "de": "Wir zeigen dir: <title>.", "zh": "为你介绍：<title>。"}
    assert suits(apart[language], item)


def test_a_title_that_names_the_brand_is_not_by_the_brand_again() -> None:
    assert not suits("From <brand>: the <title>.", brief("en", "pen", "Wrenfield Pen"))


@pytest.mark.parametrize(
    ("language", "noun", "title", "told"),
    [
        ("en", "frame alignment", "Bicycle Frame Alignment", False),
        ("en", "glassblowing course", "Glassblowing Course, Half Day", True),
        ("en", "course", "Course in Marbling", False),
        ("en", "forklift course", "Counterbalance Forklift Course", True),
        ("en", "room", "The Cloud Room", False),
        ("en", "light", "Bicycle Light", True),
        ("de", "Welpenkurs", "Hundeschule: Welpenkurs, 6 Termine", True),
        ("de", "Kurs", "Kurs: Körbe flechten", False),
        ("zh", "维修", "机械手表维修", False),
        ("zh", "古琴课", "古琴入门课 六节", True),
        ("zh", "收纳整理", "上门收纳整理 半天", True),
    ],
)
def test_a_noun_that_leaves_out_what_an_item_is_about(
    language: str, noun: str, title: str, told: bool
) -> None:
    assert noun_says_all(brief(language, noun, title)) is told


def test_no_article_stands_before_a_title_that_is_a_list_or_has_no_number() -> None:
    line = "Order the <title> online."
    assert suits(line, brief("en", "head torch", "Red Head Torch"))
    for noun, title in (
        ("rosin", "Dark Rosin"),
        ("go stones", "Go Stones, Slate & Shell"),
        ("kayak tour", "Guided Kayak Tour"),
        ("lamp", "The Reading Lamp"),
    ):
        assert not suits(line, brief("en", noun, title)), title
    assert suits("<title>.", brief("en", "go stones", "Go Stones, Slate & Shell"))


def test_no_sentence_has_two_colons() -> None:
    line = "Bei <brand>: <title>."
    assert suits(line, brief("de", "Welpenkurs", "Welpenkurs am Abend"))
    assert not suits(line, brief("de", "Welpenkurs", "Hundeschule: Welpenkurs"))


@pytest.mark.parametrize(
    ("language", "noun", "title", "alone"),
    [
        ("en", "transcription", "Old Handwriting Transcription, per Page", False),
        ("de", "Beratung", "Beratung vor Ort, pro Stunde", False),
        ("zh", "保洁", "家庭保洁 按小时", False),
        ("en", "hem repair", "Trouser Hem Repair", True),
    ],
)
def test_a_price_for_a_unit_stands_by_the_title_that_names_it(
    language: str, noun: str, title: str, alone: bool
) -> None:
    item = brief(language, noun, title)
    assert suits("<price>.", item) is alone
