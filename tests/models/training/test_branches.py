"""Ads of an item in one row: each is learnt as if it stood alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from models.training.examples.batches import Encoded, pack
from models.training.examples.branches import BranchBatch, ItemRow, feed_of_items, pack_items
from models.training.losses import copy_log_probs
from models.training.tuned import Tuning, prepare
from models.training.upper_layers import KEPT, UpperLayers
from tests.models.gguf.small_files import LAYERS, config

PAD = 0
ROWS = (
    ItemRow((5, 6, 7, 8), (Encoded((9, 10), (11, 12, 13)), Encoded((14,), (15, 16)))),
    ItemRow((20, 21), (Encoded((22, 23, 24), (25,)),)),
)


@pytest.fixture
def network() -> LlamaForCausalLM:
    torch.manual_seed(4)
    return LlamaForCausalLM(config(40)).eval()


def of_each_ad(learner: UpperLayers, batch: BranchBatch, kept: list[torch.Tensor]) -> list[float]:
    with torch.no_grad():
        found, rows, branches = learner.log_probs(batch, kept)
    pairs = sorted({(int(row), int(branch)) for row, branch in zip(rows, branches, strict=True)})
    return [float(found[(rows == row) & (branches == branch)].sum()) for row, branch in pairs]


@pytest.mark.parametrize("frozen", [0, 1])
def test_an_ad_is_as_likely_behind_a_shared_prompt_as_behind_its_own(
    network: LlamaForCausalLM, frozen: int, tmp_path: Path
) -> None:
    learner = UpperLayers(network, frozen)
    together = of_each_ad(learner, pack_items(ROWS, PAD), learner.kept(ROWS, PAD, tmp_path))
    alone = pack([Encoded(row.shared + ad.prompt, ad.copy) for row in ROWS for ad in row.ads], PAD)
    assert together == pytest.approx(copy_log_probs(network, alone).tolist(), abs=2e-3)


def test_an_ad_does_not_read_the_ads_beside_it(network: LlamaForCausalLM, tmp_path: Path) -> None:
    other = ItemRow(ROWS[0].shared, (Encoded((30, 31), (32, 33, 34)), ROWS[0].ads[1]))
    learner = UpperLayers(network, 0)
    told = [
        of_each_ad(learner, pack_items([row], PAD), learner.kept([row], PAD, tmp_path))[1]
        for row in (ROWS[0], other)
    ]
    assert told[0] == pytest.approx(told[1], abs=1e-5)


def test_what_frozen_layers_put_out_is_kept_and_never_learns(
    network: LlamaForCausalLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = prepare(network, Tuning(2, 4.0, frozen=LAYERS - 1), 1)
    learner = UpperLayers(tuned, LAYERS - 1)
    kept = learner.kept(ROWS, PAD, tmp_path)
    assert (tmp_path / KEPT).exists()
    learner.loss(pack_items(ROWS, PAD), kept).backward()
    learnt = {name for name, weight in tuned.named_parameters() if weight.grad is not None}
    assert learnt
    assert all(f".layers.{LAYERS - 1}." in name for name in learnt)
    monkeypatch.setattr(UpperLayers, "_through", lambda *_: pytest.fail("computed again"))
    assert all(map(torch.equal, learner.kept(ROWS, PAD, tmp_path), kept))


def test_every_epoch_sees_every_item_once() -> None:
    feed = feed_of_items([ItemRow((1,) * length, ()) for length in range(2, 10)], 2, 7)
    first, second = ([index for step in range(at, at + 4) for index in feed(step)] for at in (0, 4))
    assert sorted(first) == sorted(second) == list(range(8))
    assert first != second
