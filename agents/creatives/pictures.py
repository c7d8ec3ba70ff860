"""A creative that goes out asks for a picture of its own. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from models.brief.price import price_text
from models.campaigns import Campaign
from models.item import Item
from models.scene.layouts import layouts
from streams import records as r
from streams import topics
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.topic_codec import creative_key

MOST_WORDS: Final = 8
"""Categories told of a thing."""


class PictureAsker:
    """`enabled` is False where no address is known that pictures could be had at. `find` gives campaign and
    item of a creative as they are now, None where they are gone."""

    def __init__(
        self,
        enabled: bool,
        find: Callable[[r.Creative], tuple[Campaign, Item] | None],
        partitions: int,
    ) -> None:
        self._enabled = enabled
        self._find = find
        self._partitions = partitions

    def requests(self, made: Sequence[r.Creative], now_ms: int) -> list[Output]:
        """One request for each creative whose slot has pictures."""
        outputs = []
        for creative in made if self._enabled else ():
            found = self._find(creative) if creative.slot in layouts() else None
            if found is not None:
                outputs.append(self._output(creative, look_of(creative, *found), now_ms))
        return outputs

    def _output(self, creative: r.Creative, look: r.Look, now_ms: int) -> Output:
        raw = creative_key(creative).encode()
        stamped = headers(topics.RENDER_REQUEST.ce_type, creative.creative_id, now_ms)
        value = encode(r.RenderRequest(creative, look))
        return Output(topics.RENDER_REQUEST.name, raw, value, partition(raw, self._partitions), stamped)


def look_of(creative: r.Creative, campaign: Campaign, item: Item) -> r.Look:
    """Colours, names and price of what is advertised."""
    charged = item.charged_minor
    price = price_text(charged, item.currency, creative.lang) if charged is not None else ""
    names = [each for each in (item.noun, *item.categories[:MOST_WORDS]) if each]
    return r.Look(list(campaign.colours), names, price)
