"""Which ad a simulated user is shown: campaigns take turns by how well they suit the user, whoever has what.

A campaign's turn never depends on whether the user has a creative of their own: so users with and without see
a campaign equally often, and what they click differs by the creative alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

LEAST: Final = 0.02
"""Weight of a campaign that the user has no interest in."""


@dataclass(frozen=True)
class ShownCreative:
    """A creative a user may be shown."""

    creative_id: str
    campaign_id: str
    template_id: str
    item_id: str
    category: str
    slot: str
    arm: str = ""
    features: tuple[str, ...] = ()  # of its copy, models.world.true_effects


class AdServer:
    """Knows what is published; the newest of a user, campaign and slot counts."""

    def __init__(self) -> None:
        self._own: dict[str, dict[tuple[str, str], ShownCreative]] = {}  # user -> (slot, campaign)
        self._defaults: dict[str, dict[str, ShownCreative]] = {}  # slot -> campaign
        self._advertised: dict[str, set[str]] = {}  # campaign -> categories of what it was seen to show

    def show(self, user: str, campaign_id: str, slot: str, shown: ShownCreative | None) -> None:
        """From now on the user's creative of a campaign in `slot`; None: withdrawn."""
        own = self._own.setdefault(user, {})
        if shown is None:
            own.pop((slot, campaign_id), None)
        else:
            own[slot, campaign_id] = shown
            self.advertise(shown)

    def show_all(self, campaign_id: str, slot: str, shown: ShownCreative | None) -> None:
        """From now on what users without a creative of their own see of a campaign in `slot`."""
        defaults = self._defaults.setdefault(slot, {})
        if shown is None:
            defaults.pop(campaign_id, None)
        else:
            defaults[campaign_id] = shown
            self.advertise(shown)

    def advertise(self, shown: ShownCreative) -> None:
        """Its campaign is known to be about this category."""
        self._advertised.setdefault(shown.campaign_id, set()).add(shown.category)

    def choose(
        self, rng: np.random.Generator, user: str, slot: str, interest: Callable[[str], float]
    ) -> ShownCreative | None:
        """The next ad of a user in `slot`; `interest`: weight of a category to the user. None without any."""
        own = {campaign: each for (at, campaign), each in self._own.get(user, {}).items() if at == slot}
        offered = {**self._defaults.get(slot, {}), **own}
        if not offered:
            return None
        campaigns = sorted(offered)
        weights = np.array([LEAST + sum(map(interest, self._advertised[each])) for each in campaigns])
        at = int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), side="right"))
        return offered[campaigns[min(at, len(campaigns) - 1)]]
