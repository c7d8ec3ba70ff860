"""What one user would be shown now, place by place and rung by rung: the user's own creative, the segment's,
the default. Read from the topics, as a look-up reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents.serving.lookup import CreativeLookup, FoundCreative
from streams.broker.read_once import read_topics
from streams.mapping.ads import own_asset
from streams.settings import Settings
from streams.topics import AUDIENCE, CREATIVE, REVOCATION
from streams.wire.view import ConsumedRecord


class Ladder:
    """Feed it with `take`; it keeps what concerns `user` alone, and what is everyone's."""

    def __init__(self, user: str) -> None:
        self._user, self._own = user, f"u:{user}|".encode()
        self._lookup = CreativeLookup()
        self._places: set[tuple[str, str]] = set()

    def take(self, record: ConsumedRecord) -> None:
        """One record of ads.creative.v1, ads.audience.v1 or ads.revocation.v1."""
        key = record.key or b""
        if record.topic == CREATIVE.name:
            if key.startswith(b"u:") and not key.startswith(self._own):
                return
            _, *place = key.decode(errors="replace").split("|")
            if len(place) == 2:
                self._places.add((place[0], place[1]))
        elif record.topic == AUDIENCE.name and key != self._user.encode():
            return
        self._lookup.take(record.topic, key, record.value)

    def told(self, now_ms: int) -> dict[str, Any]:
        """Places by campaign and slot, each with its rungs, best first; places where nothing may be shown are
        left out."""
        segment = self._lookup.segment_of(self._user)
        places = [
            {"campaign_id": campaign, "slot": slot, "rungs": rungs}
            for campaign, slot in sorted(self._places)
            if (rungs := _rungs(self._lookup.ladder(self._user, segment, campaign, slot, now_ms)))
        ]
        return {"segment": segment, "places": places}


def _rungs(found: Iterable[FoundCreative]) -> list[dict[str, Any]]:
    return [
        {
            "audience": each.creative.audience.type,
            "creative_id": each.creative.creative_id,
            "headline": each.creative.copy.headline,
            "description": each.creative.copy.description,
            "cta": each.creative.copy.cta,
            "source": each.creative.source,
            "picture": _picture(each),
            "expires": each.creative.expires,
        }
        for each in found
    ]


def _picture(found: FoundCreative) -> str:
    """Name of a picture of its own, '' = none: pictures of items lie elsewhere."""
    own = own_asset(found.creative)
    return own.url.rpartition("/")[2] if own is not None else ""


async def read_ladder(settings: Settings, user: str, now_ms: int) -> dict[str, Any]:
    """Raises RefusedError for a missing topic."""
    ladder = Ladder(user)
    async for record in read_topics(settings, [REVOCATION.name, AUDIENCE.name, CREATIVE.name]):
        ladder.take(record)
    return ladder.told(now_ms)
