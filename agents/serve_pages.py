"""The read-only page as a process of its own: `python -m agents.serve_pages` is `shiftcast page`, for whoever
starts workers by their module."""

from __future__ import annotations

from agents.run_commands import main

if __name__ == "__main__":
    main(["page"])
