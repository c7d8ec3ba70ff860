"""A real `shiftcast collect` process and its folder."""

from __future__ import annotations

from pathlib import Path

from streams.settings import Settings
from tests.agents.collecting.beacons import KEY
from tests.server_process import ServerProcess


class CollectorServer(ServerProcess):
    """One process on a folder that the next one takes over."""

    def __init__(
        self, settings: Settings, folder: Path, log: Path, core: int | None = None, **env: str
    ) -> None:
        own = {
            "SHIFTCAST_COLLECT_PORT": "0",
            "SHIFTCAST_COLLECT_KEYS": KEY,
            "SHIFTCAST_COLLECT_PER_S": "1000000",
            "SHIFTCAST_DATA_DIR": str(folder),
            "SHIFTCAST_PARTITIONS": str(settings.partitions),
            **env,
        }
        super().__init__("agents.collect_events", "collector", settings, log, core, own)
