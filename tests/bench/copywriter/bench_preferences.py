"""A simulation: does preference training on a log of readers with a known taste raise the click rate of
sampled copy with them?

For each seed a taste is drawn, the supervised model writes a log that readers of that taste click on, the
model is tuned on that log as `shiftcast model train --log` and `shiftcast model refresh` do it (DPO, then
RLOO on rule rewards), and both models write for campaigns that neither has seen.
Nothing constrains the samples, so that what they state without a fact and what they write too long can be
seen. It says nothing about real readers.

python tests/bench/copywriter/bench_preferences.py [--short] [--model FOLDER]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from models.copywriter.registry import builtin_folder
from models.preference.from_log import FromLog, learn_from_log
from models.preference.tastes import TasteFigures, TraitWeights, contexts, measure, simulated_log
from models.training.loop import TrainingPlan
from models.training.tuned import load_checkpoint
from models.training.unpack import unpack


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    logged: int = 60
    measured: int = 80
    samples: int = 16
    steps: int = 60
    rule_steps: int = 60
    batch: int = 24


SHORT = Size(logged=30, measured=16)


def one_seed(source: Path, seed: int, size: Size) -> dict[str, Any]:
    """Figures before and after for one taste."""
    checkpoint, taste = load_checkpoint(source), TraitWeights.drawn(seed)
    network, form = checkpoint.network, checkpoint.form
    unseen = contexts(size.measured, 50_000 + seed)
    before = measure(network, form, unseen, taste, size.samples, seed)
    rows = simulated_log(network, form, contexts(size.logged, 90_000 + seed), taste, size.samples, seed)
    learnt = learn_from_log(
        network, form, rows, FromLog(TrainingPlan(size.steps, 5e-4, seed), size.rule_steps, size.batch)
    )
    after = measure(network, form, unseen, taste, size.samples, seed)
    return {
        "seed": seed,
        **learnt,
        "before": asdict(before),
        "after": asdict(after),
        "better": _better(before, after),
    }


def _better(before: TasteFigures, after: TasteFigures) -> bool:
    """A higher click rate, with no more unsupported statements and no more fields over their limits."""
    return (
        after.click_rate > before.click_rate
        and after.unsupported <= before.unsupported
        and after.too_long <= before.too_long
    )


def main() -> None:
    """Prints a table and one JSON line; exit status 1 when a seed is not better."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one seed, few steps")
    parser.add_argument("--model", type=Path, default=builtin_folder())
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=1, help="The first of the seeds.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, seeds = (SHORT, 1) if options.short else (Size(), options.seeds)
    table = Table("seed", "pairs", "click rate", "after", "unsupported", "after", "too long", "after")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        source = unpack(options.model, Path(folder) / "source")
        for seed in range(options.first, options.first + seeds):
            result = one_seed(source, seed, size)
            Console(stderr=True).print(result)
            before, after = result["before"], result["after"]
            pairs = (
                f"{part[name]:.4f}"
                for name in ("click_rate", "unsupported", "too_long")
                for part in (before, after)
            )
            table.add_row(str(seed), str(result["pairs"]), *pairs)
            found.append(result)
    better = sum(each["better"] for each in found)
    Console(stderr=True).print(table, "Simulated readers; no statement about real ones.")
    print(json.dumps({"simulation": True, "seeds": len(found), "better": better, "results": found}))
    raise SystemExit(0 if better == len(found) else 1)


if __name__ == "__main__":
    main()
