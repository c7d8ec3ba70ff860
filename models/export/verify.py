"""The gate: what the graphs compute against what transformers computes, on ragged right-padded rows that
share a prefix, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray

from models.model_folder.spec import ModelSpec

VERIFIED_STEPS: Final = 24
"""Tokens per row that are compared."""
MAX_ERROR: Final = {"fp32": 1e-4, "fp16": 3e-2, "bf16": 2e-1}
"""Largest difference of a logit, relative to the row's largest logit."""
MIN_AGREEMENT: Final = {"fp32": 1.0, "fp16": 0.98, "bf16": 0.95, "w8": 0.99, "w4": 0.9}
"""Least share of positions with as good a token as the model's best one, the text before being the same; in
fp32 with that very token."""
AS_GOOD: Final = -float(np.log(0.95))
"""A token is as good as the best one when the model itself finds it at least 95 % as likely: between words
that may stand for each other a model is undecided, and rounding decides. This is the difference of their
logits."""
_KINDS: Final[dict[str, Any]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}

Ids = Sequence[Sequence[int]]
Feed = dict[str, NDArray[Any]]


class ParityError(RuntimeError):
    """A graph does not compute what the model computes: says which, with figures."""


@dataclass(frozen=True)
class ParityTruth:
    """What the model does after `prefix` + each of `suffixes`: greedy `tokens` (rows, STEPS), the `logits`
    (rows, STEPS, V) before each.

    `text` (rows, STEPS) is False after the end of the text: what a model says there means nothing.
    """

    prefix: list[int]
    suffixes: list[list[int]]
    tokens: NDArray[np.int64]
    logits: NDArray[np.float32]
    text: NDArray[np.bool_]

    @property
    def prompts(self) -> list[list[int]]:
        return [self.prefix + suffix for suffix in self.suffixes]


@dataclass(frozen=True, slots=True)
class ParityFigures:
    """How near a graph comes: largest relative error of a logit, shares of positions with the same best token
    and with one AS_GOOD."""

    max_relative_error: float
    top1_agreement: float
    as_good: float

    def as_dict(self) -> dict[str, float]:
        shares = {"top1_agreement": round(self.top1_agreement, 4), "as_good": round(self.as_good, 4)}
        return {"max_relative_error": float(f"{self.max_relative_error:.3g}"), **shares}


@torch.no_grad()
def truth(model: Any, prefix: Sequence[int], suffixes: Ids, eos: Sequence[int]) -> ParityTruth:
    """Greedy decoding by the transformers model itself, one row at a time, so that no padding is involved."""
    tokens, logits = [], []
    for suffix in suffixes:
        ids, cache, row_tokens, row_logits = torch.tensor([[*prefix, *suffix]]), None, [], []
        for _ in range(VERIFIED_STEPS):
            result = model(input_ids=ids, past_key_values=cache, use_cache=True)
            cache, last = result.past_key_values, result.logits[0, -1].float()
            row_logits.append(last.numpy().copy())
            row_tokens.append(int(last.argmax()))
            ids = torch.tensor([[row_tokens[-1]]])
        tokens.append(row_tokens)
        logits.append(np.stack(row_logits))
    ends = np.isin(tokens, list(eos))
    text: NDArray[np.bool_] = np.cumsum(ends, 1) <= ends
    return ParityTruth(
        list(prefix),
        [list(suffix) for suffix in suffixes],
        np.array(tokens, np.int64),
        np.stack(logits),
        text,
    )


