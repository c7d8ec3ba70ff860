"""host:port,... as people write them, read once."""

from __future__ import annotations

import re
from typing import Final

Address = tuple[str, int]
_FORM: Final = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/\[\],@]+)):(\d{1,5})")


def split_addresses(text: str) -> list[Address]:
    """Host and port of each server. Raises ValueError with the rule that the text breaks."""
    addresses = []
    for part in text.split(","):
        server = part.strip()
        scheme, marked, rest = server.partition("://")
        if marked:
            raise ValueError(f"give {rest or 'host:port'} without {scheme}://")
        found = _FORM.fullmatch(server)
        if found is None or not 0 < int(found[3]) < 65_536:
            raise ValueError(f"give host:port,host:port,... ({server!r} is not host:port)")
        addresses.append((found[1] or found[2], int(found[3])))
    return addresses


def join_address(host: str, port: int) -> str:
    """host:port, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
