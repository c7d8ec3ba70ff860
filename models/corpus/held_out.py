"""Which authored items no model trains on: drawn by hashes of title, brand and category, so that evaluation
meets items, brands and categories that nothing has learnt."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from models.corpus.authored import AuthoredItem

_OF_HUNDRED: Final = {"title": 4, "brand": 3, "category": 5}
"""Shares held out, in hundredths."""


def is_held_out(item: AuthoredItem) -> bool:
    """Whether an item is kept for evaluation."""
    named = {"title": item.title, "brand": item.brand, "category": ".".join(item.cat)}
    return any(text and _draw(kind, text) < _OF_HUNDRED[kind] for kind, text in named.items())


def _draw(kind: str, text: str) -> int:
    return int.from_bytes(sha256(f"{kind}|{text.casefold()}".encode()).digest()[:8]) % 100
