"""The curves of a run as files that TensorBoard reads: `tensorboard --logdir FOLDER`. Needs the `train`
extra."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tensorboardX import SummaryWriter

FOLDER: Final = "curves"


class Curves:
    """Values by step, in `folder`/curves."""

    def __init__(self, folder: Path) -> None:
        self._writer = SummaryWriter(str(folder / FOLDER))

    def add(self, name: str, step: int, value: float) -> None:
        """One point of a curve."""
        self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Writes what is not written yet."""
        self._writer.close()
