"""The receiver of trackers as a process of its own: `python -m agents.collect_events` is `shiftcast collect`,
for whoever starts workers by their module. It consumes no topic: what comes in stands on disk until its topic
has it."""

from __future__ import annotations

from agents.run_commands import main

if __name__ == "__main__":
    main(["collect"])
