"""How briefs and copy become tokens: by the built-in format with control tokens and pointers, or as plain
text for any other model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from tokenizers import Tokenizer

from models.brief.brief import Brief, Copy, copy_channel_of
from models.brief.render import join_scenes, render_field
from models.copywriter.prompt import Vocabulary, prompt_ids
from models.copywriter.text_format import campaign_text, item_text, labels_of
from models.copywriter.tokens import copy_ids, field_text
from models.copywriter.topics import FILE, Topics
from models.corpus.examples import CorpusExample
from models.json_file import read_json, write_json
from models.training.examples.batches import Encoded

NOTE_FILE: Final = "copywriter.json"
"""Lies in the folder of a checkpoint that was trained on control tokens and pointers."""


class TrainingFormat(Protocol):
    """Between examples and ids. `end` ends a copy, `pad` fills rows."""

    @property
    def pad(self) -> int: ...

    @property
    def end(self) -> int: ...

    def prompt(self, brief: Brief) -> tuple[int, ...]:
        """Ids of a brief."""
        ...

    def encode(self, example: CorpusExample) -> Encoded:
        """Ids of an example."""
        ...

    def decode(self, ids: Sequence[int], brief: Brief) -> Copy | None:
        """The copy that ids say, None when they do not hold the fields the brief's channel has or point at
        what it does not state."""
        ...


def _copy(brief: Brief, fields: Sequence[str]) -> Copy | None:
    """Fields as shown -> copy, None when there are not as many as the channel has."""
    if len(fields) != (5 if copy_channel_of(brief.slot) == "video" else 3):
        return None
    headline, *middle, cta = (field.strip() for field in fields)
    return Copy(
        headline,
        join_scenes(middle, brief.locale),
        cta,
        brief.brand,
        tuple(middle) if len(middle) > 1 else (),
    )


@dataclass(frozen=True)
class PointerIds:
    """The built-in model's format."""

    vocabulary: Vocabulary

    @property
    def pad(self) -> int:
        return self.vocabulary.special("pad")

    @property
    def end(self) -> int:
        return self.vocabulary.special("eos")

    def prompt(self, brief: Brief) -> tuple[int, ...]:
        return tuple(prompt_ids(brief, self.vocabulary))

    def encode(self, example: CorpusExample) -> Encoded:
        return Encoded(self.prompt(example.brief), tuple(copy_ids(example.fields, self.vocabulary)))

    def decode(self, ids: Sequence[int], brief: Brief) -> Copy | None:
        fields: list[list[int]] = [[]]
        for token in ids:
            if token == self.end:
                break
            if token == self.vocabulary.special("sep"):
                fields.append([])
            elif token >= self.vocabulary.size:
                return None
            else:
                fields[-1].append(token)
        try:
            return _copy(brief, [render_field(field_text(field, self.vocabulary), brief) for field in fields])
        except (KeyError, IndexError, ValueError):
            return None


@dataclass(frozen=True)
class TextIds:
    """Plain text, laid out as serving lays it out: one labelled line per field."""

    tokenizer: Tokenizer
    pad: int
    end: int

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def prompt(self, brief: Brief) -> tuple[int, ...]:
        begin = self.tokenizer.encode("").ids
        return (
            *begin,
            *self._ids(campaign_text(brief)),
            *self._ids(f"{item_text(brief)}\n\n{labels_of(brief)[0]}:"),
        )

    def encode(self, example: CorpusExample) -> Encoded:
        first, *others = (render_field(field, example.brief) for field in example.fields)
        ids = self._ids(f" {first}")
        for label, text in zip(labels_of(example.brief)[1:], others, strict=True):
            ids += [*self._ids(f"\n{label}:"), *self._ids(f" {text}")]
        return Encoded(self.prompt(example.brief), (*ids, *self._ids("\n"), self.end))

    def decode(self, ids: Sequence[int], brief: Brief) -> Copy | None:
        told = list(ids[: list(ids).index(self.end)]) if self.end in ids else list(ids)
        text: str = self.tokenizer.decode(told)
        fields = []
        for label in labels_of(brief)[1:]:
            field, found, text = text.partition(f"\n{label}:")
            if not found:
                return None
            fields.append(field)
        return _copy(brief, [*fields, text.split("\n", 1)[0]])


def save_note(folder: Path, vocabulary: Vocabulary, about: dict[str, Any]) -> None:
    """Writes tokenizer.json, topics.npy and the note of control tokens beside a checkpoint's weights; `about`
    goes into the note."""
    vocabulary.tokenizer.save(str(folder / "tokenizer.json"))
    (folder / FILE).write_bytes(vocabulary.topics.to_bytes())
    note = {"writing": "pointers", "controls": list(vocabulary.controls), **about}
    write_json(folder / NOTE_FILE, note)


def read_note(folder: Path) -> dict[str, Any] | None:
    """The note of a checkpoint, None when it has no format of its own."""
    path = folder / NOTE_FILE
    return read_json(path) if path.exists() else None


def format_of(folder: Path, config: Any) -> TrainingFormat:
    """The format of a checkpoint: its own when it has a note of control tokens, else plain text."""
    tokenizer, note = Tokenizer.from_file(str(folder / "tokenizer.json")), read_note(folder)
    if note is not None:
        return PointerIds(
            Vocabulary(tokenizer, Topics.read((folder / FILE).read_bytes()), tuple(note["controls"]))
        )
    ends = config.eos_token_id
    end = int(ends[0] if isinstance(ends, (list, tuple)) else ends)
    return TextIds(tokenizer, int(config.pad_token_id if config.pad_token_id is not None else end), end)
