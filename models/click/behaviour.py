"""What users take without being shown it, as lessons of the click model: each item that somebody took, beside
items that he did not take then.

Those are drawn evenly from the catalogue, so that a rate also tells how popular a thing is: it is asked for
where nothing else does (measured beside a draw by popularity in tests/bench/items/unexposed.py). Nothing of a
showing is known: campaign, slot and words have no slots, and the number 0 says why.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from models.arrays import IntArray
from models.click.features import INTERESTS, RECENT, Foreseen
from models.click.learner import Learning
from models.click.model import ClickLearner

CONTRASTS: Final = 4
"""Items not taken beside each that was: a positive weighs as much as they do at weight 4 (balanced)."""
BEHAVIOUR: Final = Learning(alpha=0.05, l2=1.0)
"""Steps are larger than those of showings, for positives are fewer."""
NO_EXPOSURE: Final = 0
MEMORY: Final = 64
"""Items of a user that are no contrast to his next one."""
_FADE: Final = 0.95
"""Weight of an interest as a share of what it was one positive ago: half after 14."""
_BATCH: Final = 4_096


class ItemTraits(NamedTuple):
    """What is known of an item: its interest code by name, its price tier among its like."""

    item_id: str
    code: str | None = None
    price: int | None = None


class UserWants(NamedTuple):
    """What is known of a user: his interest codes, strongest first; the items that he took, newest first; the
    tier of what he pays."""

    interest: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    tier: int | None = None


class Positives(NamedTuple):
    """What was taken (n,), by user and then by time: `item` indexes items, `bought` = paid for as well."""

    user: IntArray
    item: IntArray
    bought: IntArray


class Lesson(NamedTuple):
    """An item and whether it was taken, and bought."""

    asked: Foreseen
    taken: bool
    bought: bool


def unexposed(item: ItemTraits, wish: UserWants) -> Foreseen:
    """The question whether a user takes an item that he may not even see."""
    return Foreseen(
        item_id=item.item_id, code=item.code, number=NO_EXPOSURE, interest=wish.interest[:INTERESTS],
        price=item.price, tier=wish.tier, recent=wish.recent[:RECENT],
    )  # fmt: skip


@dataclass
class UserTaste:
    """What a user took until now."""

    codes: dict[str, float] = field(default_factory=dict)
    items: dict[int, None] = field(default_factory=dict)  # newest last
    prices: deque[int] = field(default_factory=lambda: deque(maxlen=MEMORY))

    def wish(self, items: Sequence[ItemTraits]) -> UserWants:
        """As it is told to the model."""
        codes = sorted(self.codes, key=lambda code: -self.codes[code])[:INTERESTS]
        recent = [items[row].item_id for row in list(self.items)[: -RECENT - 1 : -1]]
        tier = round(sum(self.prices) / len(self.prices)) if self.prices else None
        return UserWants(tuple(codes), tuple(recent), tier)

    def take(self, row: int, item: ItemTraits) -> None:
        """Another item was taken."""
        self.items.pop(row, None)
        self.items[row] = None
        if len(self.items) > MEMORY:
            del self.items[next(iter(self.items))]
        if item.price is not None:
            self.prices.append(item.price)
        if item.code is not None:
            self.codes = {code: weight * _FADE for code, weight in self.codes.items()}
            self.codes[item.code] = self.codes.get(item.code, 0.0) + 1.0


def lessons_of(
    positives: Positives, items: Sequence[ItemTraits], rng: np.random.Generator
) -> Iterator[Lesson]:
    """Of all users, in an order drawn by `rng`: from the second item of each on, for of who took nothing
    nothing is known."""
    borders = np.flatnonzero(np.diff(positives.user)) + 1
    lives = np.split(np.arange(len(positives.item)), borders)
    for at in rng.permutation(len(lives)).tolist():
        taste = UserTaste()
        for place in lives[at].tolist():
            row = int(positives.item[place])
            if taste.items:
                wish = taste.wish(items)
                yield Lesson(unexposed(items[row], wish), True, bool(positives.bought[place]))
                for other in rng.integers(len(items), size=CONTRASTS).tolist():
                    if other != row and other not in taste.items:
                        yield Lesson(unexposed(items[other], wish), False, False)
            taste.take(row, items[row])


def learn_behaviour(
    learner: ClickLearner, positives: Positives, items: Sequence[ItemTraits], rng: np.random.Generator
) -> None:
    """Two heads as of showings: whether an item is taken, and whether one that was taken is bought."""
    batch = list[Lesson]()
    for lesson in lessons_of(positives, items, rng):
        batch.append(lesson)
        if len(batch) == _BATCH:
            _learn(learner, batch)
            batch.clear()
    _learn(learner, batch)


def _learn(learner: ClickLearner, batch: Sequence[Lesson]) -> None:
    taken, bought = (np.array([lesson[at] for lesson in batch], np.bool_) for at in (1, 2))
    learner.learn([lesson.asked for lesson in batch], taken, bought)
