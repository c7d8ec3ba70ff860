"""The tokenizer of a model folder."""

from __future__ import annotations

from tokenizers import Tokenizer

from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ModelFolder


def read_tokenizer(folder: ModelFolder) -> Tokenizer:
    """The tokenizer whose file and sha256 the manifest names. Raises ModelFileError."""
    name = str(folder.manifest["tokenizer"]["file"])
    data = folder.read(name)
    try:
        return Tokenizer.from_str(data.decode())
    except Exception as error:  # the library raises plain Exception
        raise ModelFileError(
            f"{folder.folder / name}: no tokenizer that can be read ({error}); restore the file"
        ) from error
