"""The gate: what the graphs compute against what the model computes, on ragged right-padded rows that share a
prefix, token by token.

Exact graphs must give its logits. Quantised ones must write about as well: by how much the loss of the text
that the model itself would write grows, KL(model || graph) over the model's entropy, says that; equal best
tokens are only stated, for between words that may stand for each other rounding decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.model_folder.spec import ModelSpec

VERIFIED_STEPS: Final = 24
"""Tokens per row that are compared."""
MAX_ERROR: Final = {"fp32": 1e-4, "fp16": 3e-2, "bf16": 2e-1}
"""Largest difference of a logit, relative to the row's largest logit."""
MIN_AGREEMENT: Final = {"fp32": 1.0, "fp16": 0.98, "bf16": 0.95}
"""Least share of positions with as good a token as the model's best one, the text before being the same; in
fp32 with that very token."""
MAX_LOSS_INCREASE: Final = {"w8": 0.01, "w4": 0.05}
"""By which share the loss may grow at most."""
_LEAST_ENTROPY: Final = 1.0
"""Nats per token: of a model that is surer of itself the loss may grow by the share of this."""
AS_GOOD: Final = -float(np.log(0.95))
"""A token is as good as the best one when the model itself finds it at least 95 % as likely: between words
that may stand for each other a model is undecided, and rounding decides. This is the difference of their
logits."""
_KINDS: Final[dict[str, Any]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}

_TOLD: Final = ("top_logits", "top_ids", "logits")
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

    @classmethod
    def of(
        cls,
        prefix: Sequence[int],
        suffixes: Ids,
        tokens: NDArray[np.int64],
        logits: NDArray[np.float32],
        eos: Sequence[int],
    ) -> ParityTruth:
        """With `text` as the ends among the tokens say."""
        ends = np.isin(tokens, list(eos))
        return cls(
            list(prefix), [list(each) for each in suffixes], tokens, logits, np.cumsum(ends, 1) <= ends
        )

    @property
    def prompts(self) -> list[list[int]]:
        return [self.prefix + suffix for suffix in self.suffixes]


@dataclass(frozen=True, slots=True)
class ParityFigures:
    """How near a graph comes: largest relative error of a logit, shares of positions with the same best token
    and with one AS_GOOD, by which share the loss grows."""

    max_relative_error: float
    top1_agreement: float
    as_good: float
    loss_increase: float

    def as_dict(self) -> dict[str, float]:
        shares = {
            "top1_agreement": round(self.top1_agreement, 4),
            "as_good": round(self.as_good, 4),
            "loss_increase": round(self.loss_increase, 5),
        }
        return {"max_relative_error": float(f"{self.max_relative_error:.3g}"), **shares}


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

    def run(self, feed: Feed, bank: Feed) -> Feed:
        if self.adapter is not None:
            feed = {**feed, **bank, "adapter": np.full(len(feed["input_ids"]), self.adapter, np.int64)}
        found = dict(zip(self.outputs, self.session.run(None, {**feed, **self.past}), strict=True))
        self.past = {
            name.replace("present", "past"): value
            for name, value in found.items()
            if name.startswith("present")
        }
        return found


def run_decode(
    session: ort.InferenceSession,
    spec: ModelSpec,
    known: ParityTruth,
    bank: Feed | None = None,
    adapter: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Top logits and ids (rows, STEPS, K) of the fused graph, fed with the model's own tokens: prefill of the
    ragged batch, then steps."""
    told = _decoded(session, spec, known.prompts, lambda step, _: known.tokens[:, step], bank or {}, adapter)
    return np.stack([each["top_logits"] for each in told], 1), np.stack([each["top_ids"] for each in told], 1)


def run_greedy(
    session: ort.InferenceSession, spec: ModelSpec, prompts: Ids
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What a fused graph that also puts out `logits` writes after each prompt: tokens (rows, STEPS), and the
    logits (rows, STEPS, V) before each."""
    told = _decoded(session, spec, prompts, lambda _, found: found["logits"].argmax(1), {}, 0)
    logits = np.stack([each["logits"] for each in told], 1)
    return logits.argmax(2), logits


def _decoded(
    session: ort.InferenceSession,
    spec: ModelSpec,
    prompts: Ids,
    following: Callable[[int, Feed], NDArray[np.int64]],
    bank: Feed,
    adapter: int,
) -> list[Feed]:
    """What a fused graph puts out at each step; `following` says which tokens (rows,) come after a step."""
    ids, lengths = _padded(prompts)
    graph = _Graph(session, spec, len(ids), ids.shape[1] + VERIFIED_STEPS, adapter)
    last, told = lengths[:, None] - 1, []
    for step in range(VERIFIED_STEPS):
        feed: Feed = {
            "input_ids": ids,
            "seqlens_k": (lengths - 1).astype(np.int32),
            "total_sequence_length": np.array(int(lengths.max()), np.int32),
            "last": last,
        }
        found = graph.run(feed, bank)
        told.append({str(name): found[name] for name in _TOLD if name in found})  # not the keys and values
        ids, last = following(step, found)[:, None], np.zeros((len(ids), 1), np.int64)
        lengths = lengths + 1
    return told


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
        found = graph.run(
            {"input_ids": ids, "attention_mask": mask, "position_ids": positions, "last": last}, bank or {}
        )
        logits.append(found["top_logits"])
        tops.append(found["top_ids"])
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
    return ParityFigures(
        error,
        float(equal[counted].mean()),
        float(as_good[counted].mean()),
        _loss_increase(known.logits[known.text], logits[known.text], tops[known.text]),
    )


def _loss_increase(model: NDArray[np.float32], logits: NDArray[np.float32], tops: NDArray[np.int64]) -> float:
    """Mean KL(model || graph) over the model's mean entropy: logits of the model (n, V), top logits and ids
    of the graph (n, K). What the graph does not tell is taken as the model has it."""
    graph = model.astype(np.float64)
    np.put_along_axis(graph, tops, logits.astype(np.float64), 1)
    model_log, graph_log = (_log_softmax(each) for each in (model.astype(np.float64), graph))
    chances = np.exp(model_log)
    divergence = float((chances * (model_log - graph_log)).sum(1).mean())
    return divergence / max(float(-(chances * model_log).sum(1).mean()), _LEAST_ENTROPY)


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))


def check_parity(name: str, precision: str, found: ParityFigures) -> None:
    """Raises ParityError when the figures of a graph do not suffice for its precision."""
    wrong = _wrong(precision, found)
    if not wrong:
        return
    instead = (
        "choose another model"
        if precision == "fp32"
        else "choose a higher --precision (fp32 is exact), or another model"
    )
    raise ParityError(
        f"{name} in {precision} against the model: {wrong} over {VERIFIED_STEPS} tokens of each row; nothing "
        f"was written: {instead}"
    )


def _wrong(precision: str, found: ParityFigures) -> str:
    """What does not suffice, with its figures; "" nothing."""
    most = MAX_LOSS_INCREASE.get(precision)
    if most is not None:
        share = found.loss_increase
        return "" if share <= most else f"its loss is {share:.2%} larger (at most {most:.0%})"
    limit, least = MAX_ERROR[precision], MIN_AGREEMENT[precision]
    share, what = (
        (found.top1_agreement, "equal") if precision == "fp32" else (found.as_good, "equal or equally likely")
    )
    if found.max_relative_error <= limit and share >= least:
        return ""
    return (
        f"largest relative error {found.max_relative_error:.2e} (limit {limit:g}), {share:.4f} {what} best "
        f"tokens (at least {least:g})"
    )
