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
    conversions: int = 0
    viewable: int = 0
    against: int = 0  # impressions that surely were hidden or reported
    goal: str = "clicks"  # of the campaign: awareness | clicks | conversions
    hour: int | None = None
    by_showing: tuple[tuple[int, int], ...] = ()
    endings: dict[str, int] = field(default_factory=dict)  # how requests ended -> how many
    refusals: dict[str, int] = field(default_factory=dict)  # reason code of review -> how many requests
    played: tuple[int, ...] = ()  # of clips: starts, first, second and third quartiles, completions

    @property
    def style(self) -> str:
        """The style of the arm."""
        return style_of(self.arm)

    @property
    def earned(self) -> int:
        """What the campaign is for."""
        return {"awareness": self.viewable, "conversions": self.conversions}.get(self.goal, self.clicks)


@dataclass(frozen=True, slots=True)
class Tally:
    """What so many impressions earned: clicks, or what else the campaign is for."""

    earned: int = 0
    impressions: int = 0

    def plus(self, earned: int, impressions: int) -> Tally:
        """With these as well."""
        return Tally(self.earned + earned, self.impressions + impressions)

    @property
    def rate(self) -> float:
        """Earned per impression; 0 of none."""
        return self.earned / self.impressions if self.impressions else 0.0


def tallies(cells: Iterable[CampaignCell], by: Callable[[CampaignCell], str]) -> dict[str, Tally]:
    """What was earned by how many impressions of each value, by name; cells without a value are left out."""
    found: dict[str, Tally] = {}
    for cell in cells:
        if name := by(cell):
            found[name] = found.get(name, Tally()).plus(cell.earned, cell.impressions)
    return dict(sorted(found.items()))


def total_of(cells: Sequence[CampaignCell]) -> Tally:
    """All of them."""
    return Tally(sum(cell.earned for cell in cells), sum(cell.impressions for cell in cells))


def summed_counts(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Sum by name, most first."""
    found: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            found[name] = found.get(name, 0) + count
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
