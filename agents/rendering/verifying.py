"""A file's credentials in words."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Final

from models.credentials.reading import Credentials, UnreadableFileError, read_credentials

WHOLE: Final = ("trusted", "valid")
_TYPES: Final = {".avif": "image/avif", ".webp": "image/webp"}
"""Those that not every Python knows."""
_SAID: Final = {
    "trusted": "signed, unchanged since, by an authority that you trust",
    "valid": "signed, unchanged since; --anchors with an authority's certificate tells whether it vouches",
    "invalid": "changed after it was signed, or signed wrongly",
    "none": "carries no credentials",
}


def credentials_of(file: Path, anchors: Path | None) -> Credentials:
    """What a file says of itself, checked. Raises OSError, UnreadableFileError."""
    mime = _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0]
    if mime is None:
        raise UnreadableFileError(f"{file.name}: not known by its ending, give .jpg, .avif, .mp4 ...")
    return read_credentials(file.read_bytes(), mime, "" if anchors is None else anchors.read_text())


def verdict_lines(found: Credentials) -> list[str]:
    """What to print."""
    facts = {
        "signed by": found.signer,
        "issued by": found.issuer,
        "made with": found.maker,
        "digital source type": found.origin,
        "placed in it": ", ".join(found.supplied),
        "wrong": ", ".join(found.faults),
    }
    return [
        f"{found.state}: {_SAID[found.state]}",
        *(f"  {name}: {told}" for name, told in facts.items() if told),
    ]
