"""A Hugging Face causal LM -> a model folder: graphs, the parity gate, manifest and card. Needs the `train` extra."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import onnx
import torch
import transformers
from tokenizers import Tokenizer

from models.decoder import verify
from models.decoder.adapters import Bank
from models.decoder.config import LONGEST, UnsupportedModelError, fused_obstacle, read_spec
from models.decoder.folder import check_free, write_folder
from models.decoder.fused import Rope, build
from models.decoder.quantise import quantise
from models.decoder.reference import export_extend
from models.decoder.session import open_session
from models.decoder.spec import ModelSpec

PROCESSORS: Final[Mapping[str, str]] = {"w8": "cpu", "w4": "cpu", "fp32": "cpu", "fp16": "cuda", "bf16": "cuda"}
"""Precisions and the processor each is for."""
OPSET: Final = 23
FILE_LIMIT_BYTES: Final = 2**31 - 1
"""Of one ONNX file: a graph is one self-contained file here."""
_BITS: Final = {"w8": 8, "w4": 4}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """A loaded checkpoint in float32."""

    model: Any
    spec: ModelSpec
    tokenizer: bytes
    licence: str
    origin: str | None


@dataclass(frozen=True)
class Gate:
    """Prompts of the parity gate: ids all rows begin with, and what each goes on with."""

    prefix: Sequence[int]
    suffixes: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Wanted:
    """What to write. `precisions`: at most one per processor. `extra` goes into the manifest, `files` into the folder."""

    name: str
    version: str
    precisions: tuple[str, ...] = ("w8",)
    writing: str = "text"
    locales: tuple[str, ...] = ("en",)
    temperature: float = 0.7
    floor: float = 0.05
    bank: Bank | None = None
    threads: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    fused_only: bool = False
    """No extend graph where there is a fused one: for a model so small that a second copy of its weights costs more than reused prefixes save."""


@dataclass(frozen=True)
class _Pair:
    """The graphs of one precision; `decode` is None where the extend graph does both phases, `extend` where it is not wanted."""

    decode: onnx.ModelProto | None
    extend: onnx.ModelProto | None

    def mapped(self, change: Callable[[onnx.ModelProto], onnx.ModelProto]) -> _Pair:
        return _Pair(*(None if graph is None else change(graph) for graph in (self.decode, self.extend)))


def load_source(folder: Path, origin: str | None, licence: str | None = None, longest: int = LONGEST) -> Source:
    """The checkpoint of a folder. Raises UnsupportedModelError, naming what is missing or cannot be exported."""
    if not (folder / "config.json").is_file():
        raise UnsupportedModelError(f"{folder}: there is no config.json; name a folder written by save_pretrained, or a hub id")
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    except (ValueError, OSError, KeyError) as error:
        raise UnsupportedModelError(f"{folder}/config.json: {str(error).splitlines()[0]}") from error
    spec = read_spec(config, longest)
    tokenizer = _tokenizer(folder, spec)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = transformers.AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, local_files_only=True, attn_implementation="sdpa"
            )
    except (ValueError, OSError, KeyError, ImportError) as error:
        raise UnsupportedModelError(
            f"{folder}: transformers cannot load it as a causal language model: {str(error).splitlines()[0]}"
        ) from error
    return Source(model.eval(), _with_ends(spec, model), tokenizer, licence or _licence(folder), origin)


def _tokenizer(folder: Path, spec: ModelSpec) -> bytes:
    try:
        data = (folder / "tokenizer.json").read_bytes()
    except OSError as error:
        raise UnsupportedModelError(
            f"{folder}: there is no tokenizer.json, so no fast tokenizer to serve with; convert it once: "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"
        ) from error
    size = Tokenizer.from_str(data.decode()).get_vocab_size()
    if size > spec.vocabulary:
        raise UnsupportedModelError(
            f"{folder}: the tokenizer has {size} tokens, the model only {spec.vocabulary}; they do not belong together"
        )
    return data


def _with_ends(spec: ModelSpec, model: Any) -> ModelSpec:
    """The spec with the ends of text that the generation config adds. Raises UnsupportedModelError when there is none at all."""
    more = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = tuple(dict.fromkeys([*spec.eos, *([more] if isinstance(more, int) else more or [])]))
    if not ends:
        raise UnsupportedModelError(f"{spec.architecture}: the model names no end of text; set eos_token_id in config.json")
    return replace(spec, eos=ends)


def _licence(folder: Path) -> str:
    """The licence that the checkpoint's own card states, else "unknown"."""
    card = folder / "README.md"
    lines = card.read_text(encoding="utf-8", errors="replace").splitlines()[1:40] if card.is_file() else []
    return next((line.split(":", 1)[1].strip().strip("\"'") for line in lines if line.startswith("license:")), "") or "unknown"


def _exact(source: Source, wanted: Wanted, obstacle: str | None, precision: str) -> _Pair:
    """The graphs in fp32, fp16 or bf16."""
    decode = None
    if obstacle is None:
        rotary = source.model.model.rotary_emb
        rope = Rope(rotary.inv_freq.float().numpy(), float(rotary.attention_scaling))
        weights = {name: tensor.detach().float().numpy() for name, tensor in source.model.state_dict().items()}
        decode = build(source.spec, weights, precision, rope, wanted.bank)
    if wanted.fused_only and decode is not None:
        return _Pair(decode, None)
    kind = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]
    for weight in source.model.parameters():  # not the rotary frequencies, which are buffers
        weight.data = weight.data.to(kind)
    return _Pair(decode, export_extend(source.model, source.spec, wanted.bank))


