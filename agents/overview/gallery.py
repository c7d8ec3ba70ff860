"""The newest pictures of creatives, each once, however many creatives show it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Any, Final

from streams import records

PICTURES: Final = 96


@dataclass(frozen=True)
class Shown:
    """A picture as it may be shown to anyone; `file` is its name in the folder of pictures."""

    file: str
    campaign_id: str
    slot: str
    lang: str
    headline: str
    w: int
    h: int


class Gallery:
    """Feed it with creatives that have pictures of their own."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, Shown] = OrderedDict()

    def take(self, creative: records.Creative) -> None:
        """The first picture of a creative; one that is known comes to the front."""
        asset = creative.assets[0]
        file = asset.url.rpartition("/")[2]
        self._shown[file] = Shown(
            file,
            creative.campaign_id,
            creative.slot,
            creative.lang,
            creative.copy.headline,
            asset.w or 0,
            asset.h or 0,
        )
        self._shown.move_to_end(file)
        if len(self._shown) > PICTURES:
            self._shown.popitem(last=False)

    def public(self) -> list[dict[str, Any]]:
        """Newest first."""
        return [asdict(each) for each in reversed(self._shown.values())]
