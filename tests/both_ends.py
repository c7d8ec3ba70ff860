"""Which process runs which file: files that wait for brokers and files that compute, side by side."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadFileScheduling


class BothEnds(LoadFileScheduling):
    """Files come in order, those on a broker first, which are asleep for half of the time. One process begins
    with the last file, so that there is always something to compute meanwhile."""

    def _assign_work_unit(self, node: Any) -> None:
        if node is self.nodes[0]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
