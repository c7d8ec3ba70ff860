"""The recipe of the built-in copywriter: data this project writes itself, a small decoder from nothing,
minutes on one CPU core."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.copywriter.prompt import SPECIALS, Vocabulary
from models.corpus.examples import corpus_examples
from models.corpus.languages import LANGUAGES
from models.training.examples.batches import feed_of, pack
from models.training.examples.formats import PointerIds, read_note, save_note
from models.training.loop import UNFINISHED, OnTrainingReport, Training, TrainingPlan, mean_loss, silent
from models.training.losses import likelihood_loss
from models.training.scratch import ModelSizes, new_decoder, train_tokenizer, unwritable
from models.training.topics import fit_topics
from models.training.tuned import check_out

_TOKENIZER_EXAMPLES = 20_000
_HELD_OUT = 960


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """Everything that decides the weights."""

    seed: int = 1
    examples: int = 110_000
    steps: int = 3600
    batch: int = 32
    sizes: ModelSizes = field(default_factory=ModelSizes)
    languages: tuple[str, ...] = LANGUAGES

    @property
    def plan(self) -> TrainingPlan:
        what = f"{self.examples} examples in {', '.join(self.languages)}, batch {self.batch}"
        return TrainingPlan(
            self.steps,
            4e-3,
            self.seed,
            matrices_rate=0.02,
            weight_decay=0.01,
            checkpoint_every=100,
            what=what,
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON gives it back."""
        return (
            {name: value for name, value in asdict(self).items() if name != "sizes"}
            | {"languages": list(self.languages)}
            | asdict(self.sizes)
        )


def train_from_scratch(
    recipe: TrainingRecipe,
    folder: Path,
    clock: Callable[[], float] = time.process_time,
    report: OnTrainingReport = silent,
) -> dict[str, Any]:
    """Trains and writes the checkpoint (a Hugging Face folder with copywriter.json) to `folder`; returns the
    figures of the recipe.

    A run that was killed goes on from the folder's checkpoint.pt, and a finished checkpoint of the same
    recipe is left as it is. Raises ResumeError or CheckpointError when the folder belongs to another recipe.
    """
    known = _finished(folder, recipe)
    if known is not None:
        return known
    check_out(folder)
    began = clock()
    folder.mkdir(parents=True, exist_ok=True)
    data = list(corpus_examples(recipe.examples, recipe.seed, recipe.languages))
    tokenizer = train_tokenizer(data[:_TOKENIZER_EXAMPLES], recipe.sizes.text_tokens)
    vocabulary = Vocabulary(tokenizer, fit_topics(tokenizer, recipe.languages, recipe.seed))
    form = PointerIds(vocabulary)
    lost = unwritable(data, vocabulary)
    network = new_decoder(recipe.sizes, vocabulary, recipe.seed)
    network.set_attn_implementation(
        "eager"
    )  # for rows this short faster than the fused one, in bfloat16 by far
    encoded = [form.encode(example) for example in data]
    feed = feed_of(encoded, recipe.batch, recipe.seed, form.pad)
    rows = [form.encode(example) for example in corpus_examples(_HELD_OUT, recipe.seed + 1, recipe.languages)]
    held = [pack(rows[start : start + 48], form.pad) for start in range(0, len(rows), 48)]
    training = Training(network, recipe.plan, folder)

    def loss(step: int) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=_has_bfloat16()):
            return likelihood_loss(network, feed(step))

    outcome = training.run(loss, report=report)
    held_out = mean_loss(network, [lambda batch=batch: likelihood_loss(network, batch) for batch in held])
    figures = {
        **recipe.as_dict(),
        "parameters": sum(weight.numel() for weight in network.parameters()), "loss": round(outcome.loss, 4),
        "held_out_loss": round(held_out, 4), "unwritable_characters": len(lost),
        "cpu_seconds": round(clock() - began),
    }  # fmt: skip
    network.save_pretrained(folder)
    save_note(
        folder, vocabulary, {"locales": list(recipe.languages), "controls": list(SPECIALS), "recipe": figures}
    )
    (folder / UNFINISHED).unlink(missing_ok=True)
    return figures


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; where it does not, float32 is faster."""
    known = torch.cpu.get_capabilities()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def _finished(folder: Path, recipe: TrainingRecipe) -> dict[str, Any] | None:
    """Figures of the checkpoint that lies in `folder`, None when it is not finished or not of this recipe."""
    note = None if (folder / UNFINISHED).exists() else read_note(folder)
    figures: dict[str, Any] = note["recipe"] if note else {}
    return figures if recipe.as_dict().items() <= figures.items() else None
