"""A checkpoint in training: its network prepared for full, partial or low-rank tuning, its format, and how it
is written back whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, get_peft_model
from transformers.pytorch_utils import Conv1D

from models.export.source import load_network
from models.training.examples.formats import TrainingFormat, format_of, read_note, save_note
from models.training.loop import UNFINISHED

_TOKENIZER_FILES: Final = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "generation_config.json",
)
ADAPTER: Final = "adapter"
"""Folder beside the merged weights that holds the adapter alone."""


class CheckpointError(ValueError):
    """A folder that cannot be tuned: says why and what to do."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is trained. `rank` 0 = the weights themselves, else LoRA on every linear layer; `frozen`: lowest
    layers left as they are."""

    rank: int = 0
    alpha: float = 16.0
    dropout: float = 0.0
    frozen: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """A Hugging Face causal LM folder, loaded in float32. `note` is that of the pointer format, None for
    plain text."""

    folder: Path
    network: Any
    form: TrainingFormat
    note: dict[str, Any] | None


def load_checkpoint(folder: Path) -> Checkpoint:
    """Raises CheckpointError and UnsupportedModelError, naming what is missing or damaged."""
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise CheckpointError(
                f"{folder}: there is no {name}; name a Hugging Face folder with a fast tokenizer, or make "
                "one: "
                "`shiftcast model train --builtin --out FOLDER`"
            )
    network = load_network(folder)
    if network.config.eos_token_id is None:
        raise CheckpointError(f"{folder}: config.json names no eos_token_id, so no copy could end; set it")
    try:
        return Checkpoint(folder, network, format_of(folder, network.config), read_note(folder))
    except Exception as error:  # the tokenizer's library raises plain Exception
        raise CheckpointError(
            f"{folder}: no tokenizer or note that can be read ({error}); restore the files"
        ) from error


def check_out(out: Path, source: Path | None = None) -> None:
    """Raises CheckpointError when `out` is the source, or holds a finished model; an unfinished run is gone
    on from."""
    if source is not None and out.resolve() == source.resolve():
        raise CheckpointError(f"{out} is what is to be tuned, which stays as it is; choose another --out")
    finished = any((out / name).exists() for name in ("config.json", "manifest.json"))
    if finished and not (out / UNFINISHED).exists():
        raise CheckpointError(
            f"{out} holds a finished model, which is never overwritten; choose another --out, or remove it"
        )


def longest_of(network: Any) -> int:
    """Tokens of prompt and copy that the network has positions for."""
    return int(getattr(network.config, "max_position_embeddings", 0) or 1 << 30)


def _blocks(network: Any) -> list[Any]:
    """The decoder's layers, lowest first."""
    lists = [list(module) for module in network.modules() if isinstance(module, torch.nn.ModuleList)]
    return max(lists, key=lambda blocks: len(blocks), default=[])


def prepare(network: Any, tuning: Tuning, seed: int) -> Any:
    """The network to train: with adapters when `rank` says so, its lowest layers (and the embedding under
    them) frozen.

    Raises CheckpointError when there are not so many layers.
    """
    blocks = _blocks(network)
    if tuning.frozen >= len(blocks) > 0:
        raise CheckpointError(
            f"--frozen {tuning.frozen}: the model has {len(blocks)} layers, and one at least must be trained"
        )
    torch.manual_seed(seed)
    if tuning.rank:
        head = network.get_output_embeddings()
        linear = [
            name
            for name, module in network.named_modules()
            if isinstance(module, torch.nn.Linear | Conv1D) and module is not head
        ]
        above = list(range(tuning.frozen, len(blocks))) if tuning.frozen else None
        config = LoraConfig(
            r=tuning.rank, lora_alpha=tuning.alpha, lora_dropout=tuning.dropout, layers_to_transform=above,
            target_modules=sorted({name.rpartition(".")[2] for name in linear}),
            task_type="CAUSAL_LM",
        )  # fmt: skip
        return get_peft_model(network, config)
    if tuning.frozen:
        network.get_input_embeddings().requires_grad_(False)
        for block in blocks[: tuning.frozen]:
            block.requires_grad_(False)
    return network


def save_tuned(network: Any, source: Checkpoint, out: Path, recipe: dict[str, Any]) -> None:
    """Writes a whole checkpoint to `out`: adapters are merged into the weights and kept on their own in
    `out`/adapter as well."""
    out.mkdir(parents=True, exist_ok=True)
    if hasattr(network, "merge_and_unload"):
        network.save_pretrained(out / ADAPTER)
        network = network.merge_and_unload()
    network.save_pretrained(out)
    for name in _TOKENIZER_FILES:
        if (source.folder / name).exists() and (source.folder / name).resolve() != (out / name).resolve():
            shutil.copyfile(source.folder / name, out / name)
    if source.note is not None:
        vocabulary = getattr(source.form, "vocabulary")  # noqa: B009 - only the pointer format has a note
        about = {
            name: value
            for name, value in source.note.items()
            if name not in ("writing", "controls", "recipe")
        }
        save_note(out, vocabulary, {**about, "recipe": {**source.note.get("recipe", {}), "tuned": recipe}})
