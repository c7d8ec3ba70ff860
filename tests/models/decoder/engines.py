"""Engines over small random models, and choosers that tests look through."""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from models.arrays import IntArray
from models.decoder.adapter_bank import AdapterBank
from models.decoder.engine import DecoderEngine
from models.decoder.extend_graph import ExtendGraph
from models.decoder.fused_graph import FusedGraph
from models.decoder.kv import KvLayout
from models.decoder.mover import Mover
from models.decoder.sequence import STOP, Prompt
from models.export.config import read_spec
from models.export.fused import build_fused_graph
from models.export.quantise import quantise
from models.export.reference import export_extend
from models.model_folder.adapters import Bank
from models.model_folder.session import open_session

VOCABULARY, CONTEXT = 320, 160


@cache
def hugging_face(family: str) -> Any:
    """A random model of a family: llama | gpt2."""
    torch.manual_seed(5)
    if family == "gpt2":
        config = GPT2Config(
            vocab_size=VOCABULARY,
            n_positions=CONTEXT,
            n_embd=64,
            n_layer=2,
            n_head=2,
            eos_token_id=0,
            bos_token_id=0,
        )
        return _endless(GPT2LMHeadModel(config))
    sizes = {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 96,
    }
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        initializer_range=0.3,
        eos_token_id=0,
        **sizes,
    )
    return _endless(LlamaForCausalLM(config))


def _endless(model: Any) -> Any:
    """No token ends what transformers writes: tests compare as many tokens as they ask for."""
    model.generation_config.eos_token_id = None
    return model.eval()


@cache
def _graph(family: str, kind: str, bank: Bank | None) -> onnx.ModelProto:
    model = hugging_face(family)
    spec = read_spec(model.config)
    if kind == "extend":
        return export_extend(model, spec, bank)
    return build_fused_graph(
        spec, {name: value.numpy() for name, value in model.state_dict().items()}, bank=bank
    )


@cache
def graph(family: str, kind: str, eight_bit: bool = False, bank: Bank | None = None) -> bytes:
    """The fused ("decode") or the extend graph of a random model."""
    made = _graph(family, kind, bank)
    data: bytes = (quantise(made) if eight_bit else made).SerializeToString()
    return data


def engine(
    family: str = "llama",
    decode: bool = True,
    extend: bool = True,
    eight_bit: bool = False,
    captured: bool = False,
    bank: Bank | None = None,
    batch_rows: int = 16,
    prefix_bytes: int = 1 << 20,
) -> DecoderEngine:
    """A fresh engine: nothing of an earlier one is in its caches."""

    def mover(layout: KvLayout) -> Mover:
        return Mover(layout, "cpu", 1)

    fused = further = None
    if decode:
        session = open_session(graph(family, "decode", eight_bit, bank), "cpu", 1)
        fused = FusedGraph(session, AdapterBank(session), mover, captured)
    if extend:
        session = open_session(graph(family, "extend", eight_bit, bank), "cpu", 1)
        further = ExtendGraph(session, AdapterBank(session), mover)
    return DecoderEngine(fused, further, CONTEXT, 0, batch_rows, prefix_bytes)


def some_prompts(count: int, prefixes: Many[int] = (30, 0, 17), seed: int = 1) -> list[Prompt]:
    """Prompts of many lengths that share prefixes of these lengths in turn."""
    rng = np.random.default_rng(seed)
    shared = [tuple(rng.integers(1, VOCABULARY, length).tolist()) for length in prefixes]
    lengths = rng.integers(1, 40, count).tolist()
    return [
        Prompt(shared[i % len(shared)], tuple(rng.integers(1, VOCABULARY, length).tolist()), seed=1000 + i)
        for i, length in enumerate(lengths)
    ]


def endless() -> float:
    """Time that never runs out."""
    return 1e9


@dataclass
class Sampler:
    """Draws from the top tokens, ends about one row in ten per step, and keeps what it was shown."""

    shown: dict[tuple[int, int], tuple[bytes, bytes, float]] = field(default_factory=dict)
    batch_sizes: list[int] = field(default_factory=list)

    def choose(
        self,
        rows: IntArray,
        top_logits: NDArray[np.float32],
        top_ids: IntArray,
        step: int,
        draws: NDArray[np.float64],
    ) -> IntArray:
        self.batch_sizes.append(len(rows))
        for row, logits, ids, draw in zip(rows.tolist(), top_logits, top_ids, draws.tolist(), strict=True):
            self.shown[row, step] = (logits.tobytes(), ids.tobytes(), draw)
        weights = np.cumsum(np.exp(top_logits.astype(np.float64) - top_logits[:, :1]), axis=1)
        at = (weights < draws[:, None] * weights[:, -1:]).sum(axis=1)
        return np.where(draws * 97 % 1 < 0.1, STOP, top_ids[np.arange(len(rows)), at])
