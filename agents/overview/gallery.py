"""The newest pictures and clips of creatives, each once, however many creatives show it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Any, Final

from models.scene.layouts import layouts
from streams import records
from streams.mapping.ads import ad_of, own_asset

PICTURES: Final = 96
_EXPECTED: Final = 10_000


@dataclass(frozen=True)
class GalleryPicture:
    """A picture, or the poster of a clip, as it may be shown to anyone; `file`, `clip` and `captions` are
    names in the folder of pictures, '' = there is none."""

    file: str
    campaign_id: str
    slot: str
    lang: str
    audience: str  # user | segment | default
    item_id: str  # pictures of one item and slot are its variants
    template_id: str
    headline: str
    w: int
    h: int
    clip: str = ""
    captions: str = ""


class Gallery:
    """Feed it with creatives as they come, and come again with pictures of their own."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, GalleryPicture] = OrderedDict()
        self._without: OrderedDict[str, None] = OrderedDict()
        self._file_of: OrderedDict[str, str] = OrderedDict()

    def take(self, creative: records.Creative) -> None:
        """A creative that shows a picture of its own, or a user's that may come again with one."""
        if (own := own_asset(creative)) is not None:
            self._hang(creative, own)
        elif creative.audience.type == "user" and creative.slot in layouts():
            self._without[creative.creative_id] = None
            if len(self._without) > _EXPECTED:
                self._without.popitem(last=False)

    def without(self) -> int:
        """How many of the newest creatives have no picture of their own."""
        return len(self._without)

    def file_of(self, creative_id: str) -> str:
        """The picture of a creative, '' = none that is known."""
        return self._file_of.get(creative_id, "")

    def clips(self) -> list[GalleryPicture]:
        """Those that can be played."""
        return [each for each in self._shown.values() if each.clip]

    def newest(self) -> list[GalleryPicture]:
        """All of them, newest first."""
        return list(reversed(self._shown.values()))

    def public(self) -> list[dict[str, Any]]:
        """Newest first."""
        return [asdict(each) for each in self.newest()]

    def _hang(self, creative: records.Creative, asset: records.Asset) -> None:
        """One that is known comes to the front."""
        self._without.pop(creative.creative_id, None)
        ad = ad_of(creative)
        file = self._file_of[creative.creative_id] = _file(asset.url)
        self._file_of.move_to_end(creative.creative_id)
        if len(self._file_of) > _EXPECTED:
            self._file_of.popitem(last=False)
        self._shown[file] = GalleryPicture(
            file,
            creative.campaign_id,
            creative.slot,
            creative.lang,
            creative.audience.type,
            creative.item_id or "",
            creative.template_id,
            creative.copy.headline,
            asset.w or 0,
            asset.h or 0,
            _file(ad.clip.url) if ad.clip else "",
            _file(ad.captions),
        )
        self._shown.move_to_end(file)
        if len(self._shown) > PICTURES:
            self._shown.popitem(last=False)


def _file(url: str) -> str:
    return url.rpartition("/")[2]
