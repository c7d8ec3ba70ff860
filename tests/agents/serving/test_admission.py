"""Tokens and rates: who has none is refused, who asks too often waits, nobody uses up another's share."""

from __future__ import annotations

import pytest

from agents.serving.admission import TOO_MANY, UNAUTHORISED, Admission


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic one", "one", "Bearer \udcff"]
)
def test_without_a_token_nothing_is_answered(given: str) -> None:
    assert Admission(["one", "two"], 10).refusal(given, 0.0) == UNAUTHORISED


def test_either_of_two_tokens_opens_while_one_replaces_the_other() -> None:
    admission = Admission(["one", "two"], 10)
    assert [admission.refusal(f"Bearer {each}", 0.0) for each in ("one", "two")] == [0, 0]


def test_more_than_agreed_is_refused_until_time_has_passed_and_others_go_on() -> None:
    admission = Admission(["one", "two"], 10)
    assert [admission.refusal("Bearer one", 100.0) for _ in range(12)] == [0] * 10 + [TOO_MANY] * 2
    assert admission.refusal("Bearer two", 100.0) == 0
    assert [admission.refusal("Bearer one", 100.25) for _ in range(3)] == [0, 0, TOO_MANY]
    assert [admission.refusal("Bearer one", 200.0) for _ in range(11)] == [0] * 10 + [TOO_MANY]
