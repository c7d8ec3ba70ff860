"""Scoring against hand-worked lives."""

from __future__ import annotations

from models.interest.threshold.shift_score import Positive, ShiftScore, score_triggers


def life(user: str, first: int, length: int, shifts: tuple[int, ...] = ()) -> dict[str, Positive]:
    """Positives first..first+length-1 of a user; event ids are user + number."""
    return {f"{user}{n}": Positive(user, n, n in shifts) for n in range(first, first + length)}


def test_a_trigger_within_twenty_positives_finds_the_shift() -> None:
    found = score_triggers(life("a", 40, 30, (45,)), ["a50"])
    # 40..44 are before the shift, 51..69 after its answer: a trigger there would have been false
    assert found == ShiftScore(true=1, found=1, late=0, false=0, at_risk=5 + 19)
    assert (found.missed, found.recall, found.false_per_1000) == (0, 1.0, 0.0)


def test_the_shift_itself_and_the_nineteen_after_it_are_the_window() -> None:
    positives = life("a", 0, 40, (10,))
    assert score_triggers(positives, ["a10"]).found == 1
    assert score_triggers(positives, ["a29"]).found == 1
    late = score_triggers(positives, ["a30"])
    assert (late.found, late.late, late.missed, late.false) == (0, 1, 1, 0)


def test_triggers_before_a_shift_and_after_its_answer_are_false() -> None:
    judged = score_triggers(life("a", 0, 40, (10,)), ["a5", "a15", "a20"])
    assert (judged.found, judged.false) == (1, 2)


def test_triggers_of_users_who_never_shift_are_false() -> None:
    judged = score_triggers(life("b", 0, 100), ["b8", "b60"])
    assert (judged.true, judged.false, judged.at_risk, judged.false_per_1000) == (0, 2, 100, 20.0)


def test_triggers_by_history_or_by_others_are_ignored() -> None:
    assert score_triggers(life("a", 40, 10), ["a39", "z1"]).false == 0


def test_without_anything_the_shares_are_zero() -> None:
    empty = score_triggers({}, [])
    assert (empty.recall, empty.false_per_1000) == (0.0, 0.0)
