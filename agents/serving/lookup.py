"""Which creative a user is shown in a slot: the user's own, else the segment's, else the default, and never
one that expired or was revoked. Pure; fed with the raw records of ads.creative.v1, ads.audience.v1 and
ads.revocation.v1.

Creatives are kept as they came and decoded when they are asked for: a million take the room of their bytes,
and a start costs no decoding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec
from msgspec import structs

from models.revocations import Revocations
from streams import records as r
from streams.mapping.revocations import DEFAULT_KEY, heed, made_of
from streams.topics import AUDIENCE, CREATIVE, REVOCATION
from streams.wire.codecs import encode, message

ENTRY_BYTES: Final = 200
"""What Python takes for a key and a value beside their own bytes."""
EVICTED_AT_ONCE: Final = 1_024
_PERSONAL: Final = b"u:"


@dataclass(frozen=True, slots=True)
class FoundCreative:
    """A creative that may be shown, and its bytes as they were published."""

    creative: r.Creative
    raw: bytes


class CreativeLookup:
    """Creatives by topic key, judged when they are asked for.

    Beyond `most_bytes` what was published longest ago makes room, personal creatives or users' segments,
    whichever take more of it: whoever had one is shown the segment's creative or the default.
    """

    def __init__(self, most_bytes: int | None = None) -> None:
        self._most_bytes = most_bytes
        self._personal: dict[bytes, bytes] = {}  # in the order of publication
        self._shared: dict[bytes, bytes] = {}
        self._segments: dict[bytes, str] = {}
        self._segment_names: dict[str, str] = {}
        self._revocations = Revocations()
        self._segments_bytes = 0  # of `bytes`, as the next
        self._shared_bytes = 0
        self.bytes = self.evicted = self.unreadable = 0

    def __len__(self) -> int:
        return len(self._personal) + len(self._shared)

    def take(self, topic: str, key: bytes, value: bytes | None) -> None:
        """One record of these topics, None = withdrawn. A revocation or segment that cannot be read changes
        nothing; a creative that cannot be is not shown."""
        if topic == CREATIVE.name:
            self._keep(self._personal if key.startswith(_PERSONAL) else self._shared, key, value)
            return
        try:
            if topic == REVOCATION.name:
                heed(self._revocations, key.decode(), None if value is None else message(REVOCATION, value))
            elif topic == AUDIENCE.name:
                self._place(key, None if value is None else message(AUDIENCE, value))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.unreadable += 1

    def segment_of(self, user: str) -> str | None:
        """The segment that a user is in."""
        return self._segments.get(user.encode())

    def shown(self, key: str, now_ms: int) -> r.Creative | None:
        """The creative under a key if it may be shown now."""
        found = self.found(key, now_ms)
        return None if found is None else found.creative

    def found(self, key: str, now_ms: int) -> FoundCreative | None:
        """The creative under a key, with its bytes, if it may be shown now."""
        raw_key = key.encode()
        raw = (self._personal if raw_key.startswith(_PERSONAL) else self._shared).get(raw_key)
        if raw is None:
            return None
        try:
            creative: r.Creative = message(CREATIVE, raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.unreadable += 1
            return None
        if creative.expires <= now_ms or self._revocations.why(made_of(creative)) is not None:
            return None
        return self._with_what_stands(creative, raw) if creative.also else FoundCreative(creative, raw)

    def _with_what_stands(self, creative: r.Creative, raw: bytes) -> FoundCreative:
        """Without the other copies that were revoked since."""
        of = (self._revocations.get("copy", each.copy_id) for each in creative.also)
        standing = [
            each
            for each, revoked in zip(creative.also, of, strict=True)
            if revoked is None or not revoked.touches(creative.created)
        ]
        if len(standing) == len(creative.also):
            return FoundCreative(creative, raw)
        changed = structs.replace(creative, also=standing)
        return FoundCreative(changed, encode(changed))

    def best(
        self, user: str | None, segment: str | None, campaign_id: str, slot: str, now_ms: int
    ) -> r.Creative | None:
        """What to show; user and segment None = not known."""
        return next((each.creative for each in self.ladder(user, segment, campaign_id, slot, now_ms)), None)

    def ladder(
        self,
        user: str | None,
        segment: str | None,
        campaign_id: str,
        slot: str,
        now_ms: int,
        capped: Collection[str] = (),
    ) -> Iterator[FoundCreative]:
        """What may be shown, best first; `capped`: campaigns and creatives that the user has seen often
        enough."""
        if campaign_id in capped:
            return
        own = [] if user is None else [f"u:{user}"]
        shared = [] if segment is None else [f"s:{segment}"]
        for audience in (*own, *shared, DEFAULT_KEY):
            found = self.found(f"{audience}|{campaign_id}|{slot}", now_ms)
            if found is not None and found.creative.creative_id not in capped:
                yield found

    def _keep(self, kept: dict[bytes, bytes], key: bytes, value: bytes | None) -> None:
        before = kept.pop(key, None)
        more = -_entry_bytes(key, before)
        if value is not None:
            kept[key] = value
            more += _entry_bytes(key, value)
        if kept is self._shared:
            self._shared_bytes += more
        self._grow(more)

    def _place(self, key: bytes, placed: r.AudienceSegment | None) -> None:
        more = -_entry_bytes(key, b"" if self._segments.pop(key, None) is not None else None)
        if placed is not None:
            self._segments[key] = self._segment_names.setdefault(placed.segment, placed.segment)
            more += _entry_bytes(key, b"")
        self._segments_bytes += more
        self._grow(more)

    def _grow(self, more: int) -> None:
        self.bytes += more
        if more > 0 and self._most_bytes is not None and self.bytes > self._most_bytes:
            self._make_room()

    def _make_room(self) -> None:
        """Many at once: looking for the first of a dictionary passes over all that left before it."""
        personal_bytes = self.bytes - self._segments_bytes - self._shared_bytes
        if self._segments_bytes > personal_bytes:
            for key in list(islice(self._segments, EVICTED_AT_ONCE)):
                self._place(key, None)
                self.evicted += 1
        else:
            for key in list(islice(self._personal, EVICTED_AT_ONCE)):
                self._keep(self._personal, key, None)
                self.evicted += 1


def _entry_bytes(key: bytes, value: bytes | None) -> int:
    """What an entry takes, None = there is none."""
    return 0 if value is None else len(key) + len(value) + ENTRY_BYTES
