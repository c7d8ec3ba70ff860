"""A Llama-shaped network whose lowest layers are frozen: what they put out is computed once per row and kept,
so that a step pays for the layers that learn alone."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from models.training.examples.batches import IGNORED
from models.training.examples.branches import BranchBatch, ItemRow, pack_items

KEPT: Final = "lower.pt"
_KEPT_TYPE: Final = torch.float16
_AT_ONCE: Final = 4
_SAVED_EVERY: Final = 64


class UpperLayers:
    """`network`: a causal LM of transformers, with adapters or without; `frozen`: how many of its layers,
    from below, never change."""

    def __init__(self, network: Any, frozen: int) -> None:
        self._whole = network.get_base_model() if hasattr(network, "get_base_model") else network
        self._frozen = frozen

    @torch.no_grad()
    def kept(self, rows: Sequence[ItemRow], pad: int, folder: Path) -> list[Tensor]:
        """What the frozen layers put out for each row, (S, width); a file of `folder` holds it for a run that
        goes on."""
        path = folder / KEPT
        known: dict[str, Tensor] = torch.load(path, weights_only=True) if path.exists() else {}
        names = [_name(row, self._frozen) for row in rows]
        lacking = sorted(
            {name: row for name, row in zip(names, rows, strict=True) if name not in known}.items(),
            key=lambda named: named[1].length,
        )
        folder.mkdir(parents=True, exist_ok=True)
        for start in range(0, len(lacking), _AT_ONCE):
            part = lacking[start : start + _AT_ONCE]
            batch = pack_items([row for _, row in part], pad)
            states = self._through(self._whole.model.embed_tokens(batch.ids), batch, 0, self._frozen)
            for at, (name, row) in enumerate(part):
                known[name] = states[at, : row.length].to(_KEPT_TYPE, copy=True)
            if start % _SAVED_EVERY == 0 or start + _AT_ONCE >= len(lacking):
                torch.save(known, path.with_suffix(".new"))
                path.with_suffix(".new").replace(path)
        return [known[name] for name in names]

    def log_probs(self, batch: BranchBatch, kept: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """log p of every token that is learnt (n,), and which row and branch each belongs to (n,)."""
        width = kept[0].shape[1]
        states = torch.zeros((*batch.ids.shape, width))
        for at, row in enumerate(kept):
            states[at, : len(row)] = row
        states = self._through(states, batch, self._frozen, len(self._whole.model.layers))
        learnt = batch.targets != IGNORED
        logits = self._whole.lm_head(self._whole.model.norm(states[learnt]))
        found = -functional.cross_entropy(logits, batch.targets[learnt], reduction="none")
        rows = torch.arange(len(batch.ids))[:, None].expand_as(batch.ids)
        return found, rows[learnt], batch.branches[learnt]

    def loss(self, batch: BranchBatch, kept: Sequence[Tensor]) -> Tensor:
        """Mean negative log-likelihood per token of the copy."""
        found, _, _ = self.log_probs(batch, kept)
        return -found.mean()

    def _through(self, states: Tensor, batch: BranchBatch, first: int, last: int) -> Tensor:
        angles = self._whole.model.rotary_emb(states, position_ids=batch.positions)
        for layer in self._whole.model.layers[first:last]:
            states = layer(states, attention_mask=batch.sees, position_embeddings=angles)
        return states


def _name(row: ItemRow, frozen: int) -> str:
    return sha256(f"{frozen} {row}".encode()).hexdigest()
