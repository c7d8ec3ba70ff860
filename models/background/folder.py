"""The folder of a background model: its manifest and its one graph, checked before it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import onnxruntime as ort

from models.background.conditions import MOODS
from models.model_folder.graph_file import ModelFileError
from models.model_folder.manifest import MANIFEST, checked_file, read_manifest
from models.model_folder.session import open_session

SCHEMA: Final = 1
KIND: Final = "background"
GRAPH: Final = "maps.onnx"
_AGAIN: Final = "write the folder again with `shiftcast model train-background`"


class BackgroundManifest(msgspec.Struct, frozen=True):
    """`moods`: in the order the model knows them by, `steps` and `guidance`: as it is run, `recipe`: what it
    was trained with and what came of it, `parity`: how far the graph is off the network, `sha256`: of the
    graph."""

    name: str
    version: str
    licence: str
    moods: tuple[str, ...]
    steps: int
    guidance: float
    recipe: dict[str, Any]
    parity: float
    sha256: str
    schema: int = SCHEMA
    kind: str = KIND


class _Kind(msgspec.Struct):
    kind: str = ""


@dataclass(frozen=True, slots=True)
class BackgroundFolder:
    """A folder whose manifest was read; `name`: a hash of it."""

    folder: Path
    manifest: BackgroundManifest
    name: str

    def session(self, provider: str, threads: int) -> ort.InferenceSession:
        """The graph. Raises ModelFileError, ProviderError."""
        path = checked_file(self.folder / GRAPH, self.manifest.sha256, _AGAIN)
        return open_session(path.read_bytes(), provider, threads, traced=True)


def kind_of(folder: Path) -> str:
    """What the manifest of a folder says it is, else what its graph is; '' where neither says anything."""
    try:
        said = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Kind).kind
    except (OSError, msgspec.MsgspecError):
        said = ""
    return said or (KIND if (folder / GRAPH).is_file() else "")


def open_background_folder(folder: Path) -> BackgroundFolder:
    """Raises ModelFileError in one line."""
    manifest, name = read_manifest(folder, BackgroundManifest, "a background model", _AGAIN)
    if (manifest.kind, manifest.schema, manifest.moods) != (KIND, SCHEMA, MOODS):
        raise ModelFileError(
            f"{folder / MANIFEST}: {manifest.kind} of schema {manifest.schema} "
            f"with moods {', '.join(manifest.moods)}, "
            f"not {KIND} of {SCHEMA} with {', '.join(MOODS)}: {_AGAIN}"
        )
    return BackgroundFolder(folder, manifest, name)
