"""What is hidden in a text is read as a reader reads it; what is not hidden is read once."""

from __future__ import annotations

import pytest

from models.review.readings import text_readings
from models.rules import load_rules


@pytest.mark.parametrize(
    ("hidden", "read"),
    [
        ("F.R.E.E sh1pping", "free shipping"),
        ("L o s e 3 0 l b s by summer", "lose 30 lbs by summer"),
        ("Gua ran teed pro fits from day one", "guaranteed profits from day one"),
        ("Re-pli-ca bags", "replica bags"),
        ("Frée delivery", "free delivery"),
        ("frëe shipping", "free shipping"),
        ("Fŕee returns", "free returns"),
        ("Bést boots ever", "best boots ever"),
        ("be st boots", "best boots"),
        ("the be-st boots", "the best boots"),
        ("Béste Schuhe", "beste schuhe"),
        ("Ar3 y0u b3hind?", "are you behind?"),
        ("100% r i s k f r e e", "100% risk free"),
        ("R3pl!ca bags", "replica bags"),
        ("Sleep well with a 💊 tonight", "sleep well with a pill tonight"),
        ("无需处方，安 眠 葯 当天到", "无需处方,安眠药 当天到"),
    ],
)
def test_hidden_words_are_read(hidden: str, read: str) -> None:
    assert read in text_readings(hidden)


@pytest.mark.parametrize(
    "plain",
    [
        "A lamp for slow evenings.",
        "Ein Topf mit Deckel, vier Liter.",
        "橡木书架，抹油",
        "MP3 files, 30 a day",
        "Ein schönes Möbel für die Küche, früh geliefert.",
        "A café table and a crème brûlée dish from St. Ives.",
    ],
)
def test_plain_text_is_read_as_it_stands(plain: str) -> None:
    assert text_readings(plain)[0] == text_readings(plain)[0].strip()
    assert len(text_readings(plain)) <= 2


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        ("办 zheng 刻 zhang，三天到手", True),
        ("代kai發piao，详谈", True),
        ("加薇❤信，当天出", True),
        ("扫码进裙，日入过万", True),
        ("USB充电器，五个口", False),
        ("毛衣加V领，两色", False),
        ("PU皮收纳盒，A4大小", False),
    ],
)
def test_pinyin_for_a_character_and_contacts_in_code_are_objected_to(text: str, hides: bool) -> None:
    rule = next(each for each in load_rules().rules if each.code == "HIDDEN_WORD")
    assert any(any(True for _ in rule.matches(read)) for read in text_readings(text)) == hides
