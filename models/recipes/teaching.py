"""The recipe of the adapter that `shiftcast model fetch` adds: low-rank changes of the upper layers of a
small language model, learnt from ads that people wrote one by one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoModelForCausalLM

from models.corpus.authored import AuthoredLine
from models.corpus.held_out import is_held_out
from models.corpus.shipped import preferred
from models.gguf.adapter import SUFFIX, LowRank, TaughtAdapter, write_adapter
from models.gguf.reading import read_gguf
from models.preference.dpo import DpoSettings, PreferencePair, train_dpo
from models.training.examples.batches import Encoded
from models.training.examples.branches import ItemRow, feed_of_items, pack_items
from models.training.item_rows import AdIds, authored_lines
from models.training.loop import UNFINISHED, OnTrainingReport, Training, TrainingPlan, silent
from models.training.supervised import DataError
from models.training.tuned import Tuning, prepare
from models.training.upper_layers import KEPT, UpperLayers

NAME: Final = "adapter" + SUFFIX
PAIRS: Final = "pairs"
"""In the folder of a run: where learning from pairs goes on from."""
_AT_ONCE: Final = 4
_WATCHED: Final = 16
"""Held-out items whose loss is followed."""
_PEFT: Final = "base_model.model."


OnStep = Callable[[int, int, float], None]
"""Hears the steps done, how many there are, and the mean loss of the last ones."""


def unheard(step: int, steps: int, loss: float) -> None:
    """Reports nothing."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """`epochs` over all items, `items` per step; `frozen`: lowest layers left as they are."""

    epochs: float = 1.0
    items: int = 3
    rank: int = 16
    frozen: int = 16
    learning_rate: float = 1e-3
    seed: int = 1
    pair_steps: int = 0
    """Steps on pairs of a refused ad and of what took its place, after those on ads."""


def teach(
    base: Path, data: Sequence[Path], out: Path, wish: Teaching, locale: str = "en", version: str = "2",
    report: OnStep = unheard,
    evaluated: OnTrainingReport = silent,
) -> dict[str, Any]:  # fmt: skip
    """Teaches the GGUF file `base` what the ads of `data` in a language show; writes `out`/adapter.npz and
    its card, and returns the card. A run that was killed goes on. Raises DataError, GgufError,
    ResumeError."""
    began = time.process_time()
    model = read_gguf(base)
    ids = AdIds(Tokenizer.from_str(model.tokenizer.decode()))
    lines = [line for line in authored_lines(data) if line.locale == locale]
    train, held = (_rows(ids, lines, held_out=which) for which in (False, True))
    network = AutoModelForCausalLM.from_pretrained(base.parent, gguf_file=base.name, dtype=torch.float32)
    network = prepare(network, Tuning(wish.rank, 2.0 * wish.rank, frozen=wish.frozen), wish.seed)
    network.train()
    learner, pad = UpperLayers(network, wish.frozen), model.spec.pad
    watched = held[:_WATCHED]
    kept, kept_held = learner.kept(train, pad, out), learner.kept(watched, pad, out)
    size = min(wish.items, len(train))
    feed = feed_of_items(train, size, wish.seed)
    steps = max(1, round(wish.epochs * len(train) / size))
    plan = TrainingPlan(
        steps, wish.learning_rate, wish.seed, evaluate_every=max(1, steps // 4), checkpoint_every=20,
        what=f"{_sum(base)} {_digest(lines)} {wish}",
    )  # fmt: skip

    def loss(step: int) -> Tensor:
        found = feed(step)
        return learner.loss(pack_items([train[at] for at in found], pad), [kept[at] for at in found])

    before = _mean_loss(learner, watched, kept_held, pad)
    evaluated(0, before)
    training = Training(network, plan, out)

    def held_out() -> float:
        value = _mean_loss(learner, watched, kept_held, pad)
        evaluated(training.step, value)
        return value

    outcome = training.run(loss, held_out, lambda step, recent: report(step, steps, recent))
    held_out_loss, pairs = outcome.held_out, _pairs(ids, locale) if wish.pair_steps else []
    if pairs:
        _prefer(network, pairs, pad, wish, out / PAIRS)
        evaluated(steps + wish.pair_steps, held_out_loss := _mean_loss(learner, watched, kept_held, pad))
    learnt = {
        "steps": outcome.steps,
        **_corpus(lines, train, held),
        "loss": round(outcome.loss, 4),
        "pairs": len(pairs),
        "held_out_before": round(before, 4),
        "held_out_loss": round(held_out_loss, 4),
        "cpu_s": round(time.process_time() - began),
    }
    card = _card(base, version, locale, wish, learnt)
    write_adapter(out / NAME, TaughtAdapter(_low_rank(network), card))
    for name in (UNFINISHED, KEPT):
        (out / name).unlink(missing_ok=True)
    shutil.rmtree(out / PAIRS, ignore_errors=True)
    return card


def _corpus(
    lines: Sequence[AuthoredLine], train: Sequence[ItemRow], held: Sequence[ItemRow]
) -> dict[str, Any]:
    """What was learnt from, and what was not."""
    return {
        "corpus": _digest(lines),
        "trained_items": len(train),
        "trained_ads": sum(len(row.ads) for row in train),
        "held_out_items": len(held),
        "held_out_ads": sum(len(row.ads) for row in held),
    }


def _card(base: Path, version: str, locale: str, wish: Teaching, learnt: dict[str, Any]) -> dict[str, Any]:
    """What the adapter says of itself."""
    kind = "LoRA, supervised" + ", then preferences" * (learnt["pairs"] > 0)
    return {
        "version": version,
        "base": _sum(base),
        "writing": "ads",
        "locales": [locale],
        "temperature": 0.5,
        "floor": 0.05,
        "quality": {},
        "recipe": {"kind": kind, **asdict(wish), **learnt},
    }


def _pairs(ids: AdIds, locale: str) -> list[PreferencePair]:
    """Of every item that is not held out: what readers took, and what they refused in its place."""
    rows = (ids.row(line) for line in preferred() if line.locale == locale and not is_held_out(line.item))
    sides = ([Encoded(row.shared + ad.prompt, ad.copy) for ad in row.ads] for row in rows)
    return [PreferencePair(liked, refused, 1.0) for liked, refused in sides]


def _prefer(network: Any, pairs: Sequence[PreferencePair], pad: int, wish: Teaching, out: Path) -> None:
    plan = TrainingPlan(
        wish.pair_steps, wish.learning_rate / 10, wish.seed, checkpoint_every=5, what=f"{len(pairs)} {wish}"
    )
    train_dpo(network, pad, pairs, plan, DpoSettings(batch=wish.items * 2), out)


def _rows(ids: AdIds, lines: Sequence[AuthoredLine], held_out: bool) -> list[ItemRow]:
    rows = [ids.row(line) for line in lines if is_held_out(line.item) == held_out]
    if not rows:
        which = "held out" if held_out else "trained on"
        raise DataError(f"no item of {len(lines)} would be {which}: give --data with more ads")
    return rows


@torch.no_grad()
def _mean_loss(learner: UpperLayers, rows: Sequence[ItemRow], kept: Sequence[Tensor], pad: int) -> float:
    """Per token of copy."""
    total, count = 0.0, 0
    for start in range(0, len(rows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found, _, _ = learner.log_probs(pack_items(rows[part], pad), kept[part])
        total, count = total - float(found.sum()), count + len(found)
    return total / count


def _low_rank(network: Any) -> dict[str, LowRank]:
    """What was learnt, by checkpoint name."""
    found = {}
    for name, module in network.named_modules():
        if hasattr(module, "lora_A") and module.lora_A:
            (key,) = module.lora_A
            inner, out = module.lora_A[key].weight, module.lora_B[key].weight * module.scaling[key]
            found[f"{name.removeprefix(_PEFT)}.weight"] = LowRank(
                *(each.detach().to(torch.float16).numpy() for each in (inner, out))
            )
    return found


def _sum(file: Path) -> str:
    with file.open("rb") as data:
        return file_digest(data, "sha256").hexdigest()


def _digest(lines: Sequence[AuthoredLine]) -> str:
    return sha256(repr(lines).encode()).hexdigest()[:12]
