"""A small Llama as llama.cpp would keep it, whole or with something wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf.quants import quantize
from transformers import LlamaConfig

from tests.models.export.checkpoints import tokenizer

HEADS, KEYS, WIDTH, HIDDEN, LAYERS = 4, 2, 64, 96, 2


def config(vocabulary: int) -> LlamaConfig:
    """The same sizes for transformers."""
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=WIDTH,
        intermediate_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEYS,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )


def weights(vocabulary: int, seed: int = 3) -> dict[str, np.ndarray]:
    """By the names of a GGUF file, (outputs, inputs)."""
    rng = np.random.default_rng(seed)
    head = WIDTH // HEADS
    shapes = {
        "attn_q": (HEADS * head, WIDTH), "attn_k": (KEYS * head, WIDTH), "attn_v": (KEYS * head, WIDTH),
        "attn_output": (WIDTH, HEADS * head),
        "ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN),
    }  # fmt: skip
    found = {
        "token_embd.weight": rng.normal(0, 0.5, (vocabulary, WIDTH)),
        "output_norm.weight": np.ones(WIDTH),
    }
    for layer in range(LAYERS):
        found |= {f"blk.{layer}.{part}.weight": rng.normal(0, 0.2, size) for part, size in shapes.items()}
        found |= {
            f"blk.{layer}.{norm}.weight": rng.uniform(0.5, 1.5, WIDTH) for norm in ("attn_norm", "ffn_norm")
        }
    return {name: value.astype(np.float32) for name, value in found.items()}


def write_gguf(
    path: Path,
    kind: Kind = Kind.Q4_1,
    architecture: str = "llama",
    without: str = "",
    more: Mapping[str, Any] | None = None,
) -> Path:
    """Matrices in `kind`, the embedding in Q8_0; `without` leaves a tensor or header field out."""
    vocabulary = tokenizer().get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    writer = gguf.GGUFWriter(path, architecture)
    head = {
        "context_length": 256, "embedding_length": WIDTH, "feed_forward_length": HIDDEN,
        "block_count": LAYERS, "attention.head_count": HEADS, "attention.head_count_kv": KEYS,
        "rope.dimension_count": WIDTH // HEADS,
    }  # fmt: skip
    for name, value in head.items():
        if name != without:
            writer.add_uint32(f"{architecture}.{name}", value)
    writer.add_float32(f"{architecture}.rope.freq_base", 10_000.0)
    writer.add_float32(f"{architecture}.attention.layer_norm_rms_epsilon", 1e-6)
    writer.add_string("general.license", "apache-2.0")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre((more or {}).get("pre", "gpt-2"))
    writer.add_token_list(tokens)
    writer.add_token_types([3 if index < 3 else 1 for index in range(len(tokens))])
    writer.add_token_merges(merges())
    writer.add_eos_token_id(2)
    for name, weight in weights(len(tokens)).items():
        if name == without:
            continue
        stored = Kind.F32 if weight.ndim == 1 else Kind.Q8_0 if name.startswith("token_embd") else kind
        data = weight if stored is Kind.F32 else quantize(weight, stored)
        writer.add_tensor(name, data, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def merges() -> list[str]:
    """Those of the small tokenizer, as a header keeps them."""
    return [" ".join(pair) for pair in json.loads(tokenizer().to_str())["model"]["merges"]]