def _bytes(model: onnx.ModelProto, name: str) -> bytes:
    if model.ByteSize() > FILE_LIMIT_BYTES:
        raise UnsupportedModelError(
            f"{name} would have {model.ByteSize() / 1e9:.1f} GB and a graph is one file of at most 2.1 GB; choose --precision w8 or w4"
        )
    return bytes(model.SerializeToString(deterministic=True))


def _checked(name: str, precision: str, data: bytes, spec: ModelSpec, known: verify.Truth, threads: int) -> dict[str, Any]:
    """Parity figures of a graph. Raises ParityError."""
    if precision == "bf16":
        return {"not_checked": "bf16 runs on CUDA only and its figures are those of the fp32 graph written by the same code"}
    run = verify.run_decode if name.startswith("decode") else verify.run_extend
    found = verify.figures(known, *run(open_session(data, "cpu", threads), spec, known), precision)
    verify.check(name, precision, found)
    return found.as_dict()


def _write_graphs(
    source: Source, wanted: Wanted, obstacle: str | None, known: verify.Truth, say: Say
) -> tuple[dict[str, bytes], dict[str, Any], dict[str, Any]]:
    """Graph files, variants and parity figures by file name. The exact graphs are checked whether they are written or not."""
    files: dict[str, bytes] = {}
    variants: dict[str, Any] = {}
    parity: dict[str, Any] = {}

    def take(pair: _Pair, precision: str, write: bool) -> None:
        names: dict[str, str | None] = {"decode": None, "extend": None}
        for phase, graph in (("decode", pair.decode), ("extend", pair.extend)):
            if graph is None:
                continue
            name = f"{phase}.{precision}.onnx"
            if not write and graph.ByteSize() > FILE_LIMIT_BYTES:
                parity[name] = {
                    "not_checked": "the exact graph does not fit in one file; the quantised one is compared with the model itself"
                }
                continue
            data = _bytes(graph, name)
            say(f"checking {name} ({len(data) / 1e6:.1f} MB)")
            parity[name] = _checked(name, precision, data, source.spec, known, wanted.threads)
            if write:
                files[name], names[phase] = data, name
        if write:
            variants[PROCESSORS[precision]] = {"precision": precision, **names}

    say("writing the graphs")
    exact = _exact(source, wanted, obstacle, "fp32")
    take(exact, "fp32", "fp32" in wanted.precisions)
    for precision in wanted.precisions:
        if precision in _BITS:
            take(exact.mapped(partial(quantise, bits=_BITS[precision])), precision, True)
        elif precision != "fp32":
            take(_exact(source, wanted, obstacle, precision), precision, True)
    return files, variants, parity


def check_wanted(wanted: Wanted) -> None:
    """Raises ValueError for precisions that do not exist or exclude each other."""
    unknown = [precision for precision in wanted.precisions if precision not in PROCESSORS]
    if unknown or not wanted.precisions:
        raise ValueError(f"precision {', '.join(unknown) or 'missing'}: choose from {', '.join(PROCESSORS)}")
    processors = [PROCESSORS[precision] for precision in wanted.precisions]
    if len(set(processors)) < len(processors):
        raise ValueError(f"precisions {', '.join(wanted.precisions)}: at most one of w8, w4, fp32 (CPU) and one of fp16, bf16 (CUDA)")


def export(source: Source, out: Path, wanted: Wanted, gate: Gate, say: Say = lambda _: None) -> dict[str, Any]:
    """Writes the model folder `out` and returns its manifest; `say` hears what is being done.

    Raises UnsupportedModelError, verify.ParityError, FolderError, ValueError; nothing is left behind then.
    """
    check_wanted(wanted)
    check_free(out)
    obstacle = fused_obstacle(source.model.config)
    if obstacle and wanted.bank:
        raise UnsupportedModelError(f"{obstacle}, and an adapter bank needs it; merge the adapter into the model and export that")
    say("asking transformers")
    known = verify.truth(source.model, gate.prefix, gate.suffixes, source.spec.eos)
    parameters = sum(weight.numel() for weight in source.model.parameters())
    files, variants, figures = _write_graphs(source, wanted, obstacle, known, say)
    spec = source.spec
    against = f"transformers {transformers.__version__}, torch {torch.__version__}"
    manifest = {
        "name": wanted.name, "version": wanted.version, "parent": source.origin, "licence": source.licence,
        "architecture": spec.architecture, "opset": OPSET, "parameters": parameters, "spec": spec.as_dict(),
        "fused": obstacle is None, "fused_obstacle": obstacle, "variants": variants,
        "tokenizer": {"file": "tokenizer.json", "sha256": sha256(source.tokenizer).hexdigest()},
        "adapters": {"room": wanted.bank.adapters, "rank": wanted.bank.rank} if wanted.bank else None,
        "writing": wanted.writing, "locales": list(wanted.locales), "temperature": wanted.temperature, "floor": wanted.floor,
        "parity": {"against": against, "rows": len(gate.suffixes), "tokens": verify.STEPS, "graphs": figures},
        "quality": {}, **wanted.extra,
    }  # fmt: skip
    return write_folder(out, manifest, {**files, "tokenizer.json": source.tokenizer, **wanted.files})
