"""Trackers of a creative that lead to our own collector: what was shown, seen, played, clicked, liked and
hidden comes back without an ad server's help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from models.beacon.beacon import CLICK, Beacon
from models.campaigns import Campaign
from models.link import tracker_fault
from models.markup.tracking import IMPRESSION, PIXEL, PLAYED, REACTIONS, VIEWABLE, VIEWABLE_VIDEO
from streams import records as r

LATE_S: Final = 7 * 86_400
"""A creative that was shown just before it ended may be seen and clicked so much later."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a creative carries of ours; `redirect` None = its address would be too long."""

    trackers: list[r.Tracker] = field(default_factory=list)
    click_trackers: list[str] = field(default_factory=list)
    redirect: str | None = None


def collected_of(
    campaign: Campaign, ids: Mapping[str, str], user: str, link: str, expires_ms: int
) -> Collected:
    """`ids` by the names of the campaign's macros; `user` '' = the creative is for everyone."""
    collector = campaign.collector
    if collector is None:
        return Collected()

    def made(event: int, target: str = "") -> str:
        return collector.address(
            Beacon(
                event,
                ids["CREATIVE_ID"],
                ids["CAMPAIGN_ID"],
                ids["TEMPLATE_ID"],
                ids["SLOT"],
                expires_ms // 1000 + LATE_S,
                ids["ITEM_ID"],
                user,
                target,
            )
        )

    redirect = made(CLICK, link)
    return Collected(
        [r.Tracker(event, PIXEL, made(event)) for event in _events(ids["SLOT"])],
        [made(CLICK)],
        None if tracker_fault(redirect) else redirect,
    )


def _events(slot: str) -> tuple[int, ...]:
    seen = (VIEWABLE_VIDEO, *PLAYED) if slot.startswith("video") else (VIEWABLE,)
    return (IMPRESSION, *seen, *REACTIONS)
