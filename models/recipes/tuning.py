"""One way to tune a checkpoint by any method: reads the material, trains, writes the whole checkpoint."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from models.brief.brief import Brief
from models.corpus.examples import CorpusExample, corpus_examples
from models.corpus.languages import LANGUAGES
from models.preference.from_log import RULES, FromLog, learn_from_log
from models.preference.log import LoggedCopy, read_log
from models.preference.on_rules import OnRules, briefs_with_room, train_on_rules
from models.training.examples.formats import TrainingFormat
from models.training.loop import UNFINISHED, OnTrainingReport, TrainingPlan, silent
from models.training.supervised import Data, DataError, example_of, fine_tune, read_examples, split_held_out
from models.training.tuned import Tuning, check_out, load_checkpoint, prepare, save_tuned
from models.training.unpack import unpack

UNPACKED: Final = "source"
"""Folder in the output that holds the checkpoint a model folder was unpacked to."""


@dataclass(frozen=True, slots=True)
class Material:
    """What to learn from: a file of briefs and copy, a training log, examples of the own corpus. Shares and
    counts as in Data."""

    data: Path | None = None
    log: Path | None = None
    examples: int = 0
    locales: tuple[str, ...] = ()
    hold_out: float = 0.05
    augment: int = 0
    balance: float = 1.0


def tune(
    source: Path, out: Path, method: str, material: Material, tuning: Tuning, plan: TrainingPlan, batch: int,
    report: OnTrainingReport = silent,
    rule_steps: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Tunes `source` (a Hugging Face folder, or a model folder of the built-in format) by sft | dpo | rloo |
    grpo; returns its figures.

    `rule_steps`: steps of RLOO on rule rewards after DPO. Raises CheckpointError (for an `out` that is
    finished, too), DataError, LogError, ModelFileError, ResumeError.
    """
    check_out(out, source)
    if (source / "manifest.json").exists():
        source = unpack(source, out / UNPACKED)
    checkpoint = load_checkpoint(source)
    plan = replace(plan, what=_what(source, method, material, tuning, batch))
    if method == "sft":
        train, held_out = split_held_out(_examples(material, checkpoint.form, plan.seed), material.hold_out)
        return fine_tune(
            source,
            out,
            Data(train, held_out, material.augment, material.balance),
            tuning,
            plan,
            batch,
            report,
        )
    network = prepare(checkpoint.network, tuning, plan.seed)
    if method == "dpo":
        figures = learn_from_log(
            network, checkpoint.form, _rows(material), FromLog(plan, rule_steps, batch), out, report
        )
    else:
        how = OnRules("grpo" if method == "grpo" else "rloo", prompts=max(1, batch // 8))
        briefs = briefs_with_room(
            network, checkpoint.form, _briefs(material, checkpoint.form, plan.seed), how.limit
        )
        outcome = train_on_rules(network, checkpoint.form, briefs, plan, how, out, report)
        figures = {"briefs": len(briefs), "steps": outcome.steps, "loss": round(outcome.loss, 4)}
    recipe = {
        "kind": method,
        **asdict(tuning),
        "seed": plan.seed,
        "learning_rate": plan.learning_rate,
        **figures,
    }
    save_tuned(network, checkpoint, out, recipe)
    shutil.rmtree(out / RULES, ignore_errors=True)
    (out / UNFINISHED).unlink(missing_ok=True)
    return recipe


def _what(source: Path, method: str, material: Material, tuning: Tuning, batch: int) -> str:
    """All that decides a step beside the plan, files by what is in them: those of the same name may have
    changed."""
    files = [
        *sorted(source.glob("*.safetensors")),
        *(file for file in (material.data, material.log) if file is not None),
    ]
    sums = " ".join(f"{file.name}:{_sum(file)}" for file in files)
    others = (material.examples, material.locales, material.hold_out, material.augment, material.balance)
    return f"{method} {sums} {others} {tuning} batch {batch}"


def _sum(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()[:12]


def _rows(material: Material) -> list[LoggedCopy]:
    if material.log is None:
        return []
    with material.log.open("rb") as lines:
        return read_log(lines, str(material.log))


def _examples(material: Material, form: TrainingFormat, seed: int) -> list[CorpusExample]:
    """All that can be learnt from, the own corpus last."""
    found: list[CorpusExample | None] = []
    if material.data is not None:
        with material.data.open("rb") as lines:
            found += [
                example_of(brief, copy, form) for brief, copy in read_examples(lines, str(material.data))
            ]
    found += [example_of(row.brief, row.copy, form) for row in _rows(material) if row.clicked]
    found += corpus_examples(material.examples, seed, material.locales or LANGUAGES)
    return [example for example in found if example is not None]


def _briefs(material: Material, form: TrainingFormat, seed: int) -> list[Brief]:
    briefs = [example.brief for example in _examples(material, form, seed)] + [
        row.brief for row in _rows(material)
    ]
    if not briefs:
        raise DataError("there are no briefs to write for; give --data, --log or --examples")
    return briefs
