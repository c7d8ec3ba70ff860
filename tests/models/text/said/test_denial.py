from __future__ import annotations

import pytest

from models.text.said.denial import is_denied, lacked


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("not waterproof", True),
        ("it isn't waterproof", True),
        ("never light or waterproof", True),
        ("nicht waterproof", True),
        ("不waterproof", True),
        ("waterproof-free", True),
        ("no lining, waterproof", False),
        ("not only waterproof", False),
        ("nicht leicht, aber waterproof", False),
        ("tent pegs waterproof", False),
        ("waterproof \n free returns", False),
    ],
)
def test_a_clause_denies_what_stands_behind_its_no(said: str, denied: bool) -> None:
    start = said.index("waterproof")
    assert is_denied(said, start, start + len("waterproof")) is denied


@pytest.mark.parametrize(
    ("said", "things"),
    [
        ("naturally without caffeine. 20 bags", {"caffeine"}),
        ("made without lead or nickel", {"lead"}),
        ("without sugar bowl", set()),
        ("nothing ships without lead", set()),
        ("sold without battery", set()),
    ],
)
def test_a_thing_lacks_what_it_is_made_without(said: str, things: set[str]) -> None:
    assert lacked(said) == things
