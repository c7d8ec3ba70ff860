"""The look-up for ad servers as a process of its own: `python -m agents.serve_creatives` is `shiftcast
serve`, for whoever starts workers by their module. It reads topics without a group: each process holds all.
"""

from __future__ import annotations

from agents.run_commands import main

if __name__ == "__main__":
    main(["serve"])
