"""Which creative a user is shown in a slot: the user's own, else the segment's, else the default, and never
one that expired or was revoked. Pure; fed with ads.creative.v1 and ads.revocation.v1."""

from __future__ import annotations

from models.revocations import Revocations
from streams import records as r
from streams.topics import CREATIVE, REVOCATION
from streams.wire.revocations import DEFAULT_KEY, heed, made_of


class CreativeLookup:
    """Creatives by topic key, judged when they are asked for."""

    def __init__(self) -> None:
        self._creatives: dict[str, r.Creative] = {}
        self._revocations = Revocations()

    def take(self, topic: str, key: str, record: r.Record | None) -> None:
        """One record of either topic, None = withdrawn."""
        if topic == REVOCATION.name:
            heed(self._revocations, key, record)
        elif topic == CREATIVE.name:
            if isinstance(record, r.Creative):
                self._creatives[key] = record
            else:
                self._creatives.pop(key, None)

    def shown(self, key: str, now_ms: int) -> r.Creative | None:
        """The creative under a key if it may be shown now."""
        found = self._creatives.get(key)
        if found is None or found.expires <= now_ms or self._revocations.why(made_of(found)) is not None:
            return None
        return found

    def best(
        self, user: str | None, segment: str | None, campaign_id: str, slot: str, now_ms: int
    ) -> r.Creative | None:
        """What to show; user and segment None = not known."""
        own = [] if user is None else [f"u:{user}"]
        shared = [] if segment is None else [f"s:{segment}"]
        keys = (f"{audience}|{campaign_id}|{slot}" for audience in (*own, *shared, DEFAULT_KEY))
        return next((found for key in keys if (found := self.shown(key, now_ms)) is not None), None)
