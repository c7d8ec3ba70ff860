"""The ads and refused ads that the project itself has in models/corpus/ads."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from models.brief.brief import Brief, Copy
from models.corpus.authored import AuthoredAd, AuthoredItem, AuthoredLine, briefs_of

REFUSED_FILE: Final = "rejected.jsonl"
READ_BY_WRITERS: Final = frozenset({"en-goods3.jsonl", "en-services2.jsonl"})
"""Files whose ads nobody has read yet but who wrote them."""


class ShippedAd(NamedTuple):
    """An ad with its brief; `moment` may say more than a brief can hold ("mother's day"); `refused`: why a
    reader would not run it, "" of those that readers took."""

    brief: Brief
    copy: Copy
    moment: str
    refused: str = ""

    @property
    def moment_told(self) -> bool:
        """Whether the brief says all of the moment."""
        return self.moment == " ".join(part for part in (self.brief.weekday, self.brief.daypart) if part)


class _Refused(msgspec.Struct, frozen=True):
    item: AuthoredItem
    ad: AuthoredAd
    reason: str
    better: tuple[str, str, str]
    locale: str = "en"
    facts: list[str] = []


def shipped_ads(without: frozenset[str] = frozenset()) -> Iterator[ShippedAd]:
    """Every ad, those of some files left out."""
    for name, lines in _files():
        for number, line in enumerate(lines if name not in without | {REFUSED_FILE} else ()):
            authored = msgspec.json.decode(line, type=AuthoredLine)
            pairs = briefs_of(authored, f"{name.removesuffix('.jsonl')}-{number}")
            for (brief, copy), ad in zip(pairs, authored.ads, strict=True):
                yield ShippedAd(brief, copy, ad.moment)


def read_by_others() -> Iterator[ShippedAd]:
    """The ads that a reader took who had not written them."""
    return shipped_ads(READ_BY_WRITERS)


def refused_ads() -> Iterator[ShippedAd]:
    """Every ad that a reader refused, as it was."""
    for number, (authored, refused) in enumerate(_refused()):
        for brief, copy in briefs_of(authored, f"refused-{number}"):
            yield ShippedAd(brief, copy, refused.ad.moment, refused.reason)


def preferred() -> Iterator[AuthoredLine]:
    """For every ad that a reader refused the item with two ads: what took its place, and the ad as it was."""
    for authored, refused in _refused():
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
