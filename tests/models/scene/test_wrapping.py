"""Lines break where a script allows it, evenly, and words stay whole."""

from __future__ import annotations

import pytest

from models.scene.words.wrapping import wrapped


def by_letters(line: str) -> float:
    return float(len(line))


def test_words_stay_whole_and_lines_even() -> None:
    lines = wrapped("Delivered to the room of your choice", 20, 3, by_letters)
    assert lines == ["Delivered to the", "room of your choice"]


def test_what_needs_more_lines_does_not_fit() -> None:
    assert wrapped("Delivered to the room of your choice", 12, 2, by_letters) is None


def test_a_word_that_is_too_long_does_not_fit() -> None:
    assert wrapped("Donaudampfschifffahrt", 10, 5, by_letters) is None


def test_nothing_takes_no_line() -> None:
    assert wrapped("  ", 10, 1, by_letters) == []


@pytest.mark.parametrize("width", range(4, 12))
def test_no_chinese_line_begins_with_a_closing_mark(width: int) -> None:
    lines = wrapped("轻便的徒步鞋,抓地力强。(防水)立即购买!", width, 9, by_letters)
    assert lines is not None
    assert "".join(lines) == "轻便的徒步鞋,抓地力强。(防水)立即购买!"
    assert not any(line[0] in ",。!)" for line in lines)
    assert not any(line[-1] == "(" for line in lines)


def test_a_price_stays_in_one_piece() -> None:
    lines = wrapped("Now only $1,299.00 each", 11, 4, by_letters)
    assert lines is not None
    assert any("$1,299.00" in line for line in lines)


def test_chinese_lines_end_between_phrases_and_never_in_a_name() -> None:
    text, brand = "竹编蒸饺屉,云岫出品。三十天内免费退货。欢迎进店逛逛。", "云岫"
    for width in range(8, 16):
        lines = wrapped(text, width, 9, by_letters, (brand, "蒸饺屉"), ends="phrases")
        assert lines is not None and "".join(lines) == text
        for kept in (brand, "蒸饺屉", "欢迎", "出品"):
            assert any(kept in line for line in lines), (width, lines)


def test_chinese_clauses_end_with_a_mark_where_there_is_room() -> None:
    text = "云岫为你带来羊毛护腕。三十天内免费退货。点一下,接着看。"
    lines = wrapped(text, 22, 4, by_letters, ends="clauses")
    assert lines == ["云岫为你带来羊毛护腕。", "三十天内免费退货。点一下,接着看。"]
    assert wrapped(text, 8, 9, by_letters, ends="clauses") is None
    assert wrapped("行军壶,先认识再选", 7, 2, by_letters, ends="clauses") == ["行军壶,", "先认识再选"]
    assert wrapped("三十天内免费退货", 5, 3, by_letters, ends="clauses") is None, (
        "it is brief: smaller type first"
    )
    assert wrapped("三十天内免费退货", 5, 3, by_letters, ends="phrases") is not None
    assert wrapped("三十天内免费退货上门", 6, 3, by_letters, ends="clauses") is not None, (
        "a long clause is broken"
    )


def test_a_first_word_of_one_letter_does_not_stand_alone() -> None:
    assert wrapped("A wristwatch of your own", 15, 4, by_letters, ends="phrases") == [
        "A wristwatch",
        "of your own",
    ]
    assert wrapped("A wristwatch of your own", 11, 4, by_letters, ends="phrases") is None


def test_a_line_does_not_end_behind_a_hyphen_unless_it_must() -> None:
    text = "Step into vintage-inspired elegance"
    assert wrapped(text, 18, 3, by_letters, ends="phrases") == ["Step into", "vintage-inspired", "elegance"]
    assert wrapped(text, 12, 4, by_letters, ends="phrases") is None
    assert wrapped(text, 12, 4, by_letters) == ["Step into", "vintage-", "inspired", "elegance"]


def test_lines_end_with_sentences_and_not_with_articles_or_numbers() -> None:
    text = "Say hello to the Rugged Terrain Leather Boots. Free returns within 30 days."
    lines = wrapped(text, 30, 3, by_letters, ends="phrases")
    assert lines == ["Say hello to the Rugged", "Terrain Leather Boots.", "Free returns within 30 days."]
    assert wrapped("Spotlight: the headphones", 16, 2, by_letters, ends="phrases") == [
        "Spotlight:",
        "the headphones",
    ]
    for width in range(9, 24):
        lines = wrapped("Delivered within 30 days to the door", width, 9, by_letters, ends="phrases")
        assert lines is None or not any(line.endswith((" 30", " the")) for line in lines), lines
    assert wrapped("A purse of your own", 8, 3, by_letters, ends="phrases") is None, "own stands alone"
    assert wrapped("In need of a guitar?", 9, 3, by_letters, ends="phrases") is None, "of stands alone"
