"""What the demo measured: triggers against the truth, creatives by who wrote them, the time from event to
creative. No Kafka, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from agents.creatives.plan import LIVE, POOL
from agents.overview.state import ReadRecord, quantiles
from models.brief.brief import language_of
from models.interest.threshold.shift_score import Positive, ShiftScore, score_triggers
from streams import topics
from streams.mapping.ads import own_asset
from streams.mapping.authorship import written_by_model
from streams.records import Creative, CreativeRequest

_request = msgspec.json.Decoder(CreativeRequest)
_creative = msgspec.json.Decoder(Creative)


@dataclass(frozen=True)
class PublishedCreative:
    """A creative of one user as the consumer received it."""

    request_id: str | None
    cause_id: str | None
    cause_ms: int
    received_ms: int
    by_model: bool
    source: str | None  # of copy that a model wrote for it: pool | live; None: reused, or a template's
    language: str
    headline: str
    has_noun: bool


@dataclass
class DemoTally:
    """Feed it every request and creative with the time it was received; then ask for the report."""

    nouns: Mapping[str, str]  # item id -> noun
    kinds: dict[str, str] = field(default_factory=dict)  # request id -> trigger kind
    shifts: list[str] = field(default_factory=list)  # causing events of shift triggers
    published: dict[str, PublishedCreative] = field(default_factory=dict)  # creative id -> as first received
    pictured: set[str] = field(default_factory=set)  # ids of creatives that got a picture of their own
    shared: int = 0

    def take(self, record: ReadRecord, received_ms: int) -> None:
        """Records of other topics, withdrawals and broken values are passed over: the overview counts
        those."""
        try:
            if record.topic == topics.REQUEST.name and record.value is not None:
                self._asked(_request.decode(record.value))
            elif record.topic == topics.CREATIVE.name and record.value is not None:
                self._published(_creative.decode(record.value), received_ms)
        except msgspec.MsgspecError:
            return

    def _asked(self, request: CreativeRequest) -> None:
        if request.request_id not in self.kinds:
            self.kinds[request.request_id] = request.trigger.kind
            if request.trigger.kind == "shift":
                self.shifts.append(request.cause.id)

    def _published(self, creative: Creative, received_ms: int) -> None:
        if own_asset(creative) is not None:
            self.pictured.add(creative.creative_id)
        if creative.replaces_version is not None:
            return
        if creative.audience.type != "user":
            self.shared += 1
            return
        copy, cause, noun = creative.copy, creative.cause, self.nouns.get(creative.item_id or "", "")
        has_noun = bool(noun) and noun.casefold() in f"{copy.headline} {copy.description}".casefold()
        by_model = written_by_model(creative)
        cause_id, cause_ms = (cause.id, cause.ts) if cause is not None else (None, 0)
        made = PublishedCreative(
            creative.request_id,
            cause_id,
            cause_ms,
            received_ms,
            by_model,
            creative.source,
            language_of(creative.lang),
            copy.headline,
            has_noun,
        )
        self.published.setdefault(creative.creative_id, made)

    def first_model_ms(self) -> int | None:
        """When the first creative that a shift triggered and the model wrote was received."""
        times = [
            p.received_ms
            for p in self.published.values()
            if p.by_model and self.kinds.get(p.request_id or "") == "shift"
        ]
        return min(times, default=None)

    def judged(self, positives: Mapping[str, Positive]) -> ShiftScore:
        """Shift triggers against what really happened."""
        return score_triggers(positives, self.shifts)

    def report(self, positives: Mapping[str, Positive]) -> dict[str, Any]:
        """The figures of the JSON line that come from triggers and creatives."""
        judged, made = self.judged(positives), list(self.published.values())
        by_model = [p for p in made if p.by_model]
        live = [p for p in made if p.cause_id in positives]
        waits = [p.received_ms - p.cause_ms for p in live]
        ms = quantiles(waits)
        counts = written_by(made)
        languages = sorted({p.language for p in made})
        return {
            "shifts": {
                "true": judged.true,
                "found": judged.found,
                "missed": judged.missed,
                "false": judged.false,
            },
            "creatives": counts,
            "languages": {each: written_by([p for p in made if p.language == each]) for each in languages},
            "event_to_creative_ms": {name: ms[name] for name in ("p50", "p95", "p99")},
            "model_share": _share(len(by_model), len(made)),
            "live_share": _share(counts[LIVE], len(made)),
            "template_share": _share(counts["template"], len(made)),
            "live_model_share": _share(sum(p.by_model for p in live), len(live)),
            "distinct_headline_share": _share(len({p.headline for p in by_model}), len(by_model)),
            "noun_share": _share(sum(p.has_noun for p in by_model), len(by_model)),
            "found_share": round(judged.recall, 3),
            "false_per_1000": round(judged.false_per_1000, 2),
            "shared_creatives": self.shared,
            "pictured": len(self.pictured),
        }


def written_by(made: Sequence[PublishedCreative]) -> dict[str, int]:
    """Creatives by who wrote them: the model, of that ahead, live and before, and templates."""
    by_model = [p for p in made if p.by_model]
    ahead, live = (sum(p.source == name for p in by_model) for name in (POOL, LIVE))
    return {
        "model": len(by_model),
        POOL: ahead,
        LIVE: live,
        "reused": len(by_model) - ahead - live,
        "template": len(made) - len(by_model),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
