"""One catalogue row in our words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OFFERED: Final = frozenset(
    (
        "instock", "available", "preorder", "backorder", "presale", "limitedavailability", "onlineonly",
        "instoreonly", "madetoorder",
    )
)  # fmt: skip
"""Availability in letters only: schema.org's words and the Merchant Center's for what can be bought."""
GONE: Final = frozenset(("outofstock", "soldout", "discontinued", "unavailable", "reserved"))
"""The same for what cannot. Any other word counts as offered, and is a mistake of its feed."""


def availability_word(text: str) -> str:
    """Letters of an availability as feeds write it: "https://schema.org/OutOfStock", "out of stock"."""
    return "".join(filter(str.isalpha, text.rpartition("/")[2])).casefold()


@dataclass(frozen=True)
class Item:
    """Money in minor units of `currency`, None = unknown; `valid_until_ms` None = open. `noun` is what the
    thing is called, '' when the feed does not say."""

    item_id: str
    title: str
    url: str
    noun: str
    categories: tuple[str, ...] = ()
    text: str = ""
    price_minor: int | None = None
    salesprice_minor: int | None = None
    currency: str = ""
    available: bool = True
    valid_until_ms: int | None = None
    images: tuple[str, ...] = ()
    category_taxonomy: int | None = None

    @property
    def category(self) -> str:
        """The category that stands first: that of prices and tags; '' = none."""
        return self.categories[0] if self.categories else ""

    @property
    def charged_minor(self) -> int | None:
        """What a buyer pays now: the sales price when there is one."""
        return self.price_minor if self.salesprice_minor is None else self.salesprice_minor

    @property
    def offer(self) -> tuple[int | None, int | None, str, bool, int | None]:
        """What a creative promises of the item: when it changes, creatives made before are wrong."""
        return (
            self.price_minor,
            self.salesprice_minor,
            self.currency,
            self.available,
            self.valid_until_ms,
        )

    def is_retold(self, new: Item) -> bool:
        """Whether a creative may say, show or lead to what a newer row of the item does not have."""
        told = (self.title, self.url, self.noun, self.text)
        return told != (new.title, new.url, new.noun, new.text) or not set(self.images) <= set(new.images)
