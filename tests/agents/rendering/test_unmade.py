"""What failed is remembered for a while, and not without end."""

from __future__ import annotations

import pytest

from agents.rendering.clips.unmade import RESTS_S, Unmade


@pytest.mark.parametrize(
    ("kind", "later"), [("Failed", ""), ("TimedOut", ""), ("Crashed", ""), ("TooLong", "TooLong")]
)
def test_a_program_is_tried_again_and_a_story_is_not(kind: str, later: str) -> None:
    now_s = [0.0]
    unmade = Unmade(lambda: now_s[0])
    unmade.note("a", kind)
    assert (unmade.why("a"), unmade.why("b"), unmade.why("b", "a")) == (kind, "", kind)
    now_s[0] = RESTS_S
    assert unmade.why("a") == later


def test_a_photo_that_is_gone_is_found_again_for_the_next() -> None:
    unmade = Unmade(lambda: 0.0)
    unmade.note("a", "PhotoGone")
    assert unmade.why("a") == ""


def test_the_oldest_are_forgotten() -> None:
    unmade = Unmade(lambda: 0.0, most=2)
    for name in ("a", "b", "a", "c"):
        unmade.note(name, "TooLong")
    assert [unmade.why(name) for name in "abc"] == ["TooLong", "", "TooLong"]
