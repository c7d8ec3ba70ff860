"""A checkpoint -> a model folder that the copywriter loads: prompts of the gate are briefs as serving writes them.

A checkpoint with a note of control tokens (copywriter.json) writes by pointers, any other Hugging Face causal LM as plain text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os.path import commonprefix
from pathlib import Path
from typing import Any, Final

from models.decoder.adapters import Bank
from models.decoder.config import LONGEST, UnsupportedModelError
from models.decoder.export import Gate, Say, Wanted, export, load_source
from models.decoder.verify import STEPS
from models.training.corpus import examples, lexicon
from models.training.formats import format_of, read_note

ROWS: Final = 16
"""Prompts of the gate."""
_PREFIX, _SUFFIX = 24, 40
"""Tokens of the gate's prompts: those all share, and at most as many after them."""
_LEXICON_EXAMPLES: Final = 30_000
_SEED: Final = 77
_WRITING: Final[Mapping[str, tuple[float, float]]] = {"pointers": (0.55, 0.12), "text": (0.7, 0.05)}
"""Temperature and floor (least probability relative to the best token) by format."""


def gate_of(prompts: Sequence[Sequence[int]], context: int) -> Gate:
    """Prompts cut to a common prefix and ragged suffixes that leave room for the compared tokens. Raises UnsupportedModelError."""
    room = min(_PREFIX + _SUFFIX, context - STEPS)
    if room < 8:
        raise UnsupportedModelError(
            f"a context of {context} tokens is too short for a prompt and its copy; choose a model with at least 64"
        )
    shared = commonprefix([list(prompt) for prompt in prompts])[: min(_PREFIX, room // 2)] or list(prompts[0][:1])
    ragged = [list(prompt[len(shared) :])[-(room - len(shared)) + index % 7 :] or list(prompt[-1:]) for index, prompt in enumerate(prompts)]
    return Gate(shared, ragged)


def export_checkpoint(
    folder: Path,
    out: Path,
    name: str,
    version: str,
    precisions: tuple[str, ...] = ("w8",),
    *,
    origin: str | None = None,
    licence: str | None = None,
    locales: tuple[str, ...] = ("en",),
    bank: Bank | None = None,
    longest: int = LONGEST,
    threads: int = 1,
    say: Say = lambda _: None,
) -> dict[str, Any]:
    """Writes the model folder `out` and returns its manifest.

    Raises UnsupportedModelError, ParityError, FolderError and ValueError, each saying what and what to do; nothing is left behind then.
    """
    source = load_source(folder, origin, licence, longest)
    note = read_note(folder)
    writing = "text" if note is None else str(note["writing"])
    files: dict[str, bytes] = {}
    about: dict[str, Any] = {}
    if note is not None:
        locales = tuple(note["locales"])
        about = {key: value for key, value in note.items() if key not in ("writing", "locales")}
        files["lexicon.txt"] = ("\n".join(lexicon(_LEXICON_EXAMPLES, _SEED)) + "\n").encode()
    form = format_of(folder, source.model.config)
    gate = gate_of([form.prompt(example.brief) for example in examples(ROWS, _SEED)], source.spec.context)
    temperature, floor = _WRITING[writing]
    wanted = Wanted(
        name, version, precisions, writing, locales, temperature, floor, bank, threads, about, files, no_extend=("fp16",) if note else ()
    )
    return export(source, out, wanted, gate, say)
