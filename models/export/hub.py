"""Fetches a checkpoint from the Hugging Face hub: configuration, weights as safetensors, tokenizer, card.
Needs the `train` extra."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

_FILES: Final = ["*.json", "*.safetensors", "tokenizer.model", "README.md"]
_ID: Final = re.compile(r"[\w.-]+/[\w.-]+")


class SourceError(RuntimeError):
    """A checkpoint that cannot be found or fetched: says why and what to type."""


def find_checkpoint(source: str) -> tuple[Path, str]:
    """The folder of a checkpoint and what the manifest calls it: the hub's id or the folder's name. Raises
    SourceError in one line."""
    folder = Path(source)
    if folder.is_dir():
        return folder, folder.resolve().name
    if not _ID.fullmatch(source):
        raise SourceError(
            f"{source}: no such folder, and no id of the hub (owner/name); name a folder that "
            "save_pretrained wrote"
        )
    try:
        return Path(snapshot_download(source, allow_patterns=_FILES, ignore_patterns=["*/*"])), source
    except GatedRepoError as error:
        raise SourceError(
            f"{source}: the hub gives it only to those who accepted its terms; do so there, then `hf auth "
            "login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise SourceError(
            f"{source}: the hub has no such model (or shows it to its members only); check the id"
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        raise SourceError(
            f"{source}: no such folder, and the hub cannot be reached; get the model where there is a "
            "network "
            f"(`hf download {source} --local-dir FOLDER`) and name that folder"
        ) from error