def _padded(rows: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Right-padded ids and lengths."""
    lengths = np.array([len(row) for row in rows], np.int64)
    ids = np.zeros((len(rows), int(lengths.max())), np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
    return ids, lengths


class _Graph:
    """A session that keeps its keys and values as numpy arrays between steps."""

    def __init__(
        self, session: ort.InferenceSession, spec: ModelSpec, rows: int, length: int, adapter: int
    ) -> None:
        self.session, self.outputs = session, [output.name for output in session.get_outputs()]
        kind = _KINDS[next(each.type for each in session.get_inputs() if each.name.startswith("past_"))]
        shape = (rows, spec.kv_heads, length, spec.head_width)
        self.past: Feed = {
            f"past_{part}_{layer}": np.zeros(shape, kind)
            for layer in range(spec.layers)
            for part in ("key", "value")
        }
        self.adapter = adapter if any(each.name == "adapter" for each in session.get_inputs()) else None

    def run(self, feed: Feed, bank: Feed) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        if self.adapter is not None:
            feed = {**feed, **bank, "adapter": np.full(len(feed["input_ids"]), self.adapter, np.int64)}
        found = dict(zip(self.outputs, self.session.run(None, {**feed, **self.past}), strict=True))
        self.past = {
            name.replace("present", "past"): value
            for name, value in found.items()
            if name.startswith("present")
        }
        return found["top_logits"], found["top_ids"]


def run_decode(
    session: ort.InferenceSession,
    spec: ModelSpec,
    known: ParityTruth,
    bank: Feed | None = None,
    adapter: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Top logits and ids (rows, STEPS, K) of the fused graph, fed with the model's own tokens: prefill of the
    ragged batch, then steps."""
    ids, lengths = _padded(known.prompts)
    graph = _Graph(session, spec, len(ids), ids.shape[1] + VERIFIED_STEPS, adapter)
    last, logits, tops = lengths[:, None] - 1, [], []
    for step in range(VERIFIED_STEPS):
        total = np.array(int(lengths.max()), np.int32)
        feed: Feed = {
            "input_ids": ids,
            "seqlens_k": (lengths - 1).astype(np.int32),
            "total_sequence_length": total,
            "last": last,
        }
        row_logits, row_tops = graph.run(feed, bank or {})
        logits.append(row_logits)
        tops.append(row_tops)
        ids, last, lengths = known.tokens[:, step : step + 1], np.zeros((len(ids), 1), np.int64), lengths + 1
    return np.stack(logits, 1), np.stack(tops, 1)


def run_extend(
    session: ort.InferenceSession,
    spec: ModelSpec,
    known: ParityTruth,
    bank: Feed | None = None,
    adapter: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The same of the extend graph: the prefix once, the ragged suffixes after it as one batch, then step by
    step."""
    rows, start = len(known.suffixes), len(known.prefix)
    graph = _Graph(session, spec, 1, 0, adapter)
    first: Feed = {"input_ids": np.array([known.prefix]), "attention_mask": np.ones((1, start), np.int64)}
    graph.run({**first, "position_ids": np.arange(start)[None], "last": np.array([[start - 1]])}, bank or {})
    graph.past = {name: np.repeat(value, rows, 0) for name, value in graph.past.items()}
    ids, lengths = _padded(known.suffixes)
    mask = np.concatenate(
        [np.ones((rows, start), np.int64), np.arange(ids.shape[1])[None] < lengths[:, None]], 1
    ).astype(np.int64)
    positions = np.broadcast_to(np.arange(start, start + ids.shape[1]), ids.shape)
    last, lengths, logits, tops = lengths[:, None] - 1, lengths + start, [], []
    for step in range(VERIFIED_STEPS):
        row_logits, row_tops = graph.run(
            {"input_ids": ids, "attention_mask": mask, "position_ids": positions, "last": last}, bank or {}
        )
        logits.append(row_logits)
        tops.append(row_tops)
        ids, mask = known.tokens[:, step : step + 1], np.concatenate([mask, np.ones((rows, 1), np.int64)], 1)
        positions, last, lengths = lengths[:, None], np.zeros((rows, 1), np.int64), lengths + 1
    return np.stack(logits, 1), np.stack(tops, 1)


def figures(
    known: ParityTruth, logits: NDArray[np.float32], tops: NDArray[np.int64], precision: str
) -> ParityFigures:
    """Compares a graph's top logits and ids (rows, STEPS, K) with the model: the best token everywhere in
    fp32, in the text otherwise."""
    expected = np.take_along_axis(known.logits, tops, 2)
    largest = np.abs(known.logits).max(2, keepdims=True)
    error = float((np.abs(logits - expected) / largest).max())
    counted = np.ones_like(known.text) if precision == "fp32" else known.text
    equal = tops[:, :, 0] == known.tokens
    as_good = known.logits.max(2) - expected[:, :, 0] <= AS_GOOD
    return ParityFigures(error, float(equal[counted].mean()), float(as_good[counted].mean()))


def check(name: str, precision: str, found: ParityFigures) -> None:
    """Raises ParityError when the figures of a graph do not suffice for its precision."""
    limit, least = MAX_ERROR.get(precision, np.inf), MIN_AGREEMENT[precision]
    share, what = (
        (found.top1_agreement, "equal") if precision == "fp32" else (found.as_good, "equal or equally likely")
    )
    if found.max_relative_error <= limit and share >= least:
        return
    wrong = f"largest relative error {found.max_relative_error:.2e}" + (
        f" (limit {limit:g})" if np.isfinite(limit) else ""
    )
    instead = (
        "choose another model"
        if precision == "fp32"
        else "choose a higher --precision (fp32 is exact), or another model"
    )
    raise ParityError(
        f"{name} in {precision} against transformers: {wrong}, {share:.4f} {what} best tokens (at least "
        f"{least:g}) over "
        f"{VERIFIED_STEPS} tokens of each row; nothing was written: {instead}"
    )
