"""`shiftcast model`: export, train, refresh, evaluate and swap copywriters. Each sub-command lives in
`agents/model_commands/<name>.py`."""

from __future__ import annotations

from typing import Final

import click

from agents.commands.groups import LazyGroup, modules_in

SUBCOMMANDS: Final = {
    "fetch": "a small language model of others, or any GGUF file of its shape, as a model folder",
    "export": "turn a Hugging Face causal language model into a model folder, checked against the original",
    "teach": "the adapter that fetch adds to a small language model, learnt again from the repository's ads",
    "train": "make or tune a copywriter: from scratch, supervised, LoRA, preferences",
    "train-background": "make a small model that paints backgrounds of ads, from nothing",
    "refresh": "tune on new behaviour, evaluate, and announce only what is not worse",
    "evaluate": "quality figures of a model on briefs; two models side by side",
    "read": "a blind sheet of a model's copy for people to read, and what their marks say",
    "list": "versions in the registry, and which is current",
    "use": "make a version current: workers load it beside the old one and switch between batches",
    "rollback": "make the version before the current one current again",
    "shadow": "let a version write beside the current one, measured and not published",
}
"""Every sub-command with its one line."""


@click.group(cls=LazyGroup, module_of=modules_in("agents.model_commands"), lines=SUBCOMMANDS)
def command() -> None:
    """Make, check and swap copywriters."""
