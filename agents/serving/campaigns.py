"""The campaigns that a look-up knows: their caps, and what OpenRTB requests are answered with."""

from __future__ import annotations

import msgspec

from models.campaigns import Campaign
from streams.mapping.campaigns import campaign_of
from streams.topics import CAMPAIGN
from streams.wire.codecs import message


class KnownCampaigns:
    """By id; fed with the raw records of ads.campaign.v1. What cannot be read leaves what stood there."""

    def __init__(self) -> None:
        self._campaigns: dict[str, Campaign] = {}
        self.unreadable = 0

    def take(self, key: bytes, value: bytes | None) -> None:
        """One record, None = deleted."""
        try:
            campaign_id = key.decode()
            if value is None:
                self._campaigns.pop(campaign_id, None)
            else:
                self._campaigns[campaign_id] = campaign_of(message(CAMPAIGN, value))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.unreadable += 1

    def get(self, campaign_id: str) -> Campaign | None:
        """The campaign, or None."""
        return self._campaigns.get(campaign_id)

    def priced(self) -> list[Campaign]:
        """Those that state what an impression costs, the dearest first."""
        stated = [each for each in self._campaigns.values() if each.cpm]
        return sorted(stated, key=lambda each: (-(each.cpm or 0.0), each.campaign_id))
