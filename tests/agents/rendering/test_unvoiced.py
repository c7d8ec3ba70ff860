"""What stays silent is remembered for a while, and not without end."""

from __future__ import annotations

import pytest

from agents.rendering.voices.unvoiced import RESTS_S, Unvoiced


@pytest.mark.parametrize(("kind", "later"), [("Failed", ""), ("TimedOut", ""), ("TooLong", "TooLong")])
def test_an_engine_is_tried_again_and_words_are_not(kind: str, later: str) -> None:
    now_s = [0.0]
    unvoiced = Unvoiced(lambda: now_s[0])
    unvoiced.note("a", kind)
    assert (unvoiced.why("a"), unvoiced.why("b"), unvoiced.why("b", "a")) == (kind, "", kind)
    now_s[0] = RESTS_S
    assert unvoiced.why("a") == later


def test_the_oldest_are_forgotten() -> None:
    unvoiced = Unvoiced(lambda: 0.0, most=2)
    for name in ("a", "b", "a", "c"):
        unvoiced.note(name, "TooLong")
    assert [unvoiced.why(name) for name in "abc"] == ["TooLong", "", "TooLong"]
