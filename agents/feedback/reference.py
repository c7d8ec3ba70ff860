"""What a feedback worker follows: of each campaign the goal and from how many users on its cells are told."""

from __future__ import annotations

from typing import Final

from models.intent.understanding import USUAL_GOAL
from streams import records as r
from streams.mapping.campaigns import goal_of
from streams.topics import CAMPAIGN, TopicSpec
from streams.wire.codecs import Headers

FEEDBACK_FOLLOWS: Final = (CAMPAIGN,)


class FeedbackReference:
    """Keeps the newest while a Follower of FEEDBACK_FOLLOWS brings records."""

    def __init__(self) -> None:
        self._campaigns: dict[str, tuple[str, int]] = {}

    def on_record(
        self, _spec: TopicSpec, key: str, record: r.Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """What the Follower calls. A campaign that was withdrawn is measured as it was."""
        if isinstance(record, r.Campaign):
            self._campaigns[key] = goal_of(record).goal, record.k

    def thresholds(self) -> list[tuple[str, int]]:
        """(campaign, `k`) of all."""
        return [(name, k) for name, (_, k) in self._campaigns.items()]

    def goal(self, campaign_id: str) -> str:
        """What the campaign is for."""
        return self._campaigns.get(campaign_id, (USUAL_GOAL, 0))[0]

    def k(self, campaign_id: str) -> int:
        """Its cells that fewer users saw are suppressed."""
        return self._campaigns.get(campaign_id, (USUAL_GOAL, 0))[1]
