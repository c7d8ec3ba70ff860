"""Positive events as the topics hold them, for calibration and for vectors: only of users whose profile may
be learnt. Arrays, no profile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from agents.calibration.columns import PositiveColumns
from agents.calibration.visits import Logged, in_sessions
from models.catalog.complements import Bought
from models.event.layout import Purpose
from streams import records as r
from streams.broker.read_once import read_topics
from streams.mapping.orders import taken_items
from streams.mapping.statements import (
    UNRELIABLE,
    opted_out,
    stated_purposes,
    string_dates,
    tc_stated,
    withdrawal,
)
from streams.settings import Settings
from streams.topics import BEHAVIOR, BY_NAME, CLICK, CONSENT, CONVERSION, IMPRESSION
from streams.wire.codecs import WireLimits, collected, decode
from streams.wire.ids import hash64
from streams.wire.refusals import Rejected

_MOST_SHARE: Final = 250
"""Where events are bounded, one user has at most one in so many: no flood of a program drives people out."""
_SOURCES: Final = ((CONSENT,), (CLICK, BEHAVIOR, CONVERSION), (IMPRESSION,))
"""In the order in which they are read: of impressions only statements count, of users who hold something."""
_STATING: Final = (b'"explicit"', b'"consent"', b'"regs"', b"\\")
"""One of these is in an impression that states something; a backslash may hide a name."""


class LoggedRecord(NamedTuple):
    """A record, and whether it may only take back what its user allows: what the collector was told."""

    record: r.Record | None
    narrows: bool


@dataclass
class PositiveLog:
    """Collects records, then gives the arrays. `rows`: item id -> row of the catalogue; other items say
    nothing. `purpose`: what users must have agreed to, as in streams.records.Explicit. `most`: events that
    are held; with more, users are left out, whole and by chance: half of them, and half again."""

    rows: Mapping[str, int]
    consent_default: bool
    purpose: str = "profile"
    most: int | None = None
    halvings: int = field(default=0, init=False)
    events: PositiveColumns = field(default_factory=PositiveColumns, init=False)
    consent: dict[str, tuple[int, bool]] = field(default_factory=dict)  # user -> newest statement
    guarded: set[str] = field(default_factory=set)  # whose silence is a no, whatever the default
    vendor: int = 0  # see models.event.tc_grants

    def add(self, record: r.Record | None, narrows: bool = False) -> None:
        """A record as `read_decoded` gives it."""
        if not isinstance(record, r.Consent | r.Click | r.Behavior | r.Conversion | r.Impression):
            return
        if not self._drawn(record.user):
            return
        if isinstance(record, r.Impression) and not self.events.held(record.user):
            return
        self._consent(record, narrows)
        if isinstance(record, r.Click) or (isinstance(record, r.Behavior) and record.type == "cart"):
            self._positive(record, self._row(record.item_id), sold=False)
        elif isinstance(record, r.Conversion):
            for row in map(self._row, taken_items(record)):
                self._positive(record, row, sold=True)

    def _row(self, item_id: str | None) -> int:
        return self.rows.get(item_id or "", -1)

    def _consent(self, record: Any, narrows: bool) -> None:
        by_string = tc_stated(record, self.vendor)
        if _guards(record.regs) or (by_string is not None and by_string.purposes == UNRELIABLE):
            self.guarded.add(record.user)
        purposes, held = stated_purposes(record, self.vendor), self.consent.get(record.user)
        if purposes is None:
            return
        stated = bool(purposes & Purpose[self.purpose.upper()])
        if stated and narrows:
            return
        ts, until = (min(each, record.ts) for each in string_dates(record, self.vendor))
        if held is None or ts > held[0]:
            self.consent[record.user] = (ts, stated)
        elif until >= held[0] and not stated:
            self.consent[record.user] = (held[0], False)

    def _positive(self, record: Any, row: int, sold: bool) -> None:
        if row < 0:
            return
        if self.most is not None and self.events.held(record.user) >= max(1, self.most // _MOST_SHARE):
            return
        self.events.append(record.user, record.id, record.ts, row, sold)
        if self.most is not None and len(self.events) > self.most:
            self._halve()

    def _halve(self) -> None:
        self.halvings += 1
        self.events.keep(self._drawn)
        self.consent = {user: said for user, said in self.consent.items() if self._drawn(user)}
        self.guarded = {user for user in self.guarded if self._drawn(user)}

    def _drawn(self, user: str) -> bool:
        return hash64(user) % (1 << self.halvings) == 0

    def bought(self) -> Bought:
        """Everything that users who agreed bought, by user and time."""
        user, ts, item, sold = self.events.read(self._agreed)
        return Bought(user[sold], item[sold], ts[sold])

    def users(self) -> list[str]:
        """Names of the users of `arrays`, by number."""
        return self.events.names(self._agreed)

    def _agreed(self, name: str) -> bool:
        return self.consent.get(name, (0, self.consent_default and name not in self.guarded))[1]

    def arrays(self) -> Logged:
        """Positives of users who agreed, in sessions."""
        return in_sessions(self.events.read(self._agreed))


def _guards(regs: r.Regs | None) -> bool:
    """Whether the law speaks for who states nothing: under GDPR, of children, and where an event opts out."""
    if regs is None:
        return False
    gpc = regs.ext is not None and bool(regs.ext.gpc)
    return bool(regs.gdpr or regs.coppa) or gpc or opted_out(regs)


async def read_positives(settings: Settings, rows: Mapping[str, int], since_ms: int | None = None) -> Logged:
    """What the topics hold, of the append times since then; `rows` as PositiveLog takes them. Raises
    RefusedError for a missing topic."""
    log = PositiveLog(rows, settings.consent_default, vendor=settings.tcf_vendor)
    async for said in read_decoded(settings, since_ms):
        log.add(*said)
    return log.arrays()


async def read_decoded(
    settings: Settings, since_ms: int | None = None, partitions: Sequence[int] | None = None
) -> AsyncIterator[LoggedRecord]:
    """All statements of consent, nulls as what they withdraw, then clicks, behaviour and conversions of the
    append times since then, then impressions that state something, of all partitions or some; nothing is
    later than it arrived. What cannot be decoded is passed over. Raises RefusedError for a missing topic."""
    limits = WireLimits.of(settings)
    for topics in _SOURCES:
        since = None if CONSENT in topics else since_ms
        names = [each.name for each in topics]
        async for record in read_topics(settings, names, partitions=partitions, since_ms=since):
            for said in logged_by(record, limits):
                yield said


def logged_by(record: Any, limits: WireLimits) -> Iterator[LoggedRecord]:
    """One record of the topic as it counts here; nothing of what cannot be decoded, and of impressions that
    state nothing."""
    spec = BY_NAME[record.topic]
    if spec is IMPRESSION and not any(each in (record.value or b"") for each in _STATING):
        return
    try:
        said: Any = decode(spec, record.value, record.key, record.headers, record.timestamp, limits)
    except Rejected:
        return
    if said is None and spec is CONSENT:
        said = withdrawal(record.key.decode(), record.timestamp)
    if said is not None and said.ts > record.timestamp:
        said = msgspec.structs.replace(said, ts=record.timestamp)
    yield LoggedRecord(said, collected(record.headers))
