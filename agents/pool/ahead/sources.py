"""Which words of a copy stand in its brief or row, and where in the row's text: what a person looks at first
who approves it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from models.brief.brief import Brief, Copy
from models.brief.slots import slot_texts
from models.brief.spans import spans_of
from models.text.normalise import fold_text
from streams import records as r

_KINDS = {
    "title": "title",
    "noun": "noun",
    "brand": "brand",
    "price": "price",
    "save": "saving",
    "fact": "fact",
}


def sources_of(copy: Copy, brief: Brief) -> list[r.CopySource]:
    """Each source once, in the words of the brief."""
    said = fold_text(f"{copy.headline} \n {copy.description}")
    found = {text: kind for kind, text in _stated(brief) if fold_text(text).rstrip(" .") in said}
    if copy.cta in brief.ctas:
        found[copy.cta] = "cta"
    quoted = [r.CopySource("text", text, start, end) for start, end, text in spans_of(copy, brief)]
    return [*(r.CopySource(kind, text) for text, kind in found.items()), *quoted]


def _stated(brief: Brief) -> Iterator[tuple[str, str]]:
    texts = slot_texts(brief)
    yield from ((kind, texts[name]) for name, kind in _KINDS.items() if name in texts)
    yield from (("fact", text) for text in (*brief.must_use, *brief.claims, *brief.facts) if text.strip())
