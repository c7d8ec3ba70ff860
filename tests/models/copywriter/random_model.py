"""A model that knows nothing: random logits over any vocabulary, for what must hold whatever a model
proposes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from models.brief.brief import Brief, Copy
from models.copywriter.generate import CopyFormat
from models.copywriter.row import CopyRow
from models.copywriter.sampling import Writing
from models.copywriter.text_format import TextFormat
from models.copywriter.wording import Wording
from models.decoder.sequence import draws_of, seed_of
from models.model_folder.session import ModelFolder, open_folder

TEXTS = (
    "Meet the mug. A mug for slow mornings, yours for $12.50! The best mug ever, 50% off, see www.shop.com "
    "| Shop now\n",
    "Die Tasse für lange Tage. Für 12,50 € bei Nike und Adidas. Jetzt kaufen\n<b>Tasse</b> {price} #1 @shop",
    "认识这款杯子。只要¥12.50，陪你每一天！最好的杯子，免费。了解更多\n",
    "naïve café – “quoted” … emoji 🙂 ★ 100 % 1 299,00 2024 hurry free cure",
)


def byte_level(size: int = 600) -> Tokenizer:
    """A vocabulary of byte-level pairs, as GPT-2, Llama 3 and Qwen have: tokens may be parts of
    characters."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXTS * 3, trainers.BpeTrainer(vocab_size=size, special_tokens=["<|end|>"], initial_alphabet=alphabet)
    )
    return tokenizer


def byte_fallback() -> Tokenizer:
    """A vocabulary that writes a space as "▁" and unknown characters as bytes, as Llama 2 and Mistral
    have."""
    words = sorted({word for text in TEXTS[:2] for word in text.split()})
    pieces = [
        "<unk>",
        "<s>",
        "</s>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        *sorted({char for text in TEXTS[:2] for char in text if char > " "}),
    ]
    pieces += [piece for word in words for piece in (f"▁{word}", word) if piece not in pieces]
    tokenizer = Tokenizer(
        models.BPE(
            {piece: index for index, piece in enumerate(dict.fromkeys(pieces))},
            [],
            byte_fallback=True,
            unk_token="<unk>",
        )
    )
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


def text_format(folder: Path, tokenizer: Tokenizer, eos: int, wording: Wording | None = None) -> TextFormat:
    """The plain-text format of a model with this tokenizer; `folder` is empty."""
    path = folder / "tokenizer.json"
    tokenizer.save(str(path))
    builtin = open_folder(Path(str(files("models.copywriter").joinpath("builtin"))))
    manifest: dict[str, Any] = {
        "locales": [],
        "tokenizer": {"file": path.name},
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest()},
    }
    spec = replace(builtin.spec, vocabulary=tokenizer.get_vocab_size() + 5, eos=(eos,), context=8192)
    return TextFormat(ModelFolder(folder, json.loads(json.dumps(manifest)), spec), wording)


def written(
    form: CopyFormat, briefs: Sequence[Brief], seed: int, candidates: int = 1, only: Iterable[int] = ()
) -> list[tuple[Brief, CopyRow, Copy | str]]:
    """What random logits make of briefs; `only` are the rows to run, all when it is empty."""
    chooser = Writing(form.table, [form.layout(brief) for brief in briefs], candidates, 1.0, 1e-6)
    count, size = len(chooser.rows), len(form.table)
    live = list(only) or list(range(count))
    noise = [
        np.random.default_rng([seed, seed_of(briefs[row // candidates].request_id, row % candidates)])
        for row in range(count)
    ]
    draws = [
        draws_of(seed_of(briefs[row // candidates].request_id), row % candidates, form.copy_limit)
        for row in range(count)
    ]
    for step in range(form.copy_limit):
        if not live:
            break
        ids = np.stack([noise[row].choice(size, min(64, size), replace=False) for row in live])
        logits = np.stack([-np.sort(-noise[row].normal(0, 2, ids.shape[1])) for row in live]).astype(
            np.float32
        )
        chosen = chooser.choose(
            np.array(live), logits, ids.astype(np.int64), step, np.array([draws[row][step] for row in live])
        )
        live = [row for row, token in zip(live, chosen, strict=True) if token >= 0]
    rows = [chooser.rows[row] for row in (only or range(count))]
    named = [briefs[row // candidates] for row in (only or range(count))]
    return [
        (brief, row, row.why or ("limit" if not row.finished else form.copies(brief, [row], frozenset())[0]))
        for brief, row in zip(named, rows, strict=True)
    ]
