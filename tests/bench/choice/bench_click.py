"""The click model on days it has not seen, beside the base rate and the arms' means; what a step costs.

    python -m tests.bench.choice.bench_click [--short] [--seed N]

It learns the first days of a log in order, once, and is judged on the last ones without learning them. The
simulated world knows its true rates (their log loss is the floor); the Open Bandit data (clicks of a fashion
shop, ../shared/data or SHIFTCAST_DATA) are small: their figures are printed as they are. The last line of the
output is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.click.features import feature_slots_of, tokens_of
from models.click.learner import Learning, Rates, Weights, expected_rates, learn_rates
from models.click.quality import calibration_by_bin, log_loss, quality_of
from tests.bench.choice.click_log import ClickLog, open_bandit, simulated

LOSSES: Final = {
    "log loss": Learning(),
    "focal, gamma 2": Learning(gamma=2.0),
    "clicks weighted 10": Learning(positive=10.0),
}
TRAIN_SHARE: Final = 0.7
_BATCH: Final = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    days, per_day = (14, 10_000) if args.short else (14, 100_000)
    log = simulated(np.random.default_rng(args.seed), 3_000 if args.short else 20_000, days, per_day)
    warm_up()
    report: dict[str, Any] = {"simulated": judged("simulated world", log)}
    folder = Path(os.environ.get("SHIFTCAST_DATA", "../shared/data")) / "open-bandit"
    if folder.exists():
        report["open_bandit"] = judged("Open Bandit data, men", open_bandit(folder))
    else:
        print(f"\nno Open Bandit data in {folder}: set SHIFTCAST_DATA to the folder that holds open-bandit")
    print(json.dumps(report))


def warm_up() -> None:
    """Load the kernels before anything is timed."""
    log = simulated(np.random.default_rng(0), 10, 1, 10)
    weights = Weights.fresh(Learning())
    learn_rates(weights, feature_slots_of(tokens_of(log.showings)), log.clicked, Learning())
    expected_rates(weights, feature_slots_of(tokens_of(log.showings)), Learning())


def judged(name: str, log: ClickLog) -> dict[str, Any]:
    """Every loss on one log, and what does without a model."""
    first = _first_held_out(log)
    clicked = log.clicked[first:]
    rate = log.clicked[:first].mean()
    print(f"\n{name}: {first:,} showings learnt, {len(clicked):,} held out, click rate {rate:.4f}")
    print(f"{'':22} {'log loss':>9} {'AUC':>6} {'p / y':>6} {'deciles':>13} {'us/update':>10} {'/score':>9}")
    report: dict[str, Any] = {"held_out": len(clicked), "clicks": int(clicked.sum())}
    _print("base rate", np.full(len(clicked), rate), clicked)
    _print("arm means", arm_means(log, first), clicked)
    report["base_log_loss"] = round(log_loss(np.full(len(clicked), rate), clicked), 5)
    report["arm_log_loss"] = round(log_loss(arm_means(log, first), clicked), 5)
    if log.truth is not None:
        _print("true rates", log.truth[first:], clicked)
        report["true_log_loss"] = round(log_loss(log.truth[first:], clicked), 5)
    for loss, learning in LOSSES.items():
        report[loss] = _learnt(loss, log, first, learning)
    return report


def _first_held_out(log: ClickLog) -> int:
    """The first showing of the first day after TRAIN_SHARE of the days, or of the showings where there are
    few days."""
    days = int(log.day.max()) + 1
    return int(np.searchsorted(log.day, round(TRAIN_SHARE * days)))


def _learnt(name: str, log: ClickLog, first: int, learning: Learning) -> dict[str, Any]:
    weights, begun = Weights.fresh(learning), time.process_time()
    for start in range(0, first, _BATCH):
        stop = min(first, start + _BATCH)
        slots = feature_slots_of(tokens_of(log.showings[start:stop]))
        learn_rates(weights, slots, log.clicked[start:stop], learning)
    update_us = 1e6 * (time.process_time() - begun) / first
    held, begun = log.showings[first:], time.process_time()
    parts = [
        expected_rates(weights, feature_slots_of(tokens_of(held[start : start + _BATCH])), learning)
        for start in range(0, len(held), _BATCH)
    ]
    score_us = 1e6 * (time.process_time() - begun) / len(held)
    rates, clicked = np.concatenate(parts), log.clicked[first:]
    _print(name, rates, clicked, f"{update_us:10.2f} {score_us:9.2f}")
    quality, deciles = quality_of(rates, clicked), calibration_by_bin(rates, clicked)
    return {
        "log_loss": _rounded(quality.log_loss), "auc": _rounded(quality.auc),
        "calibration": _rounded(quality.calibration),
        "worst_decile": _rounded(float(np.abs(deciles - 1).max())),
        "update_us": round(update_us, 2), "score_us": round(score_us, 2),
    }  # fmt: skip


def arm_means(log: ClickLog, first: int) -> Rates:
    """What the mean click rate of each campaign, style and slot says of the held-out showings, drawn towards
    the base rate by one click."""
    names = [(each.campaign_id, each.style, each.slot) for each in log.showings]
    _, codes = np.unique(["|".join(name) for name in names], return_inverse=True)
    base = log.clicked[:first].mean()
    shown = np.bincount(codes[:first], minlength=codes.max() + 1)
    clicks = np.bincount(codes[:first], log.clicked[:first], minlength=codes.max() + 1)
    return np.asarray(((clicks + 1) / (shown + 1 / base))[codes[first:]], np.float64)


def _print(name: str, rates: Rates, clicked: Any, cost: str = "") -> None:
    quality, deciles = quality_of(rates, clicked), calibration_by_bin(rates, clicked)
    span = f"{deciles.min():.2f} to {deciles.max():.2f}"
    print(
        f"{name:22} {quality.log_loss or 0:9.5f} {quality.auc or 0:6.3f} {quality.calibration or 0:6.2f} "
        f"{span:>13} {cost}"
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 5)


if __name__ == "__main__":
    main()
