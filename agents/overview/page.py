"""The read-only page: what flows, how fast, and the newest creatives. It reads topics without a group; no
route returns a profile.

Anyone who reaches the page sees counts and cards. Why a creative was made (interests gained and lost, users
as pseudonyms of this process) and what campaigns earned need the operator's token, sent as a header; the link
carries it in the fragment, which browsers do not send to servers or in referrers.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.inputs.board import InputBoard
from agents.overview.cards.click_model import ClickModelCard
from agents.overview.cards.earnings import EarningsBoard
from agents.overview.cards.experiments import ExperimentBoard
from agents.overview.cards.portraits import PortraitGallery
from agents.overview.cards.threshold import ThresholdInForce
from agents.overview.gauges import GaugeSample
from agents.overview.inquiries import Inquiries
from agents.overview.looks import Looks
from agents.overview.state import Overview
from streams.metrics.groups import BROKER_SEEN, GROUP_LAG, GROUP_MEMBERS
from streams.records import Record
from streams.topics import TopicSpec
from streams.unix_time import unix_ms
from streams.wire.codecs import Headers


@dataclass
class Page:
    """What the routes answer from. `token` opens the reasons; `hosts` are the names a browser may call the
    page by."""

    overview: Overview
    token: str
    hosts: frozenset[str]
    clock_ms: Callable[[], int] = field(default=unix_ms)
    looks: Looks = field(default_factory=Looks)
    inquiries: Inquiries | None = None
    click_model: ClickModelCard = field(default_factory=ClickModelCard)
    threshold: ThresholdInForce = field(default_factory=ThresholdInForce)
    inputs: InputBoard = field(default_factory=InputBoard)
    portraits: PortraitGallery = field(default_factory=PortraitGallery)
    experiments: ExperimentBoard = field(default_factory=ExperimentBoard)
    earnings: EarningsBoard = field(default_factory=EarningsBoard)
    pictures: Path = Path()  # the folder of pictures

    def take(self, sample: GaugeSample) -> None:
        """A look at the broker: shown, and told to whoever scrapes the page. Only the page sees a group
        whose workers are all gone."""
        self.looks.add(sample)
        BROKER_SEEN.set(sample.now_ms / 1000)
        for app, records in sample.lag.items():
            GROUP_LAG.labels(app).set(records)
        for app, members in sample.members.items():
            GROUP_MEMBERS.labels(app).set(members)

    def wants_artifact(self, spec: TopicSpec, key: bytes | None) -> bool:
        """Of ads.artifact.v1 what a card shows."""
        return any(card.wants(spec, key) for card in self._cards())

    def on_artifact(
        self, spec: TopicSpec, key: str, record: Record | None, headers: Headers, append_ts: int
    ) -> None:
        """What a Follower of ads.artifact.v1 calls."""
        for card in self._cards():
            if card.wants(spec, key.encode()):
                card.on_record(spec, key, record, headers, append_ts)

    def _cards(self) -> tuple[ClickModelCard, ThresholdInForce, PortraitGallery]:
        return self.click_model, self.threshold, self.portraits

    def state(self) -> dict[str, Any]:
        """`/api/state`: counts, rates, lag and cards; nothing about a user."""
        now = self.looks.newest()
        return {
            "now_ms": self.clock_ms(),
            "age_s": round(self.looks.age_s(), 1),
            "stale": self.looks.stale(),
            "events_per_s": now.events_per_s if now else 0.0,
            "by_topic": now.by_topic if now else {},
            "lag": now.lag if now else {},
            "members": now.members if now else {},
            "events": now.events if now else 0,
            "detector": self.threshold.told,
            "inputs": self._inputs(),
            "history": [sample.events_per_s for sample in self.looks.samples],
            "click_model": self.click_model.told,
            "experiments": self.experiments.public(),
            **self.overview.public(),
        }

    def _inputs(self) -> dict[str, Any] | None:
        """What events lack and how far interests have moved; None while nothing can be said."""
        state = self.inputs.state(self.threshold.version, self.threshold.part, self.clock_ms())
        if not state.shares and not state.drift:
            return None
        return {
            "shares": {what: round(share, 4) for what, share in state.shares.items()},
            "drift": {of: round(index, 3) for of, index in state.drift.items()},
            "alarms": [each._asdict() for each in state.alarms],
        }

    def may_read_reasons(self, authorization: str) -> bool:
        """Whether a request's Authorization header carries the operator's token; compared in constant
        time."""
        scheme, _, given = authorization.partition(" ")
        return scheme == "Bearer" and hmac.compare_digest(
            given.encode(errors="surrogateescape"), self.token.encode()
        )  # a header's bytes that are not UTF-8 come as surrogates
