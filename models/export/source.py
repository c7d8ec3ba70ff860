"""A Hugging Face checkpoint as the exporter needs it: model, spec, tokenizer, licence. Needs the `train`
extra."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from tokenizers import Tokenizer

from models.export.config import LONGEST_CONTEXT, UnsupportedModelError, read_spec
from models.model_folder.spec import ModelSpec


@dataclass(frozen=True)
class SourceCheckpoint:
    """A loaded checkpoint in float32."""

    model: Any
    spec: ModelSpec
    tokenizer: bytes
    licence: str
    origin: str | None


def load_source(
    folder: Path, origin: str | None, licence: str | None = None, longest: int = LONGEST_CONTEXT
) -> SourceCheckpoint:
    """The checkpoint of a folder. Raises UnsupportedModelError, naming what is missing or cannot be
    exported."""
    if not (folder / "config.json").is_file():
        raise UnsupportedModelError(
            f"{folder}: there is no config.json; name a folder written by save_pretrained, or a hub id"
        )
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    except (ValueError, OSError, KeyError, TypeError, AttributeError) as error:
        raise UnsupportedModelError(
            f"{folder}/config.json: no configuration that can be read ({_first_line(error)})"
        ) from error
    spec = read_spec(config, longest)
    tokenizer = _tokenizer(folder, spec)
    model = load_network(folder).eval()
    return SourceCheckpoint(
        model, _with_ends(_with_cache(spec, model), model), tokenizer, licence or _licence(folder), origin
    )


def load_network(folder: Path) -> Any:
    """The causal language model of a folder in float32, every weight of it from its files.

    Raises UnsupportedModelError for what transformers cannot load and for weights that are missing or of
    another shape.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, loaded = transformers.AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=torch.float32,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
            )
    except (
        ValueError,
        OSError,
        KeyError,
        TypeError,
        AttributeError,
        ImportError,
        RuntimeError,
        SafetensorError,
    ) as error:
        why = _first_line(error)
        raise UnsupportedModelError(
            f"{folder}: transformers cannot load it as a causal language model: {why}"
        ) from error
    if loaded["missing_keys"]:
        raise UnsupportedModelError(
            f"{folder}: the weights lack {min(loaded['missing_keys'])} ({len(loaded['missing_keys'])} in "
            "all), which would be made up; "
            "name a folder with all weights of this architecture"
        )
    if loaded["mismatched_keys"]:
        name, stored, wanted = min(loaded["mismatched_keys"])
        raise UnsupportedModelError(
            f"{folder}: {name} is {list(stored)} in the weights and {list(wanted)} by config.json; they do "
            "not belong together"
        )
    return model


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _tokenizer(folder: Path, spec: ModelSpec) -> bytes:
    try:
        data = (folder / "tokenizer.json").read_bytes()
    except OSError as error:
        raise UnsupportedModelError(
            f"{folder}: there is no tokenizer.json, so no fast tokenizer to serve with; convert it once: "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"
        ) from error
    try:
        vocabulary = Tokenizer.from_str(data.decode()).get_vocab()
    except Exception as error:  # the library raises plain Exception
        raise UnsupportedModelError(
            f"{folder}/tokenizer.json: no tokenizer that can be read ({error}); restore the file"
        ) from error
    size = max(vocabulary.values(), default=-1) + 1
    if size > spec.vocabulary:
        raise UnsupportedModelError(
            f"{folder}: the tokenizer has {size} tokens, the model only {spec.vocabulary}; they do not "
            "belong together"
        )
    return data


@torch.no_grad()
def _with_cache(spec: ModelSpec, model: Any) -> ModelSpec:
    """The spec with the sizes that keys and values have in fact: families name them differently. Raises
    UnsupportedModelError."""
    cache = model(input_ids=torch.tensor([[0, 1, 2]]), use_cache=True).past_key_values
    shapes = {
        tuple(part.shape) for layer in getattr(cache, "layers", []) for part in (layer.keys, layer.values)
    }
    if len(shapes) != 1 or len(cache.layers) != spec.layers:
        raise UnsupportedModelError(
            f"{spec.architecture}: its layers keep something else than keys and values of one size; choose "
            "Llama, SmolLM, Mistral, Qwen2, "
            "Qwen3 or GPT-2"
        )
    _, kv_heads, _, head_width = shapes.pop()
    return replace(spec, kv_heads=kv_heads, head_width=head_width)


def _with_ends(spec: ModelSpec, model: Any) -> ModelSpec:
    """The spec with the ends of text that the generation config adds. Raises UnsupportedModelError when there
    is none at all."""
    more = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = tuple(dict.fromkeys([*spec.eos, *([more] if isinstance(more, int) else more or [])]))
    if not ends:
        raise UnsupportedModelError(
            f"{spec.architecture}: the model names no end of text; set eos_token_id in config.json"
        )
    return replace(spec, eos=ends)


def _licence(folder: Path) -> str:
    """The licence that the checkpoint's own card states, else "unknown"."""
    card = folder / "README.md"
    lines = card.read_text(encoding="utf-8", errors="replace").splitlines()[1:40] if card.is_file() else []
    return (
        next(
            (line.split(":", 1)[1].strip().strip("\"'") for line in lines if line.startswith("license:")), ""
        )
        or "unknown"
    )
