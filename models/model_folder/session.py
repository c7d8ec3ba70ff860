"""Opens a checked model on the asked-for processor, or says loudly why not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime as ort

from models.json_file import read_json
from models.model_folder.graph_file import ModelFileError, check_self_contained
from models.model_folder.spec import ModelSpec

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


_TENSORS_FOLDER = "session.model_external_initializers_file_folder_path"


class ProviderError(RuntimeError):
    """The processor that was asked for cannot be used: says what to install."""


SCHEMA = 2
"""Of manifest.json."""


@dataclass(frozen=True, slots=True)
class GraphVariant:
    """The graphs for one processor: `decode` is the fused one (None: `extend` does both), `extend` takes any
    past (None: not written)."""

    precision: str
    decode: str | None
    extend: str | None

    @property
    def half(self) -> bool:
        """Whether keys and values are float16."""
        return self.precision == "fp16"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model's files as its manifest describes them, checked."""

    folder: Path
    manifest: dict[str, Any]
    spec: ModelSpec

    def variant(self, provider: str) -> GraphVariant:
        """The graphs for `provider` (cpu | cuda); those for the CPU when there are no others. Raises
        ModelFileError."""
        variants = self.manifest["variants"]
        try:
            return GraphVariant(**variants.get(provider, variants["cpu"]))
        except (AttributeError, KeyError, TypeError) as error:
            raise ModelFileError(
                f"{self.folder}: manifest.json names no graphs for {provider}; write the folder again with "
                "`shiftcast model export`"
            ) from error

    def read(self, name: str) -> bytes:
        """A file of the folder whose sha256 is the manifest's. Raises ModelFileError."""
        path, expected = self.folder / name, self.manifest["files"].get(name)
        if expected is None:
            raise ModelFileError(
                f"{self.folder}: the manifest does not list {name}; write the folder again with `shiftcast "
                "model export`"
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelFileError(
                f"{path}: {error.strerror}; restore the file or name another folder in SHIFTCAST_MODEL_DIR"
            ) from error
        if hashlib.sha256(data).hexdigest() != expected:
            raise ModelFileError(
                f"{path}: its sha256 differs from manifest.json, so it is not the file that was checked; "
                "restore it"
            )
        return data


def open_folder(folder: Path) -> ModelFolder:
    """Reads a model folder's manifest. Raises ModelFileError when there is none or it is broken."""
    path = folder / "manifest.json"
    try:
        manifest = read_json(path)
        if manifest["schema"] != SCHEMA:
            raise ValueError(f"schema {manifest['schema']}, this build reads {SCHEMA}")
        return ModelFolder(folder, manifest, ModelSpec.from_dict(manifest["spec"]))
    except OSError as error:
        raise ModelFileError(
            f"{path}: {error.strerror}; set SHIFTCAST_MODEL_DIR to a model folder, or unset it for the "
            "built-in model"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"{path}: not a manifest of a copywriter ({error!r}); write the folder again with `shiftcast "
            "model export`"
        ) from error


def open_session(
    model: bytes,
    provider: str,
    threads: int,
    captured: bool = False,
    traced: bool = False,
    tensors: Path | None = None,
) -> ort.InferenceSession:
    """A session over the bytes of one self-contained model. Raises ModelFileError and ProviderError, never
    falls back.

    `captured`: runs that name a `gpu_graph_id` are captured as CUDA graphs. `traced`: the graph computes with
    shapes, which onnxruntime does on the host on purpose, so that not every node can be asked to be on the
    GPU. `tensors`: the one file, checked by the caller, that may hold tensors of it.
    """
    if provider not in PROVIDERS:
        raise ProviderError(
            f"unknown provider {provider!r}: SHIFTCAST_PROVIDER must be one of {', '.join(PROVIDERS)}"
        )
    wanted = PROVIDERS[provider]
    if wanted not in ort.get_available_providers():
        offered = ", ".join(ort.get_available_providers())
        raise ProviderError(
            f"provider {provider} was asked for, but this onnxruntime {ort.__version__} has only {offered}: "
            "`pip uninstall onnxruntime` and `pip install 'shiftcast[gpu]'`, or set SHIFTCAST_PROVIDER=cpu"
        )
    check_self_contained(model, frozenset() if tensors is None else frozenset({tensors.name}))
    options = ort.SessionOptions()
    if tensors is not None:
        options.add_session_config_entry(_TENSORS_FOLDER, str(tensors.parent))
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry(
        "session.intra_op.allow_spinning", "0"
    )  # the worker's event loop needs the core
    options.log_severity_level = 3
    if provider == "cuda" and not traced:
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        chosen = (wanted, {"enable_cuda_graph": "1"}) if captured else wanted
        session = ort.InferenceSession(model, options, providers=[chosen])
    except Exception as error:
        if provider == "cuda":
            raise ProviderError(
                f"the model does not run on CUDA: {error}; check the driver, CUDA 13 and cuDNN 9, or set "
                "SHIFTCAST_PROVIDER=cpu"
            ) from error
        raise ModelFileError(f"onnxruntime {ort.__version__} cannot run the model: {error}") from error
    if session.get_providers()[0] != wanted:
        raise ProviderError(
            f"provider {provider} was asked for, but the session runs on {session.get_providers()[0]}: the "
            "libraries of CUDA 13 and"
            " cuDNN 9 did not load; `pip install 'onnxruntime-gpu[cuda,cudnn]'`, or set "
            "SHIFTCAST_PROVIDER=cpu"
        )
    return session
