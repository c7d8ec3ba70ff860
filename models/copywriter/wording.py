"""How plain text asks a model for an ad, and the wording of models that this project teaches: short labelled
lines, what others wrote between quotes.

A change of a line here asks for teaching them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from models.brief.brief import Brief, copy_channel_of, limits_of
from models.brief.price import asked_price
from models.brief.quotes import quoted_words
from models.brief.slots import offered_facts
from models.text.category_leaf import leaf_name
from models.text.normalise import clean

_FACT_WIDTH: Final = 120
_FACTS, _OFFERS = 5, 3
_LONG, _MEDIUM = 80, 60  # columns of a description


class Wording(NamedTuple):
    """`shared`: the part that other prompts begin with, too; `own`: the rest, up to the first label;
    `labels`: what each line of the answer is called."""

    shared: Callable[[Brief], str]
    own: Callable[[Brief], str]
    labels: Callable[[Brief], tuple[str, ...]]
    script: bool  # a video's description is written line by line
    loose: bool  # a field that cannot go on is cut at its last sentence; else there is no draft
    least: float  # as in CopyFormat
    ranks: bool  # of several drafts the likeliest is the best
    chooses: bool  # the model chooses among the calls to action; else the brief's id does


def item_lines(brief: Brief, facts: Iterable[str]) -> str:
    """Brand, item and offers; `facts`: what the item's row tells of it."""
    offers = [clean(each, 60) for each in (*brief.must_use, *offered_facts(brief))]
    about = [clean(each, _FACT_WIDTH).rstrip(".;, ") for each in facts]
    parts = {
        "Brand": clean(brief.brand, 25),
        "Item": clean(brief.title, 80),
        "Kind": clean(brief.noun, 30),
        "Price": clean(asked_price(brief), 24),
        "About": "; ".join(about[:_FACTS]),
        "Offer": "; ".join(offers[:_OFFERS]),
    }
    return "\n".join(f"{name}: {_quoted(value)}" for name, value in parts.items() if value)


def wish_lines(brief: Brief, moment: str) -> str:
    """The reader, the moment and what kind of ad; the headline is to follow."""
    width = limits_of(brief.slot).description
    size = "long" if width >= _LONG else "medium" if width >= _MEDIUM else "short"
    reader = clean(", ".join(filter(None, map(leaf_name, brief.interest[:2]))), 48)
    parts = {
        "Reader": _quoted(reader) if reader else "",
        "When": clean(moment, 24),
        "Ad": ", ".join((copy_channel_of(brief.slot), size, clean(brief.tone, 24), brief.style, brief.goal)),
    }
    lines = "".join(f"\n{name}: {value}" for name, value in parts.items() if value)
    return f"{lines}\n{AD_LABELS[0]}:"


def moment_of(brief: Brief) -> str:
    """ "monday morning"; "" when nothing is known."""
    return " ".join(word for word in (brief.weekday, brief.daypart) if word)


def _quoted(text: str) -> str:
    """Text of others, which cannot end its own quotes."""
    return f'"{text.replace(chr(34), chr(39))}"'


AD_LABELS: Final = ("Headline", "Text", "Button")
ADS: Final = Wording(
    shared=lambda brief: item_lines(brief, quoted_words(brief)),
    own=lambda brief: wish_lines(brief, moment_of(brief)),
    labels=lambda _: AD_LABELS,
    script=False,
    loose=False,
    least=0.002,
    chooses=False,
    ranks=True,
)
