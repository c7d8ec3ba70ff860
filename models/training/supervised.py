"""Supervised fine-tuning on briefs and the copy written for them, with augmentation, class balance and early
stopping."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from models.brief.brief import Brief, Copy
from models.corpus.authored import AuthoredLine, briefs_of
from models.corpus.examples import CorpusExample
from models.training.examples.augment import augmented
from models.training.examples.balance import balance_weights
from models.training.examples.batches import Encoded, feed_of, pack
from models.training.examples.formats import PointerIds, TrainingFormat
from models.training.examples.pointing import point_out
from models.training.loop import UNFINISHED, OnTrainingReport, Training, TrainingPlan, mean_loss, silent
from models.training.losses import likelihood_loss
from models.training.tuned import Tuning, load_checkpoint, longest_of, prepare, save_tuned

_EVALUATED: Final = 16
"""Rows per batch of the held-out loss."""


class DataError(ValueError):
    """Training data that cannot be read or used: says which line and why."""


@dataclass(frozen=True, slots=True)
class Data:
    """`copies` augmented examples are made of each; `balance` 1 draws all categories and tones alike;
    `held_out` is never trained on."""

    train: Sequence[CorpusExample]
    held_out: Sequence[CorpusExample]
    copies: int = 0
    balance: float = 1.0


class _Line(msgspec.Struct):
    brief: Brief
    copy: Copy


def read_examples(lines: Iterable[bytes | str], name: str) -> list[tuple[Brief, Copy]]:
    """Briefs with their copy from JSON lines {"brief": {...}, "copy": {...}}, or of models.corpus.authored.
    Raises DataError naming the line."""
    found: list[tuple[Brief, Copy]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found += _pairs(line, number)
        except ValueError as error:  # not JSON, not such a line, not UTF-8
            raise DataError(
                f'{name}, line {number}: {error}; each line is {{"brief": {{...}}, "copy": {{...}}}}'
            ) from error
    return found


def _pairs(line: bytes | str, number: int) -> list[tuple[Brief, Copy]]:
    if "ads" in msgspec.json.decode(line, type=dict[str, msgspec.Raw]):
        return list(briefs_of(msgspec.json.decode(line, type=AuthoredLine), f"authored-{number}"))
    row = msgspec.json.decode(line, type=_Line)
    return [(row.brief, row.copy)]


def example_of(brief: Brief, copy: Copy, form: TrainingFormat) -> CorpusExample | None:
    """The pair as an example; None when a pointer model cannot say that copy without making something up."""
    pointed = point_out(brief, copy)
    if pointed is not None or isinstance(form, PointerIds):
        return pointed
    return CorpusExample(brief, (copy.headline, *(copy.scenes or (copy.description,)), copy.cta))


def split_held_out(
    data: Sequence[CorpusExample], share: float
) -> tuple[list[CorpusExample], list[CorpusExample]]:
    """Train and held-out parts; every so-many-th example is held out, at least one, so that the split does
    not depend on chance."""
    every = max(2, round(1 / share))
    return [each for number, each in enumerate(data) if number % every], [
        each for number, each in enumerate(data) if number % every == 0
    ]


def fine_tune(
    source: Path,
    out: Path,
    data: Data,
    tuning: Tuning,
    plan: TrainingPlan,
    batch: int,
    report: OnTrainingReport = silent,
) -> dict[str, Any]:
    """Tunes the checkpoint folder `source` and writes the whole checkpoint to `out`; returns its figures.

    A run that was killed goes on from `out`/checkpoint.pt. Raises CheckpointError, DataError and ResumeError.
    """
    if not data.train or not data.held_out:
        raise DataError(
            "there are no examples to train on or none to hold out; give at least two that the model can say"
        )
    checkpoint = load_checkpoint(source)
    network = prepare(checkpoint.network, tuning, plan.seed)
    form, longest = checkpoint.form, longest_of(network)
    more = list(augmented(data.train, data.copies, plan.seed))
    rows = [form.encode(example) for example in more]
    kept = [index for index, row in enumerate(rows) if row.length <= longest]
    held = [row for row in (form.encode(example) for example in data.held_out) if row.length <= longest]
    if not kept or not held:
        raise DataError(f"every example is longer than the model's {longest} tokens")
    weights = balance_weights([more[index] for index in kept], data.balance) if data.balance else None
    size = min(batch, len(kept))
    feed = feed_of([rows[index] for index in kept], size, plan.seed, form.pad, weights)

    def held_out() -> float:
        return mean_loss(
            network,
            [lambda part=part: likelihood_loss(network, pack(part, form.pad)) for part in _parts(held)],
        )

    network.train()
    before = held_out()
    training = Training(network, plan, out)
    outcome = training.run(lambda step: likelihood_loss(network, feed(step)), held_out, report)
    recipe = {
        "kind": "supervised", **asdict(tuning), "steps": outcome.steps, "batch": size, "seed": plan.seed,
        "examples": len(kept),
        "too_long": len(rows) - len(kept), "learning_rate": plan.learning_rate,
        "weight_decay": plan.weight_decay,
        "loss": round(outcome.loss, 4), "held_out_loss": round(outcome.held_out, 4),
        "held_out_before": round(before, 4),
        "stopped_early": outcome.stopped_early,
    }  # fmt: skip
    save_tuned(network, checkpoint, out, recipe)
    (out / UNFINISHED).unlink(missing_ok=True)
    return recipe


def _parts(rows: Sequence[Encoded]) -> list[Sequence[Encoded]]:
    ordered = sorted(rows, key=lambda row: row.length)
    return [ordered[start : start + _EVALUATED] for start in range(0, len(ordered), _EVALUATED)]
