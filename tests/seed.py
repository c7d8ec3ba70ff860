"""The seed of a run: printed at its begin, given back with `--seed`."""

from __future__ import annotations

import os
from typing import Final

VARIABLE: Final = "FAULT_TEST_SEED"
"""How the seed reaches the processes that tests run in."""


def run_seed() -> int:
    """What every random part of a fault test, and whatever hypothesis draws, derives from."""
    return int(os.environ[VARIABLE])
