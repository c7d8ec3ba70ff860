"""Copy sampled from a network in training, without the constraints of serving: what it would say if nothing held it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


@torch.no_grad()
def sample(network: Any, prompt: Sequence[int], count: int, end: int, limit: int, seed: int) -> list[list[int]]:
    """`count` continuations of one prompt, each at most `limit` tokens, `end` included; the same seed draws the same ones."""
    generator = torch.Generator().manual_seed(seed)
    was = network.training
    network.eval()
    ids, cache, rows = torch.tensor([list(prompt)] * count), None, torch.empty(count, 0, dtype=torch.long)
    done = torch.zeros(count, dtype=torch.bool)
    for _ in range(limit):
        out = network(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = out.past_key_values
        chances = out.logits[:, -1].float().softmax(-1)
        ids = torch.multinomial(chances, 1, generator=generator)
        ids[done] = end
        rows = torch.cat([rows, ids], 1)
        done |= ids[:, 0] == end
        if bool(done.all()):
            break
    network.train(was)
    return [_until(row, end) for row in rows.tolist()]


def _until(row: list[int], end: int) -> list[int]:
    return row[: row.index(end) + 1] if end in row else row
