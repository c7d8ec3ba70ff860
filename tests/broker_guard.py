"""Ends the broker of a test run that is over, however it ended: `python -m tests.broker_guard FOLDER` waits
until whoever started it closes its input, which a run that its timeout ends does as well."""

from __future__ import annotations

import sys
from pathlib import Path

from streams.local_broker.server import Broker


def main() -> None:
    sys.stdin.read()
    local = Broker(Path(sys.argv[1]))
    local.stop()
    local.wipe()


if __name__ == "__main__":
    main()
