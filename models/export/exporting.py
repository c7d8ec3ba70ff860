"""A Hugging Face causal LM -> a model folder: graphs, the parity gate, manifest and card. Needs the `train`
extra."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
import transformers

from models.export import verify
from models.export.folder import check_free, write_folder
from models.export.fused import OPSET
from models.export.graphs import GraphWriter, SayLine
from models.export.order import ExportOrder, Gate
from models.export.source import SourceCheckpoint


def _adapters(wanted: ExportOrder) -> dict[str, Any] | None:
    """What the manifest says of the bank: its size, and the file of each adapter in the order of their
    rows."""
    if wanted.bank is None:
        return None
    files = {name: f"adapters/{name}.npz" for name in wanted.adapters}
    return {"room": wanted.bank.adapters, "rank": wanted.bank.rank, "files": files}


def export_model(
    source: SourceCheckpoint, out: Path, wanted: ExportOrder, gate: Gate, say: SayLine = lambda _: None
) -> dict[str, Any]:
    """Writes the model folder `out` and returns its manifest; `say` hears what is being done. The source's
    model is used up.

    Raises UnsupportedModelError, ParityError and FolderError, each saying what and what to do; nothing is
    left behind then.
    """
    check_free(out)
    parameters = sum(weight.numel() for weight in source.model.parameters())
    graphs = GraphWriter(source, wanted, gate, say)
    graphs.run()
    spec = source.spec
    against = f"transformers {transformers.__version__}, torch {torch.__version__}"
    manifest = {
        "name": wanted.name, "version": wanted.version, "parent": source.origin, "licence": source.licence,
        "architecture": spec.architecture, "opset": OPSET, "parameters": parameters, "spec": spec.as_dict(),
        "fused_obstacle": graphs.obstacle, "variants": graphs.variants,
        "tokenizer": {"file": "tokenizer.json", "sha256": sha256(source.tokenizer).hexdigest()},
        "adapters": _adapters(wanted), "writing": wanted.writing, "locales": list(wanted.locales),
        "temperature": wanted.temperature, "floor": wanted.floor,
        "parity": {"against": against, "rows": len(gate.suffixes), "tokens": verify.VERIFIED_STEPS,
        "graphs": graphs.parity},
        "quality": {}, **wanted.extra,
    }  # fmt: skip
    return write_folder(out, manifest, {**graphs.files, "tokenizer.json": source.tokenizer, **wanted.files})
