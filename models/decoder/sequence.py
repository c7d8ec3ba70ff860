"""What the engine is asked for, what it gives back, and who chooses the tokens in between."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Prompt(NamedTuple):
    """Token ids to continue. `prefix` is the part that other prompts share (its keys and values are computed
    once and kept), "" for none.

    `suffix` holds at least one id. `adapter` is the row of the adapter bank (0: none). `seed` decides every
    draw: see `seed_of`.
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    adapter: int = 0
    seed: int = 0


@dataclass(slots=True)
class Sequence:
    """One continuation of a prompt: the ids that were chosen, the stop left out.

    `why` is "" when the chooser ended it, "deadline" when the time ran out, "limit" when it reached the
    longest length allowed. `model_ms` is the time of the micro-batch it was written in, on the clock of
    `remaining_ms`.
    """

    ids: list[int] = field(default_factory=list)
    why: str = ""
    model_ms: float = 0.0


class Chooser(Protocol):
    """Picks the next token of many rows at once."""

    def choose(
        self,
        rows: NDArray[np.int64],
        top_logits: NDArray[np.float32],
        top_ids: NDArray[np.int64],
        step: int,
        draws: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """The next id of each live row, or STOP (any negative id) when the row is finished; nothing is then
        appended to it.

        `rows` (n,) names the sequences: prompt index * candidates + candidate, the same at every step,
        whatever the micro-batch. `top_logits`, `top_ids` (n, K) are best first; `step` counts from 0; `draws`
        (n,) in [0, 1) belong to (seed, candidate, step), so a chooser that looks at its arguments and the
        row's own past alone gives the same result alone and in any batch.
        """


STOP = -1
"""What a chooser returns for a row that is finished."""


def seed_of(*parts: object) -> int:
    """A 64-bit seed from what names a request (request id, campaign, slot, attempt ...): the same in every
    process."""
    text = "|".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def draws_of(seed: int, candidate: int, count: int) -> NDArray[np.float64]:
    """Draws of steps 0 .. count - 1 in [0, 1), keyed by seed and candidate (Philox)."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, candidate], np.uint64))).random(count)
