"""A trained checkpoint -> a model folder that the generator loads: the exporter's graphs and gate, with what
the checkpoint's note says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from models.copywriter.topics import FILE
from models.corpus.examples import corpus_examples
from models.corpus.lexicon import known_lines, lexicon
from models.export.card import card
from models.export.config import LONGEST_CONTEXT, UnsupportedModelError
from models.export.exporting import export_model
from models.export.order import ExportOrder, Gate
from models.export.source import SourceCheckpoint, load_source
from models.export.verify import VERIFIED_STEPS
from models.json_file import read_json, write_json
from models.model_folder.adapters import Bank
from models.training.examples.formats import TrainingFormat, format_of, read_note
from models.training.withheld import withheld_by

LICENCE: Final = "Apache-2.0"
LEXICON: Final = "lexicon.txt"
LINES: Final = "lines.txt"
SAMPLED: Final = {True: (1.4, 0.05), False: (1.1, 0.1)}
"""How the built-in format is sampled, by whether its lines are listed, which lets no other come: softmax
temperature, and the share of the best token's chance below which none is drawn."""
_GATE_ROWS = 24
_LEAST_CONTEXT: Final = 64
_GATE_PROMPT = 160
"""Tokens of a prompt of the gate at most."""
_SEED = 77


def gate_of(prompts: Sequence[Sequence[int]], context: int) -> Gate:
    """Prompts, ragged, that begin alike and leave room for the compared tokens. Raises UnsupportedModelError
    for a context without room."""
    if context < _LEAST_CONTEXT:
        raise UnsupportedModelError(
            f"a context of {context} tokens has no room for a prompt and its copy; choose a model of at "
            f"least {_LEAST_CONTEXT}"
        )
    room = min(_GATE_PROMPT, context - VERIFIED_STEPS)
    same = next((at for at, ids in enumerate(zip(*prompts, strict=False)) if len(set(ids)) > 1), 1)
    shared = list(prompts[0][: max(1, min(same, room // 2))])
    ends = [
        list(prompt[len(shared) :])[: room - len(shared) - index % 7] or [prompt[-1]]
        for index, prompt in enumerate(prompts)
    ]
    return Gate(shared, ends)


@dataclass(frozen=True)
class Publication:
    """What a checkpoint is published as."""

    name: str
    version: str
    precisions: tuple[str, ...] = ("w8", "fp16")
    locales: tuple[str, ...] = ("en",)  # what a model without a note of its own is used for
    words: frozenset[str] = frozenset()  # more words a pointer model may use than the corpus has
    parent: str | None = None
    licence: str | None = None
    bank: Bank | None = None
    adapters: Mapping[str, Path] = field(default_factory=dict)
    longest: int = LONGEST_CONTEXT  # tokens of prompt and copy together, at most
    threads: int = 1


def publish_checkpoint(
    checkpoint: Path, out: Path, what: Publication, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Writes the model folder `out` and returns its manifest. Raises UnsupportedModelError, ParityError,
    FolderError, OrderError."""
    note = read_note(checkpoint)
    source = load_source(checkpoint, what.parent, what.licence or (LICENCE if note else None), what.longest)
    form = format_of(checkpoint, source.model.config)
    plain = ExportOrder(
        what.name, what.version, what.precisions, locales=what.locales, bank=what.bank,
        adapters=what.adapters, threads=what.threads, extra={"quality": {}},
    )  # fmt: skip
    if note is None:
        return _export(source, out, plain, form, say)
    known = sorted({*lexicon(note["locales"]), *what.words})
    lines = {} if what.words else {LINES: _listed(known_lines(note["locales"]))}
    temperature, floor = SAMPLED[bool(lines)]
    about = {"controls": note["controls"], "recipe": note["recipe"], "description": _DESCRIPTION}
    wanted = replace(
        plain,
        writing="pointers",
        locales=tuple(note["locales"]),
        temperature=temperature,
        floor=floor,
        extra={**plain.extra, **about},
        files={LEXICON: _listed(known), **lines, FILE: (checkpoint / FILE).read_bytes()},
        fused_only=True,
    )
    return _export(source, out, wanted, form, say)


def _listed(entries: Sequence[str]) -> bytes:
    return ("\n".join(entries) + "\n").encode()


def with_quality(folder: Path, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Enters measured figures into the manifest and card of a folder that nobody uses yet, and where it is
    withheld by them; returns the manifest."""
    path = folder / "manifest.json"
    manifest: dict[str, Any] = {**read_json(path), "quality": dict(figures)}
    manifest["withheld"] = withheld_by(figures, manifest.get("withheld") or {})
    write_json(path, manifest)
    (folder / "README.md").write_text(card(manifest), encoding="utf-8")
    return manifest


def _export(
    source: SourceCheckpoint, out: Path, wanted: ExportOrder, form: TrainingFormat, say: Callable[[str], None]
) -> dict[str, Any]:
    prompts = [form.prompt(example.brief) for example in corpus_examples(_GATE_ROWS, _SEED)]
    return export_model(source, out, wanted, gate_of(prompts, source.spec.context), say)


_DESCRIPTION: Final = """\
A small decoder that writes headline, description (or the lines of a video script) and call to action of
short advertisements in English, German and Chinese.

- **Use**: through `models.copywriter.generate.Copywriter`, reviewed before anything is published. It knows
  only how to write ads of this kind; it answers no questions and knows no facts.
- **Facts**: noun, title, brand, price, saving, a stated fact, a sentence of the row's own text (put in place
  of the one that only presents the item) and a campaign's calls to action are pointers
  that the runtime fills from the row, so the model cannot misstate them. Words outside the `lexicon.txt`
  are refused as misspelt, lines outside the `lines.txt` are left out.
- **Meaning**: what an item and the reader's interests are about reaches the model as one of 23 domains,
  told from their words by a linear classifier over tokens (`topics.npy`); of others' text it reads the
  campaign's calls to action alone.
- **Data**: examples this project writes itself (`models/corpus/examples.py`, `words_*.toml`,
  `phrases_*.toml`); nothing scraped or copied.
- **Made by**: `shiftcast model train --builtin --out FOLDER`, with the recipe below; its losses are per
  token of copy, and far from 0 because the data's own choices are random.
- **Default**: the built-in folder writes unless another model is put in force. Of its copy as served blind
  readers would run 371 of 400, of drafts of SmolLM2-135M, taught what this project wrote, 10 to 27 in 100.
- **Limits**: its style is that of its templates; tone, interest and goal change the words, not the
  argument. Of an item in none of the domains it speaks in general."""
