"""What may be said of one kind of item and not of another."""

from __future__ import annotations

import pytest

from models.brief.brief import Brief
from models.copywriter.fit.kinds import is_refused, kinds_of
from models.copywriter.fit.lines import suits


def brief(language: str, noun: str) -> Brief:
    return Brief("r", "c", "native", "Wrenfield", f"Fine {noun}", noun, "", language)


@pytest.mark.parametrize(
    ("language", "noun", "kinds"),
    [
        ("en", "head torch", {"thing", "one"}),
        ("en", "jar seals", {"thing", "many"}),
        ("en", "rosin", {"thing", "mass"}),
        ("en", "hem repair", {"service", "one"}),
        ("en", "window cleaning", {"service", "doing", "mass"}),
        ("en", "lichen walk", {"service", "one"}),
        ("de", "Wecktopf", {"thing"}),
        ("zh", "上门理发", {"service"}),
        ("de", "Töpferkurs", {"service"}),
    ],
)
def test_kinds_of_an_item(language: str, noun: str, kinds: set[str]) -> None:
    assert kinds_of(brief(language, noun)) == kinds


@pytest.mark.parametrize(
    ("language", "line", "refused", "taken"),
    [
        ("en", "Discover the <noun>", "rosin", "head torch"),
        ("en", "Fancy <anoun>?", "jar seals", "head torch"),
        ("en", "One <noun>, please", "hem repair", "head torch"),
        ("zh", "<noun>，为你准备", "手表维修", "油纸伞"),
    ],
)
def test_a_line_is_kept_to_the_kinds_that_readers_took_it_for(
    language: str, line: str, refused: str, taken: str
) -> None:
    assert is_refused(line, brief(language, refused)) and not suits(line, brief(language, refused))
    assert not is_refused(line, brief(language, taken))


def test_a_category_of_goods_makes_no_service() -> None:
    bench = Brief("r", "c", "native", "Hollwerk", "Hobelbank Buche", "Hobelbank", "werkstatt.baenke", "de")
    assert "service" not in kinds_of(bench)


@pytest.mark.parametrize(
    ("noun", "title", "category", "told"),
    [
        ("amchoor", "Amchoor", "spice.ground", False),
        ("shio koji", "Shio Koji, Mild, 500 g", "", False),
        ("grinder", "Spice Grinder", "spice", True),
        ("bush hammer", "Bush Hammer, 1.2 kg", "tools", True),
        ("head torch", "Red Head Torch", "climbing", True),
    ],
)
def test_what_may_be_stuff_has_no_article(noun: str, title: str, category: str, told: bool) -> None:
    item = Brief("r", "c", "native", "Wrenfield", title, noun, category, "en")
    assert ("mass" not in kinds_of(item)) is told
    assert suits("For you: <anoun>", item) is told
    assert suits("One <noun>, please", item) is told
    assert suits("<noun> from <brand>", item)
