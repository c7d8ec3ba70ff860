"""What a campaign earned as it may leave the operator's house: days that nothing changes any more, each as
its total and those of its cells from which nobody learns of a few users.

One size of window, each day once: hours in days, lives that grow by a day and days that are corrected later
would tell by their differences what a cell of its own withholds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from models.measured.withheld import withheld
from models.money import EXPONENTS, currency_index
from streams import records as r
from streams.records.feedback import EVERY
from streams.topics import DAY_MS

OUTSIDE_K: Final = 50
"""Users from which on a cell leaves the house, where nothing else is said."""
NAMES: Final = ("template_id", "arm", "slot", "segment")
COUNTED: Final = (
    "impressions", "viewable", "clicks", "conversions", "likes", "hides", "reports", "starts",
    "first_quartiles", "midpoints", "third_quartiles", "completions",
)  # fmt: skip
"""What users did: how creatives were made and who was a bot stays inside."""
_DAY_S: Final = DAY_MS // 1_000


@dataclass(frozen=True)
class ReportLine:
    """A day's total (every name `*`; `withheld`: how many of its cells stay untold) or one of its cells.
    `revenue`, `cost`: by currency in its major unit."""

    day: str
    names: tuple[str, str, str, str]
    users: int
    counts: tuple[int, ...]
    revenue: dict[str, str]
    cost: dict[str, str]
    withheld: int = 0

    def told(self) -> dict[str, Any]:
        """By name."""
        figures = dict(zip(COUNTED, self.counts, strict=True))
        named = dict(zip(NAMES, self.names, strict=True))
        money = {"revenue": self.revenue, "cost": self.cost}
        return {"day": self.day, **named, "users": self.users, **figures, **money, "withheld": self.withheld}


@dataclass(frozen=True)
class Report:
    """`untold_days`: with fewer users in all; `young_days`: events may still change them."""

    lines: list[ReportLine]
    untold_days: int
    young_days: int


def campaign_report_of(
    metrics: Iterable[r.CreativeMetric], k: int, max_event_age_ms: int, now_ms: int
) -> Report:
    """`metrics`: the last values of one campaign's keys. A cell is told from `k` users on, or from the
    campaign's own `k` where that is more."""
    days: defaultdict[int, list[r.CreativeMetric]] = defaultdict(list)
    for each in metrics:
        if each.window_s == _DAY_S and _says_something(each):
            days[each.window].append(each)
    settled = {start: cells for start, cells in days.items() if start + DAY_MS + max_event_age_ms <= now_ms}
    told = [list(_day(cells, k)) for _, cells in sorted(settled.items())]
    lines = [line for day in told for line in day]
    return Report(lines, sum(not day for day in told), len(days) - len(settled))


def _day(metrics: Sequence[r.CreativeMetric], k: int) -> Iterator[ReportLine]:
    """Its total and cells; nothing without a total that may be told."""
    total = next((each for each in metrics if each.arm == EVERY), None)
    if total is None or _users(total) < max(k, total.k):
        return
    cells = sorted((each for each in metrics if each.arm != EVERY), key=_names)
    untold = withheld([_users(each) for each in cells], max(k, total.k, *(each.k for each in cells)))
    yield _line(total, len(untold))
    for at, each in enumerate(cells):
        if at not in untold:
            yield _line(each)


def _users(metric: r.CreativeMetric) -> int:
    return 0 if metric.suppressed else metric.counts.users or 0


def _says_something(metric: r.CreativeMetric) -> bool:
    money = metric.money
    return metric.suppressed or any(_counts(metric)) or bool(money.revenue_minor or money.cost_minor)


def _counts(metric: r.CreativeMetric) -> tuple[int, ...]:
    return tuple(getattr(metric.counts, name) for name in COUNTED)


def _names(metric: r.CreativeMetric) -> tuple[str, str, str, str]:
    return metric.template_id, metric.arm, metric.slot, metric.segment


def _line(metric: r.CreativeMetric, untold: int = 0) -> ReportLine:
    day = datetime.fromtimestamp(metric.window / 1_000, UTC).date().isoformat()
    money = metric.money
    return ReportLine(
        day, _names(metric), _users(metric), _counts(metric), _major(money.revenue_minor),
        _major(money.cost_minor), untold,
    )  # fmt: skip


def _major(minor: dict[str, int]) -> dict[str, str]:
    return {
        currency: f"{amount / 10**places:.{places}f}"
        for currency, amount in sorted(minor.items())
        for places in [EXPONENTS[currency_index(currency)]]
    }
