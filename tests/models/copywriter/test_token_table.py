from __future__ import annotations

import pytest

from models.copywriter.token_table import ASK, NEVER, Token, TokenTable, place_of

CUP = "杯".encode()


@pytest.mark.parametrize(
    ("data", "text", "width", "lead", "lacks"),
    [
        (b" mug", " mug", 4, 0, 0),
        (CUP, "杯", 2, 0, 0),
        (b"a" + CUP[:1], "a", 3, 0, 2),  # a character that is not complete counts as wide as it may become
        (b"a" + CUP[:2], "a", 3, 0, 1),
        (CUP[1:], "", 0, 2, 0),
        (CUP[2:] + b"!", "!", 1, 1, 0),
        ("é".encode()[:1], "", 1, 0, 1),
        (b"", "", 0, 0, 0),
    ],
)
def test_a_token_is_taken_apart_into_characters_and_parts_of_them(
    data: bytes, text: str, width: int, lead: int, lacks: int
) -> None:
    token = Token(data)
    assert (token.text, token.width, token.lead, token.lacks) == (text, width, lead, lacks)
    assert token.is_whole == (data in (b" mug", CUP))


TOKENS = (b" mug", b"mug", b" 20", b"a<b", b"\nmug", CUP, CUP[1:], CUP[2:], CUP[2:] + b"!", b"")


@pytest.mark.parametrize(
    ("place", "costs"),
    [
        ((True, False, 0), (4, 3, 3, NEVER, ASK, 2, NEVER, NEVER, NEVER, NEVER)),
        ((False, False, 0), (4, 3, NEVER, NEVER, ASK, 2, NEVER, NEVER, NEVER, NEVER)),
        (
            (True, True, 0),
            (3, 3, 2, NEVER, ASK, 2, NEVER, NEVER, NEVER, NEVER),
        ),  # the space that begins a field is none
        ((True, False, 1), (NEVER, NEVER, NEVER, NEVER, ASK, NEVER, NEVER, 0, 1, NEVER)),
        ((True, False, 2), (NEVER, NEVER, NEVER, NEVER, ASK, NEVER, 0, 0, NEVER, NEVER)),
    ],
)
def test_costs_say_what_may_come_in_a_place(place: tuple[bool, bool, int], costs: tuple[int, ...]) -> None:
    assert tuple(TokenTable.of(TOKENS, len(TOKENS)).costs[place_of(*place)]) == costs


def test_rows_of_the_embedding_without_a_token_never_come() -> None:
    table = TokenTable.of(TOKENS, len(TOKENS) + 3)
    assert len(table) == len(TOKENS) + 3
    assert (table.costs[:, len(TOKENS) :] == NEVER).all()
    assert table.breaks == {4}
