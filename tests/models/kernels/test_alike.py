"""Texts in groups against a dict."""

from __future__ import annotations

import numpy as np
import pytest

from models.kernels.alike import group_alike


def places(texts: list[bytes]) -> tuple[bytes, np.ndarray, np.ndarray]:
    """All texts, one behind the other, and where each begins and ends; every second empty one ends at -1."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    begins = ends - [len(text) for text in texts]
    nulls = [i for i, text in enumerate(texts) if not text][::2]
    ends[nulls] = -1
    return b"".join(texts), begins, ends


@pytest.mark.parametrize("different", [1, 7, 300, 5_000])
def test_each_text_is_in_the_group_of_its_first(different: int) -> None:
    rng = np.random.default_rng(different)
    texts = [b"u" * int(n % 11) + str(n).encode() * int(n % 5) for n in rng.integers(0, different, 2_000)]
    data, begins, ends = places(texts)
    groups, firsts = group_alike(np.frombuffer(data, np.uint8), begins, ends)
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    assert groups.tolist() == [numbers[text] for text in texts]
    assert firsts.tolist() == [texts.index(text) for text in numbers]


def test_texts_that_differ_in_one_byte_or_in_length_are_not_alike() -> None:
    texts = [b"aaaa", b"aaab", b"aaa", b"", b"aaaa", b"baaa", b"aaa"]
    data, begins, ends = places(texts)
    groups, firsts = group_alike(np.frombuffer(data, np.uint8), begins, ends)
    assert groups.tolist() == [0, 1, 2, 3, 0, 4, 2] and firsts.tolist() == [0, 1, 2, 3, 5]


def test_no_texts_no_groups() -> None:
    nothing = np.empty(0, np.int64)
    groups, firsts = group_alike(np.empty(0, np.uint8), nothing, nothing)
    assert len(groups) == len(firsts) == 0
