"""Named steps at which a fault test has the process kill itself, as a power cut would: `after_apply`, or
`acked:3` = the third time."""

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
SWAP_STEPS: Final = ("swap_loaded", "swap_switched")
"""The steps of one swap of copywriters: the new one is warm, the reference has changed."""


class FailPoint:
    """Counts passes of one step and ends the process by SIGKILL at the wanted one. None: does nothing."""

    def __init__(self, wanted: str | None) -> None:
        self._step, _, count = (wanted or "").partition(":")
        known = (*FAIL_STEPS, *ANSWER_STEPS, *SWAP_STEPS)
        if self._step and self._step not in known:
            raise ValueError(
                f"SHIFTCAST_FAIL_POINT is {wanted!r}: give one of {', '.join(known)}, with :n for the n-th "
                "pass"
            )
        self._left = int(count or 1)

    def passed(self, step: str) -> None:
        """The process is at `step`."""
        if step != self._step:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
