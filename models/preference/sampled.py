"""Copy sampled from a network in training, without the constraints of serving: what it would say if nothing
held it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor

_ROWS: Final = 128
"""Copies written side by side."""


@torch.no_grad()
def sample(
    network: Any, prompts: Sequence[Sequence[int]], count: int, end: int, limit: int, seed: int
) -> list[list[list[int]]]:
    """`count` continuations of each prompt, each at most `limit` tokens, `end` included.

    Prompt i draws by `seed` and i alone, whatever the network: two networks with the same seed meet the same
    chances.
    """
    was = network.training
    network.eval()
    chances = [
        torch.rand(count, limit, generator=torch.Generator().manual_seed(seed * 1_000_003 + at))
        for at in range(len(prompts))
    ]
    together, found = max(1, _ROWS // count), list[list[int]]()
    for start in range(0, len(prompts), together):
        part = [prompt for prompt in prompts[start : start + together] for _ in range(count)]
        found += _written(network, part, torch.cat(chances[start : start + together]), end)
    network.train(was)
    return [found[start : start + count] for start in range(0, len(found), count)]


def _written(network: Any, prompts: Sequence[Sequence[int]], chances: Tensor, end: int) -> list[list[int]]:
    """One continuation per prompt by inverse-transform sampling; `chances` (rows, limit) in [0, 1) say where
    in each distribution."""
    longest = max(map(len, prompts))
    ids = torch.tensor([[end] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
    seen = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    places, cache = (seen.cumsum(1) - 1).clamp_min(0), None
    rows, done = list[Tensor](), torch.zeros(len(prompts), dtype=torch.bool)
    for chance in chances.T:
        out = network(
            input_ids=ids,
            attention_mask=seen,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache, mass = out.past_key_values, out.logits[:, -1].float().softmax(-1).cumsum(-1)
        drawn = torch.searchsorted(mass, chance[:, None] * mass[:, -1:], right=True)
        ids = drawn.clamp_max(mass.shape[1] - 1).masked_fill(done[:, None], end)
        rows.append(ids[:, 0])
        done |= ids[:, 0] == end
        if bool(done.all()):
            break
        places, seen = places[:, -1:] + 1, torch.cat([seen, torch.ones_like(ids)], 1)
    return [_until(row, end) for row in torch.stack(rows, 1).tolist()]


def _until(row: list[int], end: int) -> list[int]:
    return row[: row.index(end) + 1] if end in row else row
