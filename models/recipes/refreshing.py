"""A model tuned on new behaviour, measured against the one that writes now; whether it is worse is for
`verdict` to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.brief.brief import Brief
from models.brief.render import lexicon_entries
from models.copywriter.generate import Copywriter
from models.evaluation.quality import quality
from models.export.verify import ParityError
from models.preference.log import LoggedCopy
from models.recipes.inherited import inherited
from models.recipes.tuning import Material, tune
from models.recipes.verdict import reasons_against
from models.training.examples.pointing import point_out
from models.training.loop import OnTrainingReport, TrainingPlan, silent
from models.training.publish import Publication, publish_checkpoint, with_quality
from models.training.tuned import Tuning

QUANTISED: Final = ("w8", "w4")


@dataclass(frozen=True, slots=True)
class Refresh:
    """What to tune and on what. `checkpoint`: a Hugging Face folder, or the folder of a built-in kind of
    model."""

    checkpoint: Path
    current: Path
    log: Path
    name: str
    version: str
    plan: TrainingPlan
    batch: int = 16
    rule_steps: int = 0
    """Of RLOO on rule rewards, after DPO."""


def log_words(rows: Sequence[LoggedCopy]) -> frozenset[str]:
    """Lexicon entries of liked copy that no pointer stands for: reviewed and published, so the writer may use
    these words."""
    pointed = [example for row in rows if row.clicked if (example := point_out(row.brief, row.copy))]
    return frozenset(
        entry
        for each in pointed
        for field in each.fields
        for entry in lexicon_entries(field, each.brief.locale)
    )


def refresh(
    what: Refresh, rows: Sequence[LoggedCopy], briefs: Sequence[Brief], variants: int, work: Path,
    report: OnTrainingReport = silent,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Tunes, exports to `work`/model and measures both on `briefs`; returns figures with `worse`: the reasons
    against it, empty = none.

    Raises what `tune` and `publish` raise.
    """
    tuned = work / "tuned"
    recipe = tune(
        what.checkpoint,
        tuned,
        "dpo",
        Material(log=what.log),
        Tuning(),
        what.plan,
        what.batch,
        report,
        what.rule_steps,
    )
    folder = work / "model"
    say("exporting")
    _publish(tuned, folder, what, log_words(rows), work / "adapters", say)
    say("measuring the current model")
    before = quality(Copywriter.load(what.current), briefs, variants)
    say("measuring the candidate")
    after = quality(Copywriter.load(folder), briefs, variants)
    with_quality(folder, after)
    return {
        "folder": str(folder),
        "recipe": recipe,
        "before": before,
        "after": after,
        "worse": reasons_against(before, after),
    }


def _publish(
    tuned: Path, folder: Path, what: Refresh, words: frozenset[str], work: Path, say: Callable[[str], None]
) -> None:
    """As the current model is, but exact where its bits do not suffice: tuned on few clicks, near ties are
    many, and a last bit may decide.

    Raises what `publish` raises.
    """
    old = inherited(what.current, tuned, work)

    def written(precisions: tuple[str, ...]) -> None:
        publication = Publication(
            what.name, what.version, precisions, old.locales, words | old.words, old.parent, old.licence,
            old.bank, old.adapters, old.longest,
        )  # fmt: skip
        publish_checkpoint(tuned, folder, publication)

    exact = tuple("fp32" if precision in QUANTISED else precision for precision in old.precisions)
    try:
        written(old.precisions)
    except ParityError as error:
        if exact == old.precisions:
            raise
        say(f"exporting exactly, for {error}")
        written(exact)
