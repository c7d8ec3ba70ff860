"""Of whom the profile workers said that a campaign's cap is reached: the withdrawal of a creative of their
own says so. Of who had none at that moment, and of what the broker has forgotten since, nothing is known."""

from __future__ import annotations

from typing import Final

from models.campaigns import Campaign
from streams.wire.codecs import Headers
from streams.wire.withdrawals import CAP_REACHED, DENIED_CAUSE, ERASED_CAUSE, withdrawn_because

MOST: Final = 200_000
"""Users' campaigns remembered, the newest: some 40 MB."""
_PERSONAL: Final = b"u:"
LEFT: Final = frozenset({DENIED_CAUSE, ERASED_CAUSE})
"""Causes of withdrawals after which nothing is remembered of the user."""


class CapsReached:
    """Fed with the records of ads.creative.v1 and ads.audience.v1 that name a user."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._reached_ms: dict[tuple[str, str], int] = {}  # user, campaign -> when; the newest last
        self._campaigns: dict[str, set[str]] = {}  # of each user

    def creative(self, key: bytes, gone: bool, headers: Headers, at_ms: int) -> None:
        """A creative of a user's own was published or withdrawn; keys of others say nothing."""
        if not key.startswith(_PERSONAL) or not (gone or self._reached_ms):
            return
        user, _, place = key.removeprefix(_PERSONAL).decode(errors="replace").partition("|")
        campaign_id = place.partition("|")[0]
        why = withdrawn_because(headers) if gone else None
        if why in LEFT:
            self.left(user)
        elif not gone:
            self._forget(user, campaign_id)  # whoever gets another has room again
        elif why == CAP_REACHED:
            self._forget(user, campaign_id)
            self._reached_ms[user, campaign_id] = at_ms
            self._campaigns.setdefault(user, set()).add(campaign_id)
            if len(self._reached_ms) > self._most:
                self._forget(*next(iter(self._reached_ms)))

    def left(self, user: str) -> None:
        """The user took consent back or was erased: nothing is remembered."""
        for campaign_id in list(self._campaigns.get(user, ())):
            self._forget(user, campaign_id)

    def holds(self, user: str | None, campaign: Campaign, now_ms: int) -> bool:
        """Whether a user's cap of the campaign is still reached, as far as is known: until the longest of its
        windows is over, or the user gets another creative of it."""
        windows = [cap.per_s for cap in campaign.caps if cap.scope == "campaign"]
        at_ms = None if user is None else self._reached_ms.get((user, campaign.campaign_id))
        if at_ms is None or not windows:
            return False
        return None in windows or now_ms < at_ms + 1_000 * max(each or 0 for each in windows)

    def _forget(self, user: str, campaign_id: str) -> None:
        if self._reached_ms.pop((user, campaign_id), None) is not None:
            self._campaigns[user].discard(campaign_id)
            if not self._campaigns[user]:
                del self._campaigns[user]
