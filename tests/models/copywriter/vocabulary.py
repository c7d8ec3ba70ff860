"""The vocabulary of the built-in copywriter."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tokenizers import Tokenizer

from models.copywriter.prompt import Vocabulary
from models.copywriter.topics import FILE, Topics

_BUILTIN = Path(str(files("models.copywriter").joinpath("builtin")))
VOCABULARY = Vocabulary(
    Tokenizer.from_file(str(_BUILTIN / "tokenizer.json")), Topics.read((_BUILTIN / FILE).read_bytes())
)
