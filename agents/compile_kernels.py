"""`python -m agents.compile_kernels`: compiles what workers run at compiled speed, so that their starts only
load it. Part of an installation and of the images."""

from __future__ import annotations

import agents.profiles.workload  # noqa: F401 - declares kernels
import models.click.learner  # noqa: F401 - declares kernels
import streams.broker.producer
import streams.lane.arena  # noqa: F401 - declares kernels
from models.kernels.compiled import compile_kernels

if __name__ == "__main__":
    compile_kernels()
