from __future__ import annotations

import pytest

from models.export.config import UnsupportedModelError
from models.export.verify import VERIFIED_STEPS
from models.training.publish import gate_of


@pytest.mark.parametrize("context", [64, 65, 90, 512])
def test_the_prompts_of_the_gate_are_ragged_and_fit_the_context(context: int) -> None:
    prompts = [[*range(30), *range(100 * index, 100 * index + 40 + index)] for index in range(1, 25)]
    gate = gate_of(prompts, context)
    lengths = [len(gate.prefix) + len(suffix) for suffix in gate.suffixes]
    assert all(gate.suffixes)
    assert len(set(lengths)) > 3
    assert max(lengths) + VERIFIED_STEPS <= context


def test_a_context_without_room_for_a_copy_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match="a context of 32 tokens"):
        gate_of([[1, 2, 3], [1, 2, 4]], 32)
