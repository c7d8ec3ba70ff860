"""`shiftcast model`: export, train, refresh, evaluate and swap copywriters. Each sub-command lives in
`agents/model_commands/<name>.py`."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

SUBCOMMANDS: Final = {
    "fetch": "a small language model of others, or any GGUF file of its shape, as a model folder",
    "export": "turn a Hugging Face causal language model into a model folder, checked against the original",
    "teach": "the adapter that fetch adds to a small language model, learnt again from the repository's ads",
    "train": "make or tune a copywriter: from scratch, supervised, LoRA, preferences",
    "refresh": "tune on new behaviour, evaluate, and announce only what is not worse",
    "evaluate": "quality figures of a model on briefs; two models side by side",
    "read": "a blind sheet of a model's copy for people to read, and what their marks say",
    "list": "versions in the registry, and which is current",
    "use": "make a version current: workers load it beside the old one and switch between batches",
    "rollback": "make the version before the current one current again",
    "shadow": "let a version write beside the current one, measured and not published",
}
"""Every sub-command with its one line."""


class _Lazy(click.Group):
    """Imports a sub-command when it is asked for: torch loads for training only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = import_module(f"agents.model_commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUBCOMMANDS.items()))


@click.group(cls=_Lazy)
def command() -> None:
    """Make, check and swap copywriters."""
