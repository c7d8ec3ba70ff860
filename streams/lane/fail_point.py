"""Named steps at which a fault test has the process kill itself, as a power cut would, or stop itself, as a
paused machine would: `after_apply`, or `acked:3` = the third time, or `acked:3:stop`."""

from __future__ import annotations

import os
import signal
from typing import Final

FAIL_STEPS: Final = (
    "after_apply", "outputs_sent", "outputs_acked", "changelog_sent", "changelog_acked", "store_written",
    "acked", "committed",
)  # fmt: skip
"""The steps of one flush in the order of durability."""
ANSWER_STEPS: Final = ("creatives_acked", "ending_acked")
"""The steps of one answer of the generator, before its request may be committed."""
FILL_STEPS: Final = ("copy_judged", "copy_acked")
"""The steps of one filling of the pool of copy: drafts are judged, the entries are stored."""
SWAP_STEPS: Final = ("swap_loaded", "swap_switched")
"""The steps of one swap of copywriters: the new one is warm, the reference has changed."""

PICTURE_STEPS: Final = ("pictures_stored", "pictures_acked")
"""The steps of one batch of pictures: the files are there, the creatives that name them are out."""


class FailPoint:
    """Counts passes of one step and ends the process by SIGKILL at the wanted one, or halts it by SIGSTOP.
    None: does nothing."""

    def __init__(self, wanted: str | None) -> None:
        self._step, _, rest = (wanted or "").partition(":")
        count, _, how = rest.partition(":")
        known = (*FAIL_STEPS, *ANSWER_STEPS, *FILL_STEPS, *SWAP_STEPS, *PICTURE_STEPS)
        if (self._step and self._step not in known) or how not in ("", "stop"):
            raise ValueError(
                f"SHIFTCAST_FAIL_POINT is {wanted!r}: give one of {', '.join(known)}, with :n for the n-th "
                "pass and :stop to halt there instead of dying"
            )
        self._left = int(count or 1)
        self._signal = signal.SIGSTOP if how else signal.SIGKILL

    def passed(self, step: str) -> None:
        """The process is at `step`."""
        if step != self._step:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._signal)
