"""What a text is about: one of the domains the built-in copywriter has words for, by a linear classifier over
tokens. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.brief.brief import Brief
from models.brief.slots import slot_texts
from models.text.normalise import clean

DOMAINS: Final = (
    "any", "apparel", "appliances", "baby", "bags", "beauty", "decor", "electronics", "food", "footwear",
    "furniture", "garden", "jewelry",
    "kitchen", "music", "office", "outdoors", "party", "pets", "sports", "tools", "toys", "wellness",
)  # fmt: skip
"""Domains of products, as words_<language>.toml has them; "any" is what nobody can tell."""
FILE: Final = "topics.npy"
"""The classifier's weights in a model folder or checkpoint."""
_NAME_WIDTH: Final = 48
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Topics:
    """`evidence` (text tokens, domains): what a token says for a domain, in nats before the softmax."""

    evidence: NDArray[np.float32]

    def of(self, ids: Sequence[int]) -> str:
        """The domain that most speaks for, each token heard once; "any" when nothing does."""
        return DOMAINS[int(self.evidence[sorted(set(ids))].sum(axis=0).argmax())] if ids else DOMAINS[0]

    def to_bytes(self) -> bytes:
        """The weights as a NumPy file, in half precision."""
        out = io.BytesIO()
        np.save(out, self.evidence.astype(np.float16), allow_pickle=False)
        return out.getvalue()

    @classmethod
    def read(cls, data: bytes) -> Topics:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        evidence = np.load(io.BytesIO(data), allow_pickle=False)
        if evidence.ndim != 2 or evidence.shape[1] != len(DOMAINS):
            raise ValueError(f"{FILE} has shape {evidence.shape}, expected (tokens, {len(DOMAINS)})")
        return cls(evidence.astype(np.float32))


def item_words(brief: Brief) -> str:
    """What tells an item's domain: its noun, title and category."""
    slots = slot_texts(brief)
    return _words(f"{slots.get('noun', '')} {slots.get('title', '')} {clean(brief.category, _NAME_WIDTH)}")


def interest_words(name: str) -> str:
    """What tells the domain of an interest: its name, "homedecor.clocks" for example."""
    return _words(clean(name, _NAME_WIDTH))


def _words(text: str) -> str:
    """Words in lower case with a space before each, as tokenizers know them; "" for none."""
    words = _BETWEEN.sub(" ", text.lower()).strip()
    return words and f" {words}"
