"""What was made of texts is found again without keeping the texts."""

from __future__ import annotations

import tracemalloc

from streams.mapping.remembered import MOST, remembered


def test_each_arguments_have_their_own_result_which_is_made_once() -> None:
    read: list[tuple[str, int]] = []

    @remembered
    def length(text: str, factor: int) -> int | None:
        read.append((text, factor))
        return len(text) * factor or None

    asked = [("a", 1), ("a", 2), ("a, 1", 2), ("", 1)]
    assert [length(*each) for each in asked * 2] == [1, 2, 8, None] * 2
    assert read == asked


def test_of_long_texts_a_digest_is_held_and_of_how_many_there_is_a_bound() -> None:
    @remembered
    def last(text: str) -> str:
        return text[-1]

    tracemalloc.start()
    for i in range(6 * MOST):
        last(f"{i}-" + "x" * 8_000)
    _, most_held = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_held < MOST * 300, "not 32 MB"
