"""Checkpoint -> model folder: fused graphs, a parity gate against torch, manifest and card.

`python -m models.training.export --checkpoint FOLDER --out FOLDER` takes what train.py wrote. Needs the `train` extra.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.copywriter.prompt import PROMPT_LIMIT, SPECIALS, Vocabulary, prompt_ids
from models.copywriter.tokens import copy_ids
from models.decoder.batches import pad_right
from models.decoder.fused import build
from models.decoder.kv import Buffers
from models.decoder.quantise import quantise
from models.decoder.session import SCHEMA, open_session
from models.decoder.spec import ModelSpec
from models.training.corpus import examples, lexicon
from models.training.train import Decoder

GREEDY = 24
MAX_ERROR = 1e-4
MIN_AGREEMENT = 0.99
ROWS = 24
LEXICON_EXAMPLES = 30_000
SEED = 77


class ParityError(RuntimeError):
    """The graph does not compute what the network computes."""


def torch_network(spec: ModelSpec, weights: dict[str, NDArray[np.float32]]) -> Decoder:
    """The network with a checkpoint's weights."""
    network = Decoder(spec)
    with torch.no_grad():
        for name, weight in network.checkpoint_parameters().items():
            weight.copy_(torch.from_numpy(weights[name]))
    return network.eval()


@torch.no_grad()
def greedy_torch(network: Decoder, prompt: list[int]) -> tuple[list[int], NDArray[np.float32]]:
    """GREEDY tokens and the top logit before each."""
    ids, tops = list(prompt), []
    for _ in range(GREEDY):
        logits = network(torch.tensor([ids]))[0, -1] @ network.embedding.weight.T
        tops.append(float(logits.max()))
        ids.append(int(logits.argmax()))
    return ids[len(prompt) :], np.array(tops, np.float32)


