"""What a transformers model itself does with the prompts of the gate. Needs the `train` extra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from models.export.verify import VERIFIED_STEPS, Ids, ParityTruth


@torch.no_grad()
def truth_of(model: Any, prefix: Sequence[int], suffixes: Ids, eos: Sequence[int]) -> ParityTruth:
    """Greedy decoding by the transformers model itself, one row at a time, so that no padding is involved."""
    tokens, logits = [], []
    for suffix in suffixes:
        ids, cache, row_tokens, row_logits = torch.tensor([[*prefix, *suffix]]), None, [], []
        for _ in range(VERIFIED_STEPS):
            result = model(input_ids=ids, past_key_values=cache, use_cache=True)
            cache, last = result.past_key_values, result.logits[0, -1].float()
            row_logits.append(last.numpy().copy())
            row_tokens.append(int(last.argmax()))
            ids = torch.tensor([[row_tokens[-1]]])
        tokens.append(row_tokens)
        logits.append(np.stack(row_logits))
    return ParityTruth.of(prefix, suffixes, np.array(tokens, np.int64), np.stack(logits), eos)
