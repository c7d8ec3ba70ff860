"""What stands on the shelf: what ads.artifact.v1 says, and what this worker sent that has not come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from streams.artifacts.shared import SharedCreative


class ShelfStanding:
    """Shared creatives by campaign and topic key."""

    def __init__(self) -> None:
        self._by_campaign: dict[str, dict[str, SharedCreative]] = {}
        self._sent: dict[str, SharedCreative | None] = {}  # None = withdrawn

    def refresh(self, followed: Mapping[str, SharedCreative]) -> None:
        """Take over what was followed; what was sent since stays in force until it came back."""
        self._sent = {key: each for key, each in self._sent.items() if followed.get(key) != each}
        grouped: dict[str, dict[str, SharedCreative]] = defaultdict(dict)
        for key, each in followed.items():
            grouped[each.campaign_id][key] = each
        self._by_campaign = dict(grouped)
        for key, sent in self._sent.items():
            self._apply(key, sent)

    def forget_sent(self) -> None:
        """Another worker may have sent since: what is followed counts."""
        self._sent.clear()

    def note_sent(self, key: str, shared: SharedCreative | None) -> None:
        """A creative was published under a key, or (None) withdrawn."""
        self._sent[key] = shared
        self._apply(key, shared)

    def of(self, campaign_id: str) -> dict[str, SharedCreative]:
        """What stands of a campaign, by topic key."""
        return dict(self._by_campaign.get(campaign_id, {}))

    def campaigns(self) -> set[str]:
        """Ids of the campaigns of which something stands."""
        return {campaign_id for campaign_id, held in self._by_campaign.items() if held}

    def _apply(self, key: str, shared: SharedCreative | None) -> None:
        held = self._by_campaign.setdefault(key.split("|")[1], {})
        if shared is None:
            held.pop(key, None)
        else:
            held[key] = shared
