"""Choosing the next token on the host: which tokens may come, what they cost in characters, and a draw that only the request decides."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.copywriter.brief import Brief, limits_of
from models.copywriter.prompt import Vocabulary
from models.copywriter.slots import CTAS, SLOTS, cta_texts, slot_texts
from models.graphemes import width

HEADLINE, DESCRIPTION, CTA, DONE = 0, 1, 2, 3


def uniforms(brief: Brief, attempt: int, count: int) -> NDArray[np.float64]:
    """`count` draws in [0, 1) keyed by request, campaign, slot and attempt (Philox): the same alone, in any batch and after a restart."""
    text = f"{brief.request_id}|{brief.campaign_id}|{brief.slot}|{attempt}"
    key = np.frombuffer(hashlib.blake2b(text.encode(), digest_size=16).digest(), np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).random(count)


class TokenTable:
    """What is known of every token of a vocabulary, once per model."""

    def __init__(self, vocabulary: Vocabulary, rows: int) -> None:
        """`rows` of the embedding: a few more than there are tokens, none of which may ever come."""
        self.vocabulary, rest = vocabulary, rows - vocabulary.text_size
        texts = [vocabulary.tokenizer.decode([token]) for token in range(vocabulary.text_size)]
        self.width = np.array([width(text) for text in texts] + [0] * rest, np.int32)
        # A token that is only a part of a character decodes to U+FFFD; this writer has no use for those.
        self.is_text = np.array(["\ufffd" not in text for text in texts] + [False] * rest)
        self.ends_sentence = np.array([text.rstrip().endswith((".", "!", "?")) for text in texts] + [False] * rest)
        self.sep, self.eos = vocabulary.special("sep"), vocabulary.special("eos")
        self.slots = {name: vocabulary.special(f"slot_{name}") for name in SLOTS}
        self.ctas = [vocabulary.special(f"cta_{index}") for index in range(CTAS)]


class Row:
    """One copy being written: its fields so far and what is left of each budget."""

    def __init__(self, brief: Brief, table: TokenTable, draws: NDArray[np.float64]) -> None:
        self.brief, self.table, self.draws = brief, table, draws
        self.fields: tuple[list[int], ...] = ([], [], [])
        self.field, self.steps, self.why = HEADLINE, 0, ""
        self.budgets = list(limits_of(brief.slot)[:3])
        self.cost = table.width.copy()
        self.allowed = table.is_text.copy()
        for name, text in slot_texts(brief).items():
            token = table.slots[name]
            self.allowed[token] = True
            self.cost[token] = width(text) + 1
        self._pointers = [table.ctas[index] for index in range(len(cta_texts(brief)))]

    @property
    def finished(self) -> bool:
        return self.field == DONE or bool(self.why)

    def _may_come(self, tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the candidate tokens may come next."""
        written = self.fields[self.field]
        if self.field == CTA and self._pointers:
            return np.isin(tokens, [self.table.eos] if written else self._pointers)
        may = self.allowed[tokens] & (self.cost[tokens] <= self.budgets[self.field] + (0 if written else 1))
        ended = bool(written) and (self.field != DESCRIPTION or bool(self.table.ends_sentence[written[-1]]))
        if ended:
            may |= tokens == (self.table.eos if self.field == CTA else self.table.sep)
        return may

    def take(self, logits: NDArray[np.float32], tokens: NDArray[np.int64], temperature: float, floor: float) -> int:
        """Draws the next token from the candidates (best first) and enters it; sets `why` when none of them may come."""
        may = self._may_come(tokens)
        if not may.any():
            self.why = "no_token_fits"
            return self.table.eos
        scaled = (logits[may].astype(np.float64) - float(logits[may][0])) / temperature
        weights = np.exp(scaled) * (scaled > np.log(floor))
        token = int(tokens[may][np.searchsorted(np.cumsum(weights), self.draws[self.steps] * weights.sum(), side="right")])
        self.steps += 1
        self._enter(token)
        if self.steps == len(self.draws) and not self.finished:
            self.why = "too_long"
        return token

    def _enter(self, token: int) -> None:
        if token in (self.table.sep, self.table.eos):
            self.field += 1
            return
        # The space a pointer brings is not written at the beginning of a field.
        self.budgets[self.field] -= int(self.cost[token]) - (0 if self.fields[self.field] or token < self.table.vocabulary.text_size else 1)
        self.fields[self.field].append(token)


def pad_right(rows: Sequence[Sequence[int]], pad: int) -> NDArray[np.int64]:
    """Rows of ids as one array, padded on the right."""
    ids = np.full((len(rows), max(map(len, rows))), pad, np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
    return ids
