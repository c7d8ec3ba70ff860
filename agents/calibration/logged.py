"""Positive events as the topics hold them, for calibration and for vectors: only of users whose profile may
be learnt. Arrays, no profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.catalog.complements import Bought
from models.event.layout import Purpose
from streams import records as r
from streams.broker.follow import read_topics
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

SESSION_MS: Final = 30 * 60_000
_MOST_SHARE: Final = 250
"""Where events are bounded, one user has at most one in so many: no flood of a program drives people out."""
_SOURCES: Final = ((CONSENT,), (CLICK, BEHAVIOR, CONVERSION), (IMPRESSION,))
"""In the order in which they are read: of impressions only statements count, of users who hold something."""
_STATING: Final = (b'"explicit"', b'"consent"', b'"regs"', b"\\")
"""One of these is in an impression that states something; a backslash may hide a name."""


class Said(NamedTuple):
    """A record, and whether it may only take back what its user allows: what the collector was told."""

    record: r.Record | None
    narrows: bool


class Logged(NamedTuple):
    """One element per positive, ordered by user and time."""

    user: NDArray[np.int64]
    session: NDArray[np.int64]
    item: NDArray[np.int64]  # row of the catalogue
    ts: NDArray[np.int64]
    sold: NDArray[np.int64]  # 1 = bought, at once or later in the session


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
    events: list[tuple[str, int, int, bool]] = field(default_factory=list)  # user, ts, row, is a conversion
    consent: dict[str, tuple[int, bool]] = field(default_factory=dict)  # user -> newest statement
    guarded: set[str] = field(default_factory=set)  # whose silence is a no, whatever the default
    seen: set[tuple[str, str, int]] = field(default_factory=set)
    sales: set[tuple[str, int, int]] = field(default_factory=set)  # user, ts, row
    held: Counter[str] = field(default_factory=Counter)  # events by user
    vendor: int = 0  # see models.event.tc_grants

    def add(self, record: r.Record | None, narrows: bool = False) -> None:
        """A record as `read_decoded` gives it."""
        if not isinstance(record, r.Consent | r.Click | r.Behavior | r.Conversion | r.Impression):
            return
        if not self._drawn(record.user):
            return
        if isinstance(record, r.Impression) and record.user not in self.held:
            return
        self._consent(record, narrows)
        if isinstance(record, r.Click) or (isinstance(record, r.Behavior) and record.type == "cart"):
            self._positive(record, self._row(record.item_id), sold=False)
        elif isinstance(record, r.Conversion):
            rows = [row for row in map(self._row, taken_items(record)) if row >= 0]
            for row in rows:
                self._positive(record, row, sold=True)
            self.sales |= {(record.user, record.ts, row) for row in rows}

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
        if row < 0 or (record.user, record.id, row) in self.seen:
            return
        if self.most is not None and self.held[record.user] >= max(1, self.most // _MOST_SHARE):
            return
        self.seen.add((record.user, record.id, row))
        self.events.append((record.user, record.ts, row, sold))
        self.held[record.user] += 1
        if self.most is not None and len(self.events) > self.most:
            self._halve()

    def _halve(self) -> None:
        self.halvings += 1
        self.events = [each for each in self.events if self._drawn(each[0])]
        self.seen = {each for each in self.seen if self._drawn(each[0])}
        self.sales = {each for each in self.sales if self._drawn(each[0])}
        self.consent = {user: said for user, said in self.consent.items() if self._drawn(user)}
        self.guarded = {user for user in self.guarded if self._drawn(user)}
        self.held = Counter(user for user, *_ in self.events)

    def _drawn(self, user: str) -> bool:
        return hash64(user) % (1 << self.halvings) == 0

    def bought(self) -> Bought:
        """Everything that users who agreed bought, by user and time."""
        rows = sorted(sale for sale in self.sales if self._agreed(sale[0]))
        user = np.unique(np.array([name for name, *_ in rows], np.str_), return_inverse=True)[1]
        ts, item = np.array([sale[1:] for sale in rows], np.int64).reshape(-1, 2).T
        return Bought(user.astype(np.int64), item, ts)

    def users(self) -> list[str]:
        """Names of the users of `arrays`, by number."""
        return sorted({name for name, *_ in self.events if self._agreed(name)})

    def _agreed(self, name: str) -> bool:
        return self.consent.get(name, (0, self.consent_default and name not in self.guarded))[1]

    def arrays(self) -> Logged:
        """Positives of users who agreed, in sessions; a conversion of an item clicked in the same session is
        not another wish."""
        users, rows = -1, list[list[int]]()
        user, session, newest, clicked = None, 0, 0, dict[int, list[int]]()
        for name, ts, item, sold in sorted(self.events, key=lambda event: event[:2]):
            if not self._agreed(name):
                continue
            if name != user:
                user, session, newest, users = name, 0, ts, users + 1
                clicked = {}
            if ts - newest > SESSION_MS:
                session, clicked = session + 1, {}
            newest = ts
            if sold and item in clicked:
                clicked[item][-1] = 1
                continue
            rows.append([users, session, item, ts, int(sold)])
            if not sold:
                clicked[item] = rows[-1]
        return Logged(*np.array(rows, np.int64).reshape(-1, len(Logged._fields)).T)


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
) -> AsyncIterator[Said]:
    """All statements of consent, nulls as what they withdraw, then clicks, behaviour and conversions of the
    append times since then, then impressions that state something, of all partitions or some; nothing is
    later than it arrived. What cannot be decoded is passed over. Raises RefusedError for a missing topic."""
    limits = WireLimits.of(settings)
    for topics in _SOURCES:
        since = None if CONSENT in topics else since_ms
        names = [each.name for each in topics]
        async for record in read_topics(settings, names, partitions=partitions, since_ms=since):
            for said in said_by(record, limits):
                yield said


def said_by(record: Any, limits: WireLimits) -> Iterator[Said]:
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
    yield Said(said, collected(record.headers))
