"""What the topics hold of users whose profile may be learnt: their positives, and when, where, on what and
for how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from agents.calibration.logged import PositiveLog, read_decoded
from agents.calibration.visits import Logged
from agents.exposure_log.withdrawn import Withdrawn, read_withdrawn
from models.catalog.complements import Bought
from models.catalog.version import Catalog
from models.money import MoneyError, currency_index, minor
from models.portrait.behaviour import DEVICES, HOURS, NOWHERE, Behaviours, Circumstances
from streams import records as r
from streams.settings import Settings

PROFILE: Final = "profile"
_HOUR_MS: Final = 3_600_000
_MINUTE_MS: Final = 60_000


@dataclass(slots=True)
class _Person:
    hours: Counter[int] = field(default_factory=Counter)
    devices: Counter[int] = field(default_factory=Counter)
    country: str | None = None
    told_ms: int = -1
    sales: dict[str, Counter[str]] = field(default_factory=dict)  # currency -> minor units by order


class ActivityLog:
    """Collects records. `rows`: item id -> row of the catalogue. Nothing is kept of what a user did before an
    erasure, or before consent was taken back."""

    def __init__(
        self, rows: Mapping[str, int], consent_default: bool, withdrawn: Withdrawn, vendor: int = 0
    ) -> None:
        self._positives = PositiveLog(rows, consent_default, vendor=vendor)
        self._withdrawn = withdrawn
        self._people: dict[str, _Person] = {}
        self._sold: set[tuple[str, str]] = set()

    def add(self, record: r.Record | None, narrows: bool = False) -> None:
        """A record of the topics that `read_decoded` reads."""
        if isinstance(record, r.Click | r.Behavior | r.Conversion):
            if not self._withdrawn.allows(record.user, record.ts):
                return
            self._note(record)
        self._positives.add(record, narrows)

    def _note(self, record: r.Click | r.Behavior | r.Conversion) -> None:
        person = self._people.setdefault(record.user, _Person())
        device = record.device
        if device is not None:
            if device.devicetype is not None and 1 <= device.devicetype <= DEVICES:
                person.devices[device.devicetype - 1] += 1
            if device.geo is not None:
                self._place(person, device.geo, record.ts)
        if isinstance(record, r.Conversion) and record.value is not None and record.cur:
            self._sale(person, record, record.value, record.cur)

    def _sale(self, person: _Person, record: r.Conversion, value: float, currency: str) -> None:
        """Lines of one order are one sale; what cannot be booked is none."""
        if (record.user, record.id) in self._sold:
            return
        self._sold.add((record.user, record.id))
        try:
            amount = minor(value, currency_index(currency))
        except MoneyError:
            return
        person.sales.setdefault(currency.upper(), Counter())[record.order or record.id] += amount

    def _place(self, person: _Person, geo: r.Geo, ts: int) -> None:
        if geo.utcoffset is not None:
            person.hours[(ts + geo.utcoffset * _MINUTE_MS) // _HOUR_MS % HOURS] += 1
        if geo.country and ts > person.told_ms:
            person.country, person.told_ms = geo.country, ts

    def users(self) -> int:
        """How many there are in `positives`."""
        return len(self._positives.users())

    def positives(self) -> Logged:
        """As vectors are fitted on them."""
        return self._positives.arrays()

    def bought(self) -> Bought:
        """As complements are fitted on it."""
        return self._positives.bought()

    def behaviours(self, catalog: Catalog) -> Behaviours:
        """Of the users of `positives`, in the terms of a version whose rows are those of the log."""
        log = self.positives()
        people = [self._people[name] for name in self._positives.users()]
        return Behaviours(
            log.user,
            catalog.codes[log.item].astype(np.int64),
            log.ts,
            catalog.price_z[log.item],
            catalog.vectors[log.item],
            _surroundings(people),
        )


def _surroundings(people: Sequence[_Person]) -> Circumstances:
    hours, devices = np.zeros((len(people), HOURS), np.int64), np.zeros((len(people), DEVICES), np.int64)
    countries: dict[str, int] = {}
    country = np.full(len(people), NOWHERE, np.int64)
    paid = Counter(currency for person in people for currency in person.sales)
    currency = min(paid, key=lambda name: (-paid[name], name), default="")
    sales, spent = np.zeros((2, len(people)), np.int64)
    for number, person in enumerate(people):
        for place, count in person.hours.items():
            hours[number, place] = count
        for place, count in person.devices.items():
            devices[number, place] = count
        if person.country is not None:
            country[number] = countries.setdefault(person.country, len(countries))
        orders = [minor for minor in person.sales.get(currency, {}).values() if minor > 0]
        sales[number], spent[number] = len(orders), sum(orders)
    return Circumstances(hours, devices, country, tuple(countries), sales, spent, currency)


async def read_activity(settings: Settings, rows: Mapping[str, int]) -> ActivityLog:
    """What the topics hold. Raises RefusedError for a missing topic."""
    withdrawn = await read_withdrawn(settings, PROFILE)
    log = ActivityLog(rows, settings.consent_default, withdrawn, settings.tcf_vendor)
    async for said in read_decoded(settings):
        log.add(*said)
    return log
