"""What happens: one verb per file, each a Faust app of its own."""

import os
import sys
from typing import TYPE_CHECKING

# Set before numpy is first imported. The matrix products here are small and several workers share the cores:
# BLAS threads
# that spin for each other made a catalogue of 700 items take 15 s instead of 1 s. An operator's own value
# stays.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if not TYPE_CHECKING:  # a checker would take every name for one

    def __getattr__(name: str) -> object:
        """Faust looks here for what `-A agents.<name>` means before it imports that: a name that is no
        worker's ends with one line, and not with a trace."""
        from agents.worker_modules import wrong_app

        if (why := wrong_app(f"{__name__}.{name}", sys.argv)) is not None:
            from streams.loud_end import end_now

            end_now(why)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
