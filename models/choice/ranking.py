"""Which of several accepted copies to publish: one score of what can be known before anybody has seen them.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import Brief, Copy
from models.brief.slots import slot_texts
from models.choice.selection import BASE_RATE
from models.judge.judging import Judged
from models.review.simhash import novelty, simhash
from models.text.normalise import fold_text
from models.text.scripts import LETTERS
from models.text.variety import Pairs, new_share, said_pairs

WEIGHTS: Final = {"facts": 0.25, "policy": 0.15, "relevance": 0.20, "novelty": 0.30, "expected_ctr": 0.10}
"""Share of each part; they sum to 1. Novelty weighs most: the same copy again is worse than new copy beside
the point."""
UNRELATED: Final = 0.5
"""Share of differing bits between fingerprints of unrelated texts: at this distance copy counts as wholly
new."""
_GRAM: Final = 3


@dataclass(frozen=True, slots=True)
class CopyRank:
    """Parts in [0, 1].

    `facts`: share of what the row offers for this goal and style that is said. `policy`: 1 without a warning
    of review. X of the interest stands in the words. `novelty`: distance to the user's recent copy, or share
    of neighbouring words that other copy for the item does not say, whichever is less.
    `expected_ctr`: the arm's against the base rate, one half being average.
    """

    facts: float
    policy: float
    relevance: float
    novelty: float
    expected_ctr: float

    @property
    def total(self) -> float:
        """Weighted mean of the parts."""
        return sum(weight * float(getattr(self, name)) for name, weight in WEIGHTS.items())


def score_copy(
    copy: Copy,
    brief: Brief,
    warnings: int = 0,
    recent: Sequence[int] = (),
    expected_ctr: float = BASE_RATE,
    usual_ctr: float = BASE_RATE,
    said: Pairs = frozenset(),
) -> CopyRank:
    """The score of copy that review accepts with `warnings`.

    `recent`: fingerprints of what the user was shown; `expected_ctr`: reward rate of the arm by its posterior
    (clicks, or what else the goal counts), times what the click model makes of the words; `usual_ctr`: that
    of all campaigns of the goal; `said`: neighbouring words of other copy for the item.
    """
    words = fold_text(f"{copy.headline} {copy.description}")
    new = min(
        1.0,
        novelty(simhash(copy), recent) / UNRELATED,
        new_share(said_pairs(copy.headline, copy.description), said),
    )
    return CopyRank(
        _facts(words, brief, said),
        1 / (1 + warnings),
        _relevance(words, brief),
        new,
        expected_ctr / (expected_ctr + usual_ctr),
    )


def worth(rank: float, score: float, new: float = 1.0) -> float:
    """What copy is worth beside others of its place, written now or ahead: how it ranks, how likely a reader
    would run it, and the share of its neighbouring words that other copy for the item does not say.

    The judge counts twice: of copies that readers would run alike, the one that repeats least. Ten requests
    for each of 48 items, by rank times score: distinct-2 .602 and .862 publishable; so .616 and .857; with
    the judge counted once .620 and .853.
    """
    return rank * score**2 * new


def best(scores: Sequence[CopyRank], judged: Sequence[Judged], new: Sequence[float]) -> int:
    """Index of the copy that is worth most; where nothing in any of them is new, of the best; the earlier one
    of equals. Whether it may go out is said before (`drafting`)."""
    worths = [
        (worth(rank.total, each.score, share), worth(rank.total, each.score))
        for rank, each, share in zip(scores, judged, new, strict=True)
    ]
    return max(range(len(worths)), key=lambda index: (*worths[index], -index))


def _facts(words: str, brief: Brief, said: Pairs) -> float:
    """Share of the facts that copy of this style and goal should state and does; what is offered with the
    item is not asked for again once other copy `said` it."""
    slots = slot_texts(brief)
    wanted = [slots["noun"]] if "noun" in slots else []
    if "price" in slots and (brief.style == "offer" or brief.goal == "conversions" or brief.price_speaks):
        wanted.append(slots["price"])
    if "fact" in slots and (brief.must_use or new_share(said_pairs("", slots["fact"]), said)):
        wanted.append(slots["fact"])
    if brief.goal == "awareness" and "brand" in slots:
        wanted.append(slots["brand"])
    return sum(fold_text(fact) in words for fact in wanted) / len(wanted) if wanted else 1.0


def _relevance(said: str, brief: Brief) -> float:
    """Mean over the words of the interests of their best match among the words said (Dice of letter trigrams:
    endings matter little)."""
    wanted = [word for name in brief.interest for word in LETTERS.findall(fold_text(name)) if len(word) > 1]
    words = [_grams(word) for word in LETTERS.findall(said)]
    if not wanted:
        return 0.5
    return sum(max((_dice(_grams(word), other) for other in words), default=0.0) for word in wanted) / len(
        wanted
    )


def _grams(word: str) -> frozenset[str]:
    padded = f" {word} " if word.isascii() else word
    size = _GRAM if word.isascii() else min(2, len(word))
    return frozenset(padded[at : at + size] for at in range(max(1, len(padded) - size + 1)))


def _dice(left: frozenset[str], right: frozenset[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right))
