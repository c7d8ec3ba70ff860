"""The ads and refused ads that the project itself has in models/corpus/ads."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from models.brief.brief import Brief, Copy
from models.corpus.authored import AuthoredAd, AuthoredItem, AuthoredLine, briefs_of
from models.corpus.held_out import is_held_out

REFUSED_FILE: Final = "rejected.jsonl"


class ShippedAd(NamedTuple):
    """An ad with its brief; `moment` may say more than a brief can hold ("mother's day"); `held_out`: of
    an item that nothing is trained on; `refused`: why a reader would not run it, "" of those readers took."""

    brief: Brief
    copy: Copy
    moment: str
    held_out: bool
    refused: str = ""

    @property
    def moment_told(self) -> bool:
        """Whether the brief says all of the moment."""
        return self.moment == " ".join(part for part in (self.brief.weekday, self.brief.daypart) if part)


class _Refused(msgspec.Struct, frozen=True):
    item: AuthoredItem
    ad: AuthoredAd
    reason: str
    better: tuple[str, str, str] | None = None
    locale: str = "en"
    facts: list[str] = []


def shipped_ads() -> Iterator[ShippedAd]:
    """Every ad that readers took."""
    for name, lines in _files():
        for number, line in enumerate(lines if name != REFUSED_FILE else ()):
            authored = msgspec.json.decode(line, type=AuthoredLine)
            pairs = briefs_of(authored, f"{name.removesuffix('.jsonl')}-{number}")
            for (brief, copy), ad in zip(pairs, authored.ads, strict=True):
                yield ShippedAd(brief, copy, ad.moment, is_held_out(authored.item))


def refused_ads() -> Iterator[ShippedAd]:
    """Every ad that a reader refused, as it was."""
    for number, (authored, refused) in enumerate(_refused()):
        for brief, copy in briefs_of(authored, f"refused-{number}"):
            yield ShippedAd(brief, copy, refused.ad.moment, is_held_out(refused.item), refused.reason)


def preferred() -> Iterator[AuthoredLine]:
    """For every refused ad that another one took the place of the item with two ads: that one, and the ad as
    it was."""
    for authored, refused in _refused():
        if refused.better is None:
            continue
        headline, description, cta = refused.better
        better = replace(refused.ad, headline=headline, description=description, cta=cta)
        yield replace(authored, ads=[better, refused.ad])


def _refused() -> Iterator[tuple[AuthoredLine, _Refused]]:
    for line in dict(_files())[REFUSED_FILE]:
        refused = msgspec.json.decode(line, type=_Refused)
        yield AuthoredLine(refused.item, [refused.ad], refused.locale, refused.facts), refused


def _files() -> Iterator[tuple[str, list[bytes]]]:
    folder = files(__package__) / "ads"
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.endswith(".jsonl"):
            yield path.name, path.read_bytes().splitlines()
