"""Small checkpoints of every architecture, as save_pretrained writes them: random, then taught a few lines to
be sure of something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
)

torch.set_num_threads(1)  # the models are tiny, and idle threads that spin cost more than they give

LINES = (
    "A warm wool scarf for cold mornings. Shop now",
    "Light running shoes for long roads. See the range",
    "A quiet lamp for late evenings. Find yours",
    "Fresh coffee for slow weekends. Order today",
    "Eine warme Jacke für kalte Tage. Jetzt entdecken",
    "A sturdy tent for wild weekends. See the range",
)
VOCABULARY = 320
_SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 256, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip

CONFIGS: dict[str, Callable[[], Any]] = {
    "llama": lambda: LlamaConfig(num_key_value_heads=2, tie_word_embeddings=True, **_SIZES),
    "mistral": lambda: MistralConfig(
        num_key_value_heads=2, head_dim=32, sliding_window=None, tie_word_embeddings=False, **_SIZES
    ),
    "qwen2": lambda: Qwen2Config(num_key_value_heads=2, tie_word_embeddings=True, **_SIZES),
    "qwen3": lambda: Qwen3Config(num_key_value_heads=1, head_dim=32, tie_word_embeddings=False, **_SIZES),
    "gpt2": lambda: GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=64,
        n_layer=2,
        n_head=4,
        n_positions=256,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    ),
}


def tokenizer() -> Tokenizer:
    """Byte-level byte pairs over LINES."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<pad>", "<bos>", "<eos>"]
    made.train_from_iterator(
        LINES,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY, initial_alphabet=alphabet, special_tokens=special, show_progress=False
        ),
    )
    return made


@torch.enable_grad()  # also for the test that is the first to ask and computes without
def taught(config: Any, steps: int = 120, seed: int = 0) -> Any:
    """A model of this configuration that has learnt LINES roughly; norms and biases are random, so that each
    of them counts."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 1:
                weight.add_(torch.randn_like(weight) * 0.1)
    rows = [[1, *tokenizer().encode(line).ids, 2] for line in LINES]
    length = max(map(len, rows))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    labels = ids.masked_fill(ids == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        loss = model(input_ids=ids, attention_mask=(ids != 0).long(), labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


def checkpoint(folder: Path, config: Any, steps: int = 120) -> Path:
    """Writes a taught checkpoint with its tokenizer."""
    taught(config, steps).save_pretrained(folder)
    tokenizer().save(str(folder / "tokenizer.json"))
    return folder
