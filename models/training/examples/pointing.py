"""Copy as shown -> copy with pointers: what stands in the row or the brief is pointed at, so that a pointer
model can learn from a log."""

from __future__ import annotations

import re
from typing import Final

from models.brief.brief import Brief, Copy
from models.brief.render import render_field
from models.brief.slots import COPY_SLOTS, cta_texts, slot_texts
from models.corpus.examples import CorpusExample

_DIGIT = re.compile(r"\d")
_ORDER: Final = ("passage", "fact", "title", "short", "brand", "anoun", "nouns", "noun", "price", "save")


def _pointed(text: str, slots: dict[str, str]) -> str:
    """`text` with the longest slot texts in it replaced by pointers, whole words only and without regard to
    capitals."""
    known = sorted(
        (name for name in COPY_SLOTS if name in slots),
        key=lambda name: (-len(slots[name]), _ORDER.index(name)),
    )
    for name in known:
        words = re.escape(slots[name])
        left, right = (r"(?<!\w)" if words[:1].isascii() else ""), (r"(?!\w)" if words[-1:].isascii() else "")
        parts = re.split(r"(<\w+>)", text)
        text = "".join(
            part if part[:1] == "<" else re.sub(left + words + right, f"<{name}>", part, flags=re.IGNORECASE)
            for part in parts
        )
    return text


def point_out(brief: Brief, copy: Copy) -> CorpusExample | None:
    """The example whose copy with pointers reads exactly as `copy`; None when it cannot be said that way.

    A number that no pointer stands for cannot be: the writer would learn to make numbers up.
    """
    slots = slot_texts(brief)
    middle = copy.scenes or (copy.description,)
    fields = [_pointed(text, slots) for text in (copy.headline, *middle)]
    if any(_DIGIT.search(field) for field in fields):
        return None
    ctas = cta_texts(brief)
    cta = f"<cta_{ctas.index(copy.cta)}>" if copy.cta in ctas else copy.cta
    if ctas and copy.cta not in ctas:
        return None
    shown = (copy.headline, *middle, copy.cta)
    if any(render_field(field, brief) != text for field, text in zip((*fields, cta), shown, strict=True)):
        return None
    return CorpusExample(brief, (*fields, cta))
