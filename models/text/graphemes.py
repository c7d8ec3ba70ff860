"""Length of text as an ad format counts it: grapheme clusters, double-width ones count two (contracts of the
exchanges)."""

from __future__ import annotations

import unicodedata

import regex

_CLUSTER = regex.compile(r"\X")
_WORD_END = regex.compile(r"\s+")


def _cluster_width(cluster: str) -> int:
    """2 for an East Asian wide cluster or an emoji, else 1."""
    return 2 if any(unicodedata.east_asian_width(char) in "WF" for char in cluster) else 1


def shown_width(text: str) -> int:
    """Grapheme clusters of `text`, double-width ones counted twice."""
    if text.isascii():
        return len(text)
    return sum(_cluster_width(cluster) for cluster in _CLUSTER.findall(text))


def cut(text: str, limit: int) -> str:
    """The longest beginning of `text` within `limit` that ends at a word; a first word that is too long is
    cut between clusters."""
    if shown_width(text) <= limit:
        return text
    kept = ""
    for match in _WORD_END.finditer(text):
        if shown_width(text[: match.start()]) > limit:
            break
        kept = text[: match.start()]
    if kept:
        return kept.rstrip(" ,;:-–(&/")
    for cluster in _CLUSTER.findall(text):
        if shown_width(kept + cluster) > limit:
            break
        kept += cluster
    return kept
