"""A GGUF file, perhaps with what this project taught it -> a model folder: graphs that keep the file's own
blocks, checked against the float32 graph of the same weights, which is what transformers computes of the file
(tests/models/gguf). Needs the `convert` extra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import onnx
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from models.brief.brief import Brief
from models.copywriter.wording import ADS
from models.corpus.examples import corpus_examples
from models.export import verify
from models.export.folder import check_free, write_folder
from models.export.fused import OPSET, build_fused_graph
from models.export.quantise import Blocks, quantise
from models.gguf.adapter import TaughtAdapter, taught, taught_blocks
from models.gguf.blocks import own_blocks
from models.gguf.reading import GgufModel
from models.model_folder.session import open_session

_BITS: Final = {"w8": 8, "w4": 4}
_GATE_ROWS: Final = 12
_SEED: Final = 77
_UNTAUGHT: Final = {"writing": "text", "temperature": 0.7, "floor": 0.05, "quality": {}, "recipe": {}}

SayLine = Callable[[str], None]


@dataclass(frozen=True)
class ConversionPlan:
    """What a file becomes: name and version in the registry; `precision` w8 | w4 | fp32 (4-bit weights of the
    file stay at 4 bits in w4 alone); languages; where the file came from; what it was taught."""

    name: str
    version: str
    precision: str
    locales: tuple[str, ...]
    parent: str
    threads: int = 1
    adapter: TaughtAdapter | None = None


def convert(
    model: GgufModel, out: Path, wanted: ConversionPlan, say: SayLine = lambda _: None
) -> dict[str, Any]:
    """Writes the model folder `out` and returns its manifest. Raises AdapterError, FolderError, ParityError;
    nothing is left behind then."""
    check_free(out)
    if wanted.adapter is not None:
        say("adding what it was taught")
        model = taught(model, wanted.adapter)
    say("writing the graph")
    exact = build_fused_graph(model.spec, model.weights())
    graph = exact
    if wanted.precision in _BITS:
        own = _kept(own_blocks(model), _BITS[wanted.precision]) | taught_blocks(model)
        graph = quantise(exact, _BITS[wanted.precision], own, embedding="embedding" in own)
    data = bytes(graph.SerializeToString(deterministic=True))
    say(f"checking it ({len(data) / 1e6:.0f} MB)")
    found = _parity(model, exact, data, wanted)
    name, spec = f"decode.{wanted.precision}.onnx", model.spec
    learnt = _UNTAUGHT if wanted.adapter is None else wanted.adapter.card
    manifest = {
        "name": wanted.name, "version": wanted.version, "parent": wanted.parent, "licence": model.licence,
        "architecture": spec.architecture, "opset": OPSET, "parameters": spec.parameters,
        "spec": spec.as_dict(), "fused_obstacle": None,
        "variants": {"cpu": {"precision": wanted.precision, "decode": name, "extend": None}},
        "tokenizer": {"file": "tokenizer.json", "sha256": sha256(model.tokenizer).hexdigest()},
        "adapters": None, "writing": learnt["writing"], "locales": list(wanted.locales),
        "temperature": learnt["temperature"], "floor": learnt["floor"], "quality": learnt["quality"],
        "recipe": learnt["recipe"],
        "parity": {"against": f"the float32 graph of the same weights, gguf {version('gguf')}",
                   "rows": _GATE_ROWS, "tokens": verify.VERIFIED_STEPS, "graphs": {name: found}},
    }  # fmt: skip
    return write_folder(out, manifest, {name: data, "tokenizer.json": model.tokenizer})


def _kept(own: Mapping[str, Blocks], bits: int) -> dict[str, Blocks]:
    """The blocks that a graph of so many bits takes over."""
    return {name: blocks for name, blocks in own.items() if name == "embedding" or blocks.bits == bits}


def _parity(
    model: GgufModel, exact: onnx.ModelProto, data: bytes, wanted: ConversionPlan
) -> dict[str, float]:
    """Figures of the graph against the float32 one behind briefs of the corpus. Raises ParityError."""
    tokenizer = Tokenizer.from_str(model.tokenizer.decode())
    briefs = [example.brief for example in corpus_examples(_GATE_ROWS, _SEED, wanted.locales)]
    told = _titled if wanted.adapter is None else _asked_for
    rows = [tokenizer.encode(told(brief)).ids for brief in briefs]
    known = _written(exact, model, rows, wanted.threads)
    session = open_session(data, "cpu", wanted.threads)
    found = verify.figures(known, *verify.run_decode(session, model.spec, known), wanted.precision)
    verify.check_parity(f"decode.{wanted.precision}.onnx", wanted.precision, found)
    return found.as_dict()


def _titled(brief: Brief) -> str:
    return ". ".join([brief.title, *brief.facts])


def _asked_for(brief: Brief) -> str:
    return ADS.shared(brief) + ADS.own(brief)


def _written(
    exact: onnx.ModelProto, model: GgufModel, rows: Sequence[Sequence[int]], threads: int
) -> verify.ParityTruth:
    """What the float32 graph writes after each row, with all logits."""
    telling = onnx.ModelProto()
    telling.CopyFrom(exact)
    telling.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, None))
    session = open_session(telling.SerializeToString(), "cpu", threads)
    tokens, logits = verify.run_greedy(session, model.spec, rows)
    return verify.ParityTruth.of([], rows, tokens, logits, model.spec.eos)
