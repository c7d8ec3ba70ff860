"""What a copy quotes of its row's text, and where that stands."""

from __future__ import annotations

from dataclasses import replace

from models.brief.brief import Brief, Copy
from models.brief.spans import spans_of

TEXT = "A lamp for the desk. The arm folds flat against the wall. It hums. The shade is cast in one piece."
BRIEF = Brief("r", "c", "native", "Northfold", "Wall Lamp Ava", "lamp", price_minor=9900, text=TEXT)


def test_a_quoted_sentence_stands_in_the_row_where_it_is_said_to() -> None:
    copy = Copy(
        "The shade is cast in one piece", "The arm folds flat against the wall. By Northfold.", "Look"
    )
    spans = spans_of(copy, BRIEF)
    assert [TEXT[each.start : each.end] for each in spans] == [each.text for each in spans]
    assert [each.text for each in spans] == [
        "The arm folds flat against the wall",
        "The shade is cast in one piece",
    ]


def test_words_that_are_the_writers_own_or_a_part_of_a_sentence_are_no_quotes() -> None:
    assert spans_of(Copy("A lamp", "The arm folds flat. Ask us.", "Look"), BRIEF) == ()
    assert (
        spans_of(Copy("A lamp", "The arm folds flat against the wall.", "Look"), replace(BRIEF, text=""))
        == ()
    )


def test_chinese_sentences_are_found_too() -> None:
    row = replace(
        BRIEF, locale="zh-CN", text="台灯一盏。灯臂可以贴墙折平。灯罩一次铸成。", title="台灯", noun="台灯"
    )
    [span] = spans_of(Copy("台灯", "灯臂可以贴墙折平。有问题，欢迎咨询。", "看看"), row)
    assert row.text[span.start : span.end] == "灯臂可以贴墙折平"


def test_a_sentence_inside_longer_words_or_a_longer_sentence_is_not_said_by_itself() -> None:
    text = "The lamp is made of oak. The shade is cast steel. The shade is cast steel and painted by hand."
    row = replace(BRIEF, text=text)
    assert spans_of(Copy("A lamp", "The lamp is made of oakwood from Spain.", "Look"), row) == ()
    [span] = spans_of(Copy("A lamp", "The shade is cast steel and painted by hand.", "Look"), row)
    assert span.text == "The shade is cast steel and painted by hand"
