"""Text that its first font cannot draw alone: other fonts draw the rest, run by run, and a reader of it
begins where its language does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from models.scene.picture import draw_scene
from models.scene.words.direction import is_rtl
from models.scene.words.face import Face
from models.scene.words.fonts import Fonts, NoFontError
from models.scene.words.lettering import Lettering
from tests.models.scene.sample_scenes import FONTS
from tests.models.scene.test_picture import LAMP, words

DEJAVU = [each for each in FONTS.others if each.name.startswith("DejaVuSans")]
needs_dejavu = pytest.mark.skipif(not DEJAVU, reason="no DejaVu Sans in the system's folders")


@dataclass
class Having:
    """A face that has some characters."""

    characters: str
    path: Path = Path("a.ttf")
    name: str = "a"

    def missing(self, text: str) -> str:
        return "".join(each for each in text if each not in self.characters and not each.isspace())


def face(characters: str) -> Face:
    return cast(Face, Having(characters))


def test_a_script_is_set_in_one_face_where_one_has_all_of_it() -> None:
    first, some, all_of_it = face("abcابت"), face("ٹ"), face("ابتٹ")
    fonts = Fonts({("rtl", "bold"): first, ("latin", "bold"): some, ("cjk", "bold"): all_of_it})
    lettering = fonts.lettering("abc بتا ٹ", "bold")
    assert lettering.first is first
    assert {each: lettering.face_of(each) for each in "abcابتٹ"} == {
        **dict.fromkeys("abc", first),
        **dict.fromkeys("ابتٹ", all_of_it),
    }
    assert fonts.lettering("abc ابت", "bold").others == {}, "the first has all"


@pytest.mark.parametrize(
    ("line", "rtl", "seen"),
    [
        ("ab კბ cd", False, ["ab ", "კბ ", "cd"]),
        ("אב კბ", True, ["კბ", "אב "]),
        ("אב კბ cd", True, ["კბ ", "cd", "אב "]),
        ("ab אב კბ", False, ["ab ", "אב ", "კბ"]),
    ],
)
def test_runs_stand_as_they_are_read(line: str, rtl: bool, seen: list[str]) -> None:
    latin, hebrew, georgian = face("abcd"), face("אב"), face("კბ")
    others = {**dict.fromkeys("אב", hebrew), **dict.fromkeys("კბ", georgian)}
    assert [each.text for each in Lettering(latin, others).runs(line, rtl)] == seen


@needs_dejavu
@pytest.mark.parametrize(("text", "lang"), [("ფასდაკლება დღეს", "ka"), ("קנה თბილისი", "he")])
def test_what_the_packaged_fonts_lack_is_drawn_with_any_that_lies_in_a_folder(text: str, lang: str) -> None:
    bare = Fonts(FONTS.faces)
    with pytest.raises(NoFontError, match="SHIFTCAST_FONT_DIR"):
        draw_scene(replace(LAMP, headline=text, lang=lang), bare)
    found = Fonts(FONTS.faces, DEJAVU)
    drawn = draw_scene(replace(LAMP, headline=text, lang=lang), found)
    assert words(drawn)["headline"] == text and drawn.signs == 0
    [headline] = [each for each in drawn.placed if each.element == "headline"]
    for line in headline.lines:
        left, _, right, _ = headline.ink(line)
        assert line.width * 0.9 < right - left <= line.width
    assert any(each.startswith("DejaVuSans") for each in found.names([text]))


def test_a_sign_that_no_font_has_is_left_out_and_counted_and_a_letter_is_not() -> None:
    fonts = Fonts(FONTS.faces)
    drawn = draw_scene(replace(LAMP, headline="🔥 Sale 🔥 today"), fonts)
    assert (words(drawn)["headline"], drawn.signs) == ("Sale today", 2)
    assert draw_scene(replace(LAMP, headline="Sale™ today"), fonts).signs == 0
    with pytest.raises(NoFontError, match="sign of the headline"):
        draw_scene(replace(LAMP, headline="🔥"), fonts)
    with pytest.raises(NoFontError, match="lacks"):
        draw_scene(replace(LAMP, headline="ᚠ Sale"), fonts)


@pytest.mark.parametrize(
    ("text", "language", "rtl"),
    [
        ("Visit תל אביב today", "en", False),
        ("תל אביב today", "en", True),
        ("Nike נעליים קלות", "he", True),
        ("Sale", "he", False),
        ("20% خصم", "ar", True),
        ("20% خصم", "en", True),
    ],
)
def test_a_reader_begins_where_the_language_does_else_the_first_letter(
    text: str, language: str, rtl: bool
) -> None:
    assert is_rtl(text, language) is rtl


def test_a_name_in_hebrew_does_not_mirror_an_english_banner() -> None:
    plain, named = (
        draw_scene(replace(LAMP, variant="beside", headline=each), FONTS)
        for each in ("Visit Tel Aviv today", "Visit תל אביב today")
    )
    places = [next(each for each in made.placed if each.element == "cta").box[0] for made in (plain, named)]
    assert max(places) < 150


def test_a_font_that_is_gone_takes_no_other_from_a_text(tmp_path: Path) -> None:
    (tmp_path / "A.ttf").symlink_to(tmp_path / "nowhere.ttf")
    (tmp_path / "NotoSansSC-Regular.otf").symlink_to(tmp_path / "nowhere.otf")
    fonts = Fonts.found([tmp_path])
    assert ("cjk", "regular") not in fonts.faces
    assert fonts.others and Face(tmp_path / "A.ttf", "bold").missing("a") == "a"
    with pytest.raises(NoFontError):
        fonts.lettering("\u10da", "bold")
