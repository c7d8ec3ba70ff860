"""Titles as shops write them: markup goes, no letter of any script does."""

from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.text.feed_text import feed_text, said_calmly
from models.text.joiners import without_stray_joiners
from models.text.normalise import clean

SPELT_WITH_JOINERS = ("می\u200cخواهم", "کتاب\u200cخانه", "क्\u200dष", "ක්\u200dෂ", "ন্\u200dড", "👩\u200d🚀")


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
        ("Pen&notebook, R&D&para, Fish&copy", "Pen&notebook, R&D&para, Fish&copy"),
        ("Mug<!-- spring 26 --> blue<style>p{color:red}</style>", "Mug blue"),
        ("Sh\u200doe La\u200cmp", "Shoe Lamp"), ("Caf&eacute; T&#233;", "Café Té"),
    ],
)  # fmt: skip
def test_titles_lose_markup_and_no_letter(written: str, read: str) -> None:
    assert feed_text(written) == read


def seems_misread(text: str) -> bool:
    """Whether its signs as bytes of Windows are a text in UTF-8."""
    try:
        return text.encode("cp1252").decode() != text
    except UnicodeError:
        return False


@given(st.text(st.characters(categories=["L", "M", "N"]), min_size=1))
def test_no_letter_mark_or_figure_of_any_script_changes(word: str) -> None:
    assume(not seems_misread(word))
    kept = unicodedata.normalize("NFC", "".join(each for each in word if each != "\u034f"))
    assert feed_text(word) == feed_text(html.escape(word)) == kept


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S"]), max_size=40))
def test_a_text_escaped_as_html_reads_as_it_was_written(text: str) -> None:
    assume(not seems_misread(text))
    assert feed_text(html.escape(html.escape(text))) == feed_text(html.escape(text))
    assert feed_text(feed_text(text)) == feed_text(text) or "&" in text


@pytest.mark.parametrize("word", SPELT_WITH_JOINERS)
def test_joiners_survive_where_they_are_part_of_the_spelling(word: str) -> None:
    assert feed_text(word) == clean(word, 40) == word
    assert without_stray_joiners(f"Shoe\u200d {word}\u200c 4\u200d2") == f"Shoe {word} 42"


@pytest.mark.parametrize(
    "word", ["แก้วน้ำ", "ນ້ຳ", "LEGO® City™", "60 m²", "½ Zoll", "№ 5", "ﬁne", "Ⅳ", "ＵＳＢ"]
)
def test_what_is_shown_keeps_the_letters_and_signs_of_the_feed(word: str) -> None:
    assert clean(word, 40) == word


@pytest.mark.parametrize(
    ("shouted", "elsewhere", "read"),
    [
        ("LEGO STAR WARS", ("toys > building sets",), "LEGO STAR WARS"),
        ("LEGO STAR WARS", ("The LEGO Star Wars ship",), "LEGO Star Wars"),
        ("RED RETROSPOT MUG 500ML", ("A red Retrospot mug", "Mugs"), "RED RETROSPOT MUG 500ML"),
        ("RED MUG 500 ML", ("A red mug of 500 ml", "Mugs"), "red mug 500 ml"),
        ("IŞIK LAMBASI", ("Işık lambası",), "Işık lambası"), ("LEGO", ("Lego",), "LEGO"),
        ("USB-C Hub", ("usb-c hub",), "USB-C Hub"),
    ],
)  # fmt: skip
def test_capitals_become_small_only_as_the_row_itself_writes_every_word(
    shouted: str, elsewhere: tuple[str, ...], read: str
) -> None:
    assert said_calmly(shouted, elsewhere) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a<!-- x -->b<script>y</script >c<STYLE>z</style>d", "a b c d"),
        ("a<!-- <script> -->b</script>c", "a b c"),
        ("a<script>y<!-- </script>b<!-- open", "a b<!-- open"),
        ("<style>.a{}</style><style>.b{}</style>ok", "ok"),
    ],
)
def test_what_is_hidden_goes_and_what_never_ends_hides_nothing(written: str, read: str) -> None:
    assert feed_text(written) == read


@pytest.mark.parametrize("opened", ["<!--", "<script ", "<style>"])
def test_what_never_ends_is_looked_for_once(opened: str, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = list[int]()

    class Counted:
        def search(self, text: str, at: int) -> None:
            searched.append(at)

    monkeypatch.setattr("models.text.feed_text._SHOWS", {opened.strip(" >"): Counted()})
    feed_text(opened * 1_000)
    assert len(searched) == 1


@pytest.mark.parametrize(
    ("misread", "meant"),
    [
        ("BÃ¼cherregal Eiche", "Bücherregal Eiche"),
        ("CafÃ© Mug â€“ 2 pcs", "Café Mug – 2 pcs"),
        ("PÅ‚aszcz mÄ™ski", "Płaszcz męski"),
        ("åŽ¨æˆ¿", "厨房"),
        ("BÃƒÂ¼cher", "Bücher"),
        ("Ã\xa0 la carte", "à la carte"),
        ("Café Müller ÅÄÖ São Ça", "Café Müller ÅÄÖ São Ça"),
        ("MAÇÃ ® ÃO", "MAÇÃ ® ÃO"),
        ("Płaszcz 厨房 Ø 5 m²", "Płaszcz 厨房 Ø 5 m²"),
    ],
)
def test_what_was_read_in_a_wrong_encoding_is_read_again(misread: str, meant: str) -> None:
    assert feed_text(misread) == meant
