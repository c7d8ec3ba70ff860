"""The copywriter at work: briefs in, drafts out, in one batch through the decoder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from models.copywriter.brief import Brief, Copy, limits_of
from models.copywriter.prompt import PROMPT_LIMIT, Vocabulary, prompt_ids
from models.copywriter.render import own_words, render_field
from models.copywriter.sampling import Row, TokenTable, pad_right, uniforms
from models.copywriter.slots import slot_texts
from models.copywriter.tokens import field_text
from models.decoder.graph_file import ModelFileError
from models.decoder.kv import Buffers
from models.decoder.session import ModelFolder, open_folder, open_session
from models.graphemes import cut

COPY_LIMIT: Final = 64
"""Tokens of one copy."""
BATCH: Final = 16
"""Rows per run: on one core larger batches gain nothing."""
ATTEMPTS: Final = 3
"""Drafts per brief before it is given up."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Copy for one brief, or why there is none: locale | no_noun | deadline | no_token_fits | too_long | misspelt | not_accepted."""

    copy: Copy | None
    model_ms: float
    tokens: int
    why_none: str = ""


def _always(brief: Brief, copy: Copy) -> bool:
    return True


class Copywriter:
    """A loaded model. `write` may be called from one thread at a time; a second caller waits."""

    def __init__(self, folder: ModelFolder, session: ort.InferenceSession, vocabulary: Vocabulary, model_hash: str, half: bool) -> None:
        self.name, self.version, self.model_hash = str(folder.manifest["name"]), str(folder.manifest["version"]), model_hash
        self.locales = tuple(folder.manifest["locales"])
        self.temperature, self.floor = float(folder.manifest["temperature"]), float(folder.manifest["floor"])
        self._session, self._spec, self._vocabulary, self._half = session, folder.spec, vocabulary, half
        self._lexicon = frozenset(folder.read("lexicon.txt").decode().split())
        self._table = TokenTable(vocabulary, folder.spec.vocabulary)
        self._pad = vocabulary.special("pad")
        self._buffers: dict[int, Buffers] = {}
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path | None = None, provider: str = "cpu", threads: int = 1) -> Copywriter:
        """The model of a folder (None = the built-in one) on `provider` (cpu | cuda) with `threads` per run.

        Raises ModelFileError (missing, changed or unsafe file) and ProviderError (processor not usable), each saying what to do.
        """
        opened = open_folder(folder or Path(str(files("models.copywriter").joinpath("builtin"))))
        variant = opened.variant(provider)
        if variant.decode is None:
            raise ModelFileError(f"{opened.folder}: the pointer format needs the fused decode graph; write the folder again with it")
        session = open_session(opened.read(variant.decode), provider, threads)
        tokenizer = Tokenizer.from_str(opened.read("tokenizer.json").decode())
        vocabulary = Vocabulary(tokenizer, tokenizer.get_vocab_size(), tuple(opened.manifest["controls"]))
        return cls(opened, session, vocabulary, opened.manifest["files"][variant.decode][:12], half=variant.half)

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool] = _always,
    ) -> list[Draft]:
        """One draft per brief, in order. `remaining_ms()` is the time left (<= 0: give up); its difference is what `model_ms` reports.

        Copy that `accept` refuses is drafted again, at most ATTEMPTS times. What a brief gets depends on the brief and its request id
        alone, unless the time runs out.
        """
        drafts: list[Draft | None] = [self._impossible(brief) for brief in briefs]
        with self._lock:
            for attempt in range(ATTEMPTS):
                open_ones = [
                    index for index, draft in enumerate(drafts) if draft is None or (draft.copy is None and draft.why_none not in _FINAL)
                ]
                if not open_ones:
                    break
                prompts = {index: prompt_ids(briefs[index], self._vocabulary) for index in open_ones}
                open_ones.sort(key=lambda index: len(prompts[index]))
                for start in range(0, len(open_ones), BATCH):
                    chosen = open_ones[start : start + BATCH]
                    for index, draft in zip(
                        chosen,
                        self._batch([briefs[i] for i in chosen], [prompts[i] for i in chosen], attempt, remaining_ms, accept),
                        strict=True,
                    ):
                        before = drafts[index]
                        spent, tokens = (before.model_ms, before.tokens) if before else (0.0, 0)
                        drafts[index] = Draft(draft.copy, draft.model_ms + spent, draft.tokens + tokens, draft.why_none)
        return [draft for draft in drafts if draft is not None]

    def _impossible(self, brief: Brief) -> Draft | None:
        """Why this model cannot write for a brief at all."""
        if brief.locale.replace("_", "-").split("-")[0].lower() not in self.locales:
            return Draft(None, 0.0, 0, "locale")
        return None if "noun" in slot_texts(brief) else Draft(None, 0.0, 0, "no_noun")

    def _batch(
        self,
        briefs: list[Brief],
        prompts: list[list[int]],
        attempt: int,
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
    ) -> list[Draft]:
        began = remaining_ms()
        rows = [Row(brief, self._table, uniforms(brief, attempt, COPY_LIMIT)) for brief in briefs]
        self._decode(rows, prompts, remaining_ms)
        spent = began - remaining_ms()
        return [self._draft(row, spent, accept) for row in rows]

    def _decode(self, rows: list[Row], prompts: list[list[int]], remaining_ms: Callable[[], float]) -> None:
        """Runs prefill, then one token per row and step until every row has finished or the time is over."""
        count = len(rows)
        if count not in self._buffers:
            self._buffers[count] = Buffers(self._session, self._spec, count, PROMPT_LIMIT + COPY_LIMIT, self._half)
        buffers, ids = self._buffers[count], pad_right(prompts, self._pad)
        lengths = np.array([len(prompt) for prompt in prompts], np.int32)
        last = (lengths - 1).astype(np.int64)[:, None]
        while True:
            if remaining_ms() <= 0:
                for row in rows:
                    row.why = row.why or ("" if row.finished else "deadline")
                return
            logits, tokens = buffers.run(ids, lengths - 1, int(lengths.max()), last)
            following = [
                self._pad if row.finished else row.take(logits[i], tokens[i], self.temperature, self.floor) for i, row in enumerate(rows)
            ]
            if all(row.finished for row in rows):
                return
            ids, last = np.array(following, np.int64)[:, None], np.zeros((count, 1), np.int64)
            lengths = lengths + 1

    def _draft(self, row: Row, spent_ms: float, accept: Callable[[Brief, Copy], bool]) -> Draft:
        if row.why:
            return Draft(None, spent_ms, row.steps, row.why)
        fields = [field_text(field, self._vocabulary) for field in row.fields]
        if any(word not in self._lexicon for field in fields for word in own_words(field)):
            return Draft(None, spent_ms, row.steps, "misspelt")
        headline, description, cta = (render_field(field, row.brief).strip() for field in fields)
        copy = Copy(headline, description, cta, cut(slot_texts(row.brief).get("brand", ""), limits_of(row.brief.slot).brand))
        return Draft(copy, spent_ms, row.steps) if accept(row.brief, copy) else Draft(None, spent_ms, row.steps, "not_accepted")


_FINAL: Final = frozenset({"locale", "no_noun", "deadline"})
"""Reasons that another draft does not change."""


def seconds_left(deadline_s: float, clock: Callable[[], float]) -> Callable[[], float]:
    """`remaining_ms` for a deadline on a monotonic clock in seconds."""
    return lambda: (deadline_s - clock()) * 1000.0
