"""A real `shiftcast serve` process and its token."""

from __future__ import annotations

from pathlib import Path

from streams.settings import Settings
from tests.server_process import Answered, ServerProcess

TOKEN = "a-token"


class LookupServer(ServerProcess):
    """One process; `core` keeps it on one of the machine's cores."""

    def __init__(self, settings: Settings, log: Path, core: int | None = None, **env: str) -> None:
        own = {"SHIFTCAST_SERVE_PORT": "0", "SHIFTCAST_SERVE_TOKENS": TOKEN, **env}
        super().__init__("agents.serve_creatives", "creatives", settings, log, core, own)

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Answered:
        """A request with the token."""
        return super().ask(path, body, **{"Authorization": f"Bearer {TOKEN}", **headers})

    def restore_s(self) -> float:
        """What it says its reading of the topics took."""
        return self.metric("shiftcast_restore_seconds")