def forced(
    model: bytes, spec: ModelSpec, prompts: list[list[int]], copies: list[list[int]] | None, pad: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """GREEDY steps of a graph on a ragged right-padded batch: best token and its logit (rows, GREEDY).

    With `copies` the next input is theirs (teacher forcing), else the token just chosen.
    """
    session = open_session(model, "cpu", 1)
    buffers = Buffers(session, spec, len(prompts), PROMPT_LIMIT + GREEDY, half=False)
    ids, lengths = pad_right(prompts, pad), np.array([len(prompt) for prompt in prompts], np.int32)
    last, best, tops = (lengths - 1).astype(np.int64)[:, None], [], []
    for step in range(GREEDY):
        logits, tokens = buffers.run(ids, lengths - 1, int(lengths.max()), last)
        best.append(tokens[:, 0].copy())
        tops.append(logits[:, 0].copy())
        following = tokens[:, 0] if copies is None else np.array([copy[step] for copy in copies])
        ids, last, lengths = following.astype(np.int64)[:, None], np.zeros((len(prompts), 1), np.int64), lengths + 1
    return np.stack(best, 1), np.stack(tops, 1)


def gate(spec: ModelSpec, weights: dict[str, NDArray[np.float32]], exact: bytes, small: bytes, vocabulary: Vocabulary) -> dict[str, float]:
    """Parity figures. Raises ParityError when the float graph strays from torch or the 8-bit one from the float one."""
    data = list(examples(ROWS * 4, SEED))
    encoded = [(prompt_ids(item.brief, vocabulary), copy_ids((item.headline, item.description, item.cta), vocabulary)) for item in data]
    prompts = [prompt for prompt, _ in encoded]
    network = torch_network(spec, weights)
    expected = [greedy_torch(network, prompt) for prompt in prompts[:ROWS]]
    tokens, tops = forced(exact, spec, prompts[:ROWS], None, vocabulary.special("pad"))
    equal = float(np.mean([list(row) == want for row, (want, _) in zip(tokens, expected, strict=True)]))
    reference = np.stack([logits for _, logits in expected])
    error = float(np.max(np.abs(tops - reference) / np.maximum(1.0, np.abs(reference))))
    padded = [(copy * GREEDY)[:GREEDY] for _, copy in encoded]
    exact_best, _ = forced(exact, spec, prompts, padded, vocabulary.special("pad"))
    small_best, _ = forced(small, spec, prompts, padded, vocabulary.special("pad"))
    real = np.array([[step < len(copy) for step in range(GREEDY)] for _, copy in encoded])
    agreement = float((exact_best == small_best)[real].mean())
    if error > MAX_ERROR or equal < 1.0:
        raise ParityError(
            f"float graph against torch: relative error {error:.2e} (limit {MAX_ERROR}), {equal:.3f} of rows with equal {GREEDY} tokens"
        )
    if agreement < MIN_AGREEMENT:
        raise ParityError(f"8-bit against float graph: {agreement:.4f} equal best tokens (limit {MIN_AGREEMENT})")
    return {"max_relative_error": error, "greedy_rows_equal": equal, "w8_top1_agreement": round(agreement, 4)}


def write_folder(checkpoint: Path, out: Path, name: str, version: str) -> dict[str, Any]:
    """Writes the model folder and returns its manifest. Raises ParityError."""
    spec = ModelSpec.from_dict(json.loads((checkpoint / "spec.json").read_text()))
    weights = load_file(checkpoint / "weights.safetensors")
    exact = build(spec, weights)
    small, half = (
        quantise(exact).SerializeToString(deterministic=True),
        build(spec, weights, "fp16").SerializeToString(deterministic=True),
    )
    vocabulary = Vocabulary.load(checkpoint / "tokenizer.json")
    parity = gate(spec, weights, exact.SerializeToString(), small, vocabulary)
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(small)
    (out / "model.fp16.onnx").write_bytes(half)
    shutil.copyfile(checkpoint / "tokenizer.json", out / "tokenizer.json")
    (out / "lexicon.txt").write_text("\n".join(lexicon(LEXICON_EXAMPLES, SEED)) + "\n", encoding="utf-8")
    recipe = json.loads((checkpoint / "recipe.json").read_text())
    files = {
        file: hashlib.sha256((out / file).read_bytes()).hexdigest()
        for file in ("model.onnx", "model.fp16.onnx", "tokenizer.json", "lexicon.txt")
    }
    manifest = {
        "schema": SCHEMA, "name": name, "version": version, "architecture": "llama", "parent": None, "licence": "Apache-2.0", "opset": 23,
        "locales": ["en"], "controls": list(SPECIALS), "temperature": 0.55, "floor": 0.12, "variants": {
            "cpu": {"precision": "w8", "decode": "model.onnx", "extend": None},
            "cuda": {"precision": "fp16", "decode": "model.fp16.onnx", "extend": None},
        },
        "spec": spec.as_dict(), "parameters": spec.parameters, "recipe": recipe, "parity": parity, "files": files,
    }  # fmt: skip
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (out / "README.md").write_text(card(manifest), encoding="utf-8")
    return manifest


def card(manifest: dict[str, Any]) -> str:
    """The model card (README.md with the header of the Hugging Face convention)."""
    recipe, parity = manifest["recipe"], manifest["parity"]
    return f"""---
language: {manifest["locales"]}
license: apache-2.0
library_name: onnx
pipeline_tag: text-generation
---
# {manifest["name"]} {manifest["version"]}

A decoder of {manifest["parameters"]:,} parameters that writes the headline, description and call to action of short advertisements.

- **Use**: through `models.copywriter.generate.Copywriter`, reviewed before anything is published. It knows only how to write ads of this
  kind in English; it answers no questions and knows no facts.
- **Facts**: noun, title, brand, price, saving, a stated fact and a campaign's calls to action are pointers that the runtime fills from the
  row, so the model cannot misstate them. Words outside `lexicon.txt` are refused as misspelt.
- **Data**: {recipe["examples"]:,} examples that this project writes itself (`corpus.py`, `words.toml`, `phrases.toml`);
  nothing scraped or copied.
- **Recipe**: `python -m models.training.train --out checkpoint` ({recipe["steps"]} steps of {recipe["batch"]}, seed {recipe["seed"]},
  width {manifest["spec"]["width"]}, {manifest["spec"]["layers"]} layers, {recipe["seconds"]} s on a shared CPU), then
  `python -m models.training.export --checkpoint checkpoint --out FOLDER`.
- **Loss** per token of copy: {recipe["loss"]} in training, {recipe["held_out_loss"]} held out (the data's own choices are random, so it
  is far from 0).
- **Parity**: float graph against torch {parity["max_relative_error"]:.1e} relative, {GREEDY} greedy tokens equal in
  {parity["greedy_rows_equal"]:.0%} of a ragged batch; 8-bit against float: {parity["w8_top1_agreement"]:.2%} equal best tokens.
- **Files**: `model.onnx` (8-bit weights, CPU), `model.fp16.onnx` (CUDA), `tokenizer.json`, `lexicon.txt`; sha256 of each in
  `manifest.json`.
- **Limits**: its style is that of its templates; tone and interest change the words, not the argument.
"""


def main() -> None:
    """Export and print the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="shiftcast-copywriter")
    parser.add_argument("--version", default="1")
    options = parser.parse_args()
    print(json.dumps(write_folder(options.checkpoint, options.out, options.name, options.version)))  # noqa: T201


if __name__ == "__main__":
    main()
