"""A synthetic catalogue: `kinds` of things with words of their own, so that likeness of text is known by
construction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.catalog.fitting import refitted
from models.catalog.space import encoder
from models.catalog.space.basis import item_text_of
from models.catalog.version import Catalog
from models.item import Item

SYLLABLES = (
    "ba",
    "ko",
    "ri",
    "mu",
    "ste",
    "la",
    "ven",
    "do",
    "pi",
    "gra",
    "no",
    "shu",
    "tel",
    "wi",
    "zor",
    "fa",
)


def word(number: int) -> str:
    """A pronounceable word of its own for each number."""
    return "".join(SYLLABLES[(number // 16**place + 5 * place) % 16] for place in range(3))


def items(n: int = 240, kinds: int = 24, seed: int = 7) -> list[Item]:
    """Items i0..: kind = category = i % kinds, five words of the kind's twelve each, prices around 10 to
    100."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(n):
        kind = i % kinds
        words = [word(kind * 40 + int(w)) for w in rng.choice(12, 5, replace=False)]
        noun = word(kind * 40 + 30)
        price = int(np.exp(rng.normal(np.log(1000 + 300 * kind), 0.3)))
        made.append(
            Item(
                f"i{i}",
                f"{' '.join(words)} {noun}",
                f"https://shop.example/i{i}",
                noun,
                (f"kind-{kind:02d}",),
                price_minor=price,
            )
        )
    return made


def encoder_for(some: Sequence[Item], seed: int = 0) -> encoder.HashedEncoder:
    """The built-in encoder fitted on these items."""
    return encoder.fit_encoder([item_text_of(item) for item in some], seed=seed)


def catalogue(
    some: Sequence[Item] | None = None,
    previous: Catalog | None = None,
    categories: bool | None = None,
    seed: int = 0,
) -> Catalog:
    """A version of these items, by default the standard ones."""
    some = items() if some is None else some
    return refitted(some, encoder_for(some, seed), previous, categories)
