"""Copy with pointers <-> token ids: fields divided by `sep`, ended by `eos`; a pointer brings its own space
before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.copywriter.prompt import Vocabulary

_POINTER = re.compile(r"( ?)<(\w+)>")


def field_ids(text: str, vocabulary: Vocabulary) -> list[int]:
    """Ids of one field."""
    ids: list[int] = []
    end = 0
    for match in _POINTER.finditer(text):
        name = match.group(2)
        ids += vocabulary.text(text[end : match.start()]) if match.start() > end else []
        ids.append(vocabulary.special(name if name.startswith("cta_") else f"slot_{name}"))
        end = match.end()
    return ids + (vocabulary.text(text[end:]) if end < len(text) else [])


def copy_ids(fields: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    """Ids of a whole copy."""
    ids: list[int] = []
    for index, field in enumerate(fields):
        ids += field_ids(field, vocabulary)
        ids.append(vocabulary.special("eos" if index == len(fields) - 1 else "sep"))
    return ids


def field_text(ids: Sequence[int], vocabulary: Vocabulary) -> str:
    """The text of one field's ids, pointers in angle brackets."""
    parts: list[str] = []
    run: list[int] = []
    for token in [*ids, -1]:
        if 0 <= token < vocabulary.text_size:
            run.append(token)
            continue
        if run:
            parts.append(vocabulary.tokenizer.decode(run))
            run = []
        if token >= 0:
            name = vocabulary.controls[token - vocabulary.text_size].removeprefix("slot_")
            parts.append(f" <{name}>" if parts and not parts[-1].endswith(" ") else f"<{name}>")
    return "".join(parts)
