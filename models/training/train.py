"""The recipe of the built-in copywriter: data this project writes itself, a byte-pair tokenizer, a small decoder, minutes on a CPU.

`python -m models.training.train --out FOLDER` writes weights.safetensors, tokenizer.json, spec.json and prints one JSON line.
Needs the `train` extra; nothing else of the project imports this module.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from torch.nn import functional

from models.copywriter.prompt import Vocabulary, prompt_ids
from models.copywriter.tokens import copy_ids
from models.decoder.spec import EMBEDDING, FINAL_NORM, ModelSpec, layer_weight
from models.training.corpus import Example, examples

TEXT_TOKENS = 2048


def train_tokenizer(data: Sequence[Example], path: Path) -> Vocabulary:
    """A byte-level byte-pair tokenizer over everything prompts and copy are made of."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=TEXT_TOKENS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)

    def texts() -> Iterator[str]:
        for example in data:
            brief = example.brief
            yield from (f" {text.lower()}" for text in (brief.noun, brief.title, brief.category, *brief.interest, *brief.ctas))
            yield from (example.headline, example.description, example.cta)

    tokenizer.train_from_iterator(texts(), trainer)
    tokenizer.save(str(path))
    return Vocabulary(tokenizer, tokenizer.get_vocab_size())


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding on halves; x (B, H, S, D), cos and sin (S, D/2)."""
    left, right = x.chunk(2, dim=-1)
    return torch.cat((left * cos - right * sin, right * cos + left * sin), dim=-1)


class Layer(nn.Module):
    """One pre-norm block."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        kv_width = spec.kv_heads * spec.head_width
        self.norm_attention, self.norm_mlp = nn.RMSNorm(spec.width, spec.norm_eps), nn.RMSNorm(spec.width, spec.norm_eps)
        self.q, self.o = nn.Linear(spec.width, spec.width, bias=False), nn.Linear(spec.width, spec.width, bias=False)
        self.k, self.v = nn.Linear(spec.width, kv_width, bias=False), nn.Linear(spec.width, kv_width, bias=False)
        self.gate, self.up = nn.Linear(spec.width, spec.hidden, bias=False), nn.Linear(spec.width, spec.hidden, bias=False)
        self.down = nn.Linear(spec.hidden, spec.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = x.shape
        normed = self.norm_attention(x)

        def heads(projected: Tensor, count: int) -> Tensor:
            return projected.view(batch, length, count, self.spec.head_width).transpose(1, 2)

        q, k = _rotate(heads(self.q(normed), self.spec.heads), cos, sin), _rotate(heads(self.k(normed), self.spec.kv_heads), cos, sin)
        v = heads(self.v(normed), self.spec.kv_heads)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.o(mixed.transpose(1, 2).reshape(batch, length, -1))
        normed = self.norm_mlp(x)
        return x + self.down(functional.silu(self.gate(normed)) * self.up(normed))


class Decoder(nn.Module):
    """The network of `ModelSpec`, for training."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.embedding = nn.Embedding(spec.vocabulary, spec.width)
        self.layers = nn.ModuleList(Layer(spec) for _ in range(spec.layers))
        self.norm = nn.RMSNorm(spec.width, spec.norm_eps)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                residual = name.endswith(("o.weight", "down.weight"))
                nn.init.normal_(
                    weight,
                    std=0.02 if name.startswith("embedding") else weight.shape[1] ** -0.5 / (math.sqrt(2 * spec.layers) if residual else 1),
                )

    def forward(self, ids: Tensor) -> Tensor:
        half = torch.arange(0, self.spec.head_width, 2, dtype=torch.float32) / self.spec.head_width
        angles = torch.outer(torch.arange(ids.shape[1], dtype=torch.float32), self.spec.rope_theta**-half)
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, angles.cos().to(x.dtype), angles.sin().to(x.dtype))
        return self.norm(x)

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Mean negative log-likelihood of the tokens of the copy (targets < 0 do not count)."""
        hidden = self(ids)
        chosen = targets >= 0
        return functional.cross_entropy((hidden[chosen] @ self.embedding.weight.T).float(), targets[chosen])

    def checkpoint_parameters(self) -> dict[str, Tensor]:
        """Parameters under the names of Hugging Face Llama checkpoints."""
        parts = {
            "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj",
            "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj",
            "norm_attention": "input_layernorm", "norm_mlp": "post_attention_layernorm",
        }  # fmt: skip
        weights = {EMBEDDING: self.embedding.weight, FINAL_NORM: self.norm.weight}
        for index, layer in enumerate(self.layers):
            weights |= {layer_weight(index, part): getattr(layer, name).weight for name, part in parts.items()}
        return weights


def encode(example: Example, vocabulary: Vocabulary) -> tuple[list[int], list[int]]:
    """Input ids and targets of one example; the prompt is not a target."""
    prompt, copy = prompt_ids(example.brief, vocabulary), copy_ids((example.headline, example.description, example.cta), vocabulary)
    whole = prompt + copy
    return whole[:-1], [-1] * (len(prompt) - 1) + copy


def batches(data: list[tuple[list[int], list[int]]], size: int, rng: random.Random) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches of examples of like length, right-padded."""
    while True:
        order = sorted(range(len(data)), key=lambda index: len(data[index][0]) + rng.random() * 8)
        groups = [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
        rng.shuffle(groups)
        for group in groups:
            length = max(len(data[index][0]) for index in group)
            ids, targets = np.zeros((size, length), np.int64), np.full((size, length), -1, np.int64)
            for row, index in enumerate(group):
                ids[row, : len(data[index][0])], targets[row, : len(data[index][1])] = data[index]
            yield torch.from_numpy(ids), torch.from_numpy(targets)


def fit(network: Decoder, feed: Iterator[tuple[Tensor, Tensor]], steps: int, report: int = 50) -> float:
    """Muon for the matrices, AdamW for the rest, a warm-up and a cosine. Returns the mean loss of the last steps."""
    matrices = [weight for weight in network.layers.parameters() if weight.ndim == 2]
    rest = [weight for name, weight in network.named_parameters() if not (name.startswith("layers") and weight.ndim == 2)]
    optimizers = [
        torch.optim.Muon(matrices, lr=0.02, weight_decay=0.01, momentum=0.95, adjust_lr_fn="original"),
        torch.optim.AdamW(rest, lr=4e-3, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    warm = max(1, steps // 25)

    def scale(step: int) -> float:
        return min(1.0, (step + 1) / warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))))

    schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, scale) for optimizer in optimizers]
    recent: list[float] = []
    began = time.monotonic()
    for step in range(steps):
        ids, targets = next(feed)
        loss = network.loss(ids, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        recent = [*recent[-99:], loss.item()]
        if step % report == report - 1:
            print(f"step {step + 1}/{steps} loss {sum(recent) / len(recent):.4f} {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
    return sum(recent) / len(recent)


@torch.no_grad()
def held_out_loss(network: Decoder, data: list[tuple[list[int], list[int]]]) -> float:
    """Mean loss on examples that were not trained on."""
    feed = batches(data, 50, random.Random(0))  # noqa: S311
    return sum(network.loss(*next(feed)).item() for _ in range(len(data) // 50)) / (len(data) // 50)


def main() -> None:
    """Train and write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    data = list(examples(options.examples, options.seed))
    vocabulary = train_tokenizer(data[:20_000], options.out / "tokenizer.json")
    size = -(-vocabulary.size // 32) * 32
    spec = ModelSpec(
        vocabulary=size,
        width=options.width,
        layers=options.layers,
        heads=options.width // 32,
        kv_heads=max(1, options.width // 96),
        head_width=32,
        hidden=options.width * 8 // 3 // 32 * 32,
        context=256,
        eos=(vocabulary.special("eos"),),
        pad=vocabulary.special("pad"),
    )
    encoded = [encode(example, vocabulary) for example in data]
    network = Decoder(spec)
    loss = fit(network, batches(encoded, options.batch, random.Random(options.seed)), options.steps)  # noqa: S311
    held_out = held_out_loss(network, [encode(example, vocabulary) for example in examples(1000, options.seed + 1)])
    weights = {name: weight.detach().contiguous() for name, weight in network.checkpoint_parameters().items()}
    save_file(weights, options.out / "weights.safetensors")
    (options.out / "spec.json").write_text(json.dumps(spec.as_dict()))
    recipe = {"seed": options.seed, "steps": options.steps, "batch": options.batch, "examples": options.examples}
    figures = {
        "parameters": spec.parameters,
        "loss": round(loss, 4),
        "held_out_loss": round(held_out, 4),
        "seconds": round(time.monotonic() - began),
    }
    (options.out / "recipe.json").write_text(json.dumps({**recipe, **figures}))
    print(json.dumps({**recipe, **figures}))  # noqa: T201


if __name__ == "__main__":
    main()
