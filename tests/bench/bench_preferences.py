"""A simulation: does preference training on a log of readers with a known taste raise the click rate of sampled copy with them?

For each seed a taste is drawn, the supervised model writes a log that readers of that taste click on, DPO tunes the model on
its pairs and on pairs of the model's own samples that keep and break the rules, and both models write for campaigns that neither holds.
Nothing constrains the samples, so that what they state without a fact and what they write too long can be seen. It says nothing about
real readers.

python tests/bench/bench_preferences.py [--short] [--model FOLDER]
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

from models.registry import builtin_folder
from models.training.loop import Plan
from models.training.preference import Preference, pairs_of, rule_pairs, together, train_dpo
from models.training.tastes import LIMIT, Figures, Taste, contexts, measure, simulated_log
from models.training.tuned import load_checkpoint
from models.training.unpack import unpack


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    logged: int = 60
    measured: int = 40
    samples: int = 16
    steps: int = 60
    batch: int = 24


SHORT = Size(logged=30, measured=16)


def one_seed(source: Path, seed: int, size: Size) -> dict[str, Any]:
    """Figures before and after for one taste."""
    checkpoint, taste = load_checkpoint(source), Taste.drawn(seed)
    network, form = checkpoint.network, checkpoint.form
    unseen = contexts(size.measured, 50_000 + seed)
    before = measure(network, form, unseen, taste, size.samples, seed)
    logged = contexts(size.logged, 90_000 + seed)
    rows = simulated_log(network, form, logged, taste, size.samples, seed)
    pairs = pairs_of(rows, form, per_click=4, seed=seed)
    ruled = rule_pairs(network, form, contexts(size.logged, 70_000 + seed), size.samples, LIMIT, seed)
    train_dpo(network, form, together(pairs, ruled), Plan(size.steps, 5e-4, seed), Preference(batch=size.batch))
    after = measure(network, form, unseen, taste, size.samples, seed)
    return {
        "seed": seed,
        "shown": len(rows),
        "pairs": len(pairs),
        "rule_pairs": len(ruled),
        "before": asdict(before),
        "after": asdict(after),
        "better": _better(before, after),
    }


def _better(before: Figures, after: Figures) -> bool:
    """A higher click rate, with no more unsupported statements and no more fields over their limits."""
    return after.click_rate > before.click_rate and after.unsupported <= before.unsupported and after.too_long <= before.too_long


def main() -> None:
    """Prints a table and one JSON line; exit status 1 when a seed is not better."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one seed, few steps")
    parser.add_argument("--model", type=Path, default=builtin_folder())
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, seeds = (SHORT, 1) if options.short else (Size(), options.seeds)
    table = Table("seed", "pairs", "click rate", "after", "unsupported", "after", "too long", "after")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        source = unpack(options.model, Path(folder) / "source")
        for seed in range(1, seeds + 1):
            result = one_seed(source, seed, size)
            Console(stderr=True).print(result)
            before, after = result["before"], result["after"]
            pairs = (f"{part[name]:.4f}" for name in ("click_rate", "unsupported", "too_long") for part in (before, after))
            table.add_row(str(seed), str(result["pairs"]), *pairs)
            found.append(result)
    better = sum(each["better"] for each in found)
    Console(stderr=True).print(table, "Simulated readers; no statement about real ones.")
    print(json.dumps({"simulation": True, "seeds": len(found), "better": better, "results": found}))
    raise SystemExit(0 if better == len(found) else 1)


if __name__ == "__main__":
    main()
