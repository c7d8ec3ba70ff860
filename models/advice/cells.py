"""A campaign's figures by cell, summed as a rule needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from models.choice.selection import style_of

Z95 = 1.959964


@dataclass(frozen=True)
class CampaignCell:
    """Absolute counts of one template, arm, slot, segment and window; `by_showing` = (clicks, impressions) by
    the how-manieth showing of a creative to its user, as far as counted.

    `hour`: of the day in UTC, of cells of one hour; None of those of the campaign's life.
    """

    template_id: str
    arm: str
    slot: str
    segment: str
    impressions: int
    clicks: int
    hour: int | None = None
    by_showing: tuple[tuple[int, int], ...] = ()
    endings: dict[str, int] = field(default_factory=dict)  # how requests ended -> how many
    refusals: dict[str, int] = field(default_factory=dict)  # reason code of review -> how many requests
    played: tuple[int, ...] = ()  # of clips: starts, first, second and third quartiles, completions

    @property
    def style(self) -> str:
        """The style of the arm."""
        return style_of(self.arm)


@dataclass(frozen=True, slots=True)
class Tally:
    """Clicks of so many impressions."""

    clicks: int = 0
    impressions: int = 0

    def plus(self, clicks: int, impressions: int) -> Tally:
        """With these as well."""
        return Tally(self.clicks + clicks, self.impressions + impressions)

    @property
    def rate(self) -> float:
        """Clicks per impression; 0 of none."""
        return self.clicks / self.impressions if self.impressions else 0.0


def tallies(cells: Iterable[CampaignCell], by: Callable[[CampaignCell], str]) -> dict[str, Tally]:
    """Clicks and impressions of each value, by name; cells without a value are left out."""
    found: dict[str, Tally] = {}
    for cell in cells:
        if name := by(cell):
            found[name] = found.get(name, Tally()).plus(cell.clicks, cell.impressions)
    return dict(sorted(found.items()))


def total_of(cells: Sequence[CampaignCell]) -> Tally:
    """All of them."""
    return Tally(sum(cell.clicks for cell in cells), sum(cell.impressions for cell in cells))


def summed_counts(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Sum by name, most first."""
    found: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            found[name] = found.get(name, 0) + count
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
