"""The picture people look at: requests, creatives, results and dead letters folded into counts, cards and
reasons. No clock, no client."""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import msgspec

from agents.overview.gallery import Gallery
from streams import records, topics
from streams.mapping.authorship import written_by_model
from streams.topics import TopicSpec
from streams.wire.dead_letters import MARK, DeadLetter

CARDS: Final = 24
REASONS: Final = 200
LATENCIES: Final = 2_000
LIVE_MS: Final = 60_000
"""A cause older than this when its creative arrives was history being replayed: it says nothing about
latency."""
WATCHED: Final[tuple[TopicSpec, ...]] = (topics.REQUEST, topics.CREATIVE, topics.GENERATION, topics.DEAD)
QUANTILES: Final = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))

_request = msgspec.json.Decoder(records.CreativeRequest)
_creative = msgspec.json.Decoder(records.Creative)
_result = msgspec.json.Decoder(records.GenerationResult)


class ReadRecord(Protocol):
    """What is read of a consumed record (aiokafka's ConsumerRecord is one)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


@dataclass(frozen=True)
class Card:
    """A creative as it may be shown to anyone: no user, no key."""

    creative_id: str
    request_id: str | None
    campaign_id: str
    brand: str
    headline: str
    description: str
    cta: str
    slot: str
    category: str
    audience: str  # user | segment | default
    trigger: str
    by_model: bool
    created_ms: int
    latency_ms: int | None  # cause to append, None when the cause was history
    source: str | None = None  # of copy that a model wrote for it: pool | live


@dataclass(frozen=True)
class Why:
    """Why a request was made: for the operator only. `user` is a pseudonym of this process."""

    request_id: str
    user: str
    kind: str
    score: float
    gained: list[tuple[str, float]]
    lost: list[tuple[str, float]]
    top: list[tuple[str, float]]
    ts_ms: int
    cause_id: str
    status: str = ""
    model_ms: float = 0.0
    headline: str = ""


@dataclass
class Overview:
    """Feed it with `take`, read it with `public` and `reasons`. `secret` keys the pseudonyms, so that they
    cannot be looked up."""

    secret: bytes
    requests: Counter[str] = field(default_factory=Counter)  # by trigger kind
    results: Counter[str] = field(default_factory=Counter)  # by status
    review: Counter[str] = field(
        default_factory=Counter
    )  # by reason code of what was not published as written
    creatives: Counter[str] = field(
        default_factory=Counter
    )  # model | template | shared | withdrawn; the first two: of one user
    dead: Counter[str] = field(default_factory=Counter)  # by reason
    broken: int = 0
    cards: deque[Card] = field(default_factory=lambda: deque(maxlen=CARDS))
    gallery: Gallery = field(default_factory=Gallery)
    why: OrderedDict[str, Why] = field(default_factory=OrderedDict)
    latencies_ms: deque[int] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    def pseudonym(self, user: str) -> str:
        """A user as the page and the terminal name them: 8 hex digits, different in each process."""
        return hashlib.blake2b(user.encode(), key=self.secret, digest_size=4).hexdigest()

    def take(self, record: ReadRecord) -> Card | Why | None:
        """Folds one record of WATCHED in; returns the card or the reason that it made, if any."""
        if record.topic == topics.DEAD.name:
            if not any(name == MARK for name, _ in record.headers):
                self.dead[DeadLetter.of(record).reason] += 1
            return None
        try:
            return self._take(record)
        except msgspec.MsgspecError:
            self.broken += 1
            return None

    def _take(self, record: ReadRecord) -> Card | Why | None:
        if record.value is None:
            self.creatives["withdrawn"] += record.topic == topics.CREATIVE.name
            return None
        if record.topic == topics.REQUEST.name:
            return self._asked(_request.decode(record.value))
        if record.topic == topics.CREATIVE.name:
            return self._published(_creative.decode(record.value), record.timestamp)
        result = _result.decode(record.value)
        self.results[result.status] += 1
        self.review.update(result.review)
        self._answer(result.request_id, status=result.status, model_ms=result.model_ms)
        return None

    def _asked(self, request: records.CreativeRequest) -> Why:
        self.requests[request.trigger.kind] += 1
        why = Why(
            request_id=request.request_id,
            user=self.pseudonym(request.user),
            kind=request.trigger.kind,
            score=round(request.trigger.score, 2),
            gained=_pairs(request.trigger.gained),
            lost=_pairs(request.trigger.lost),
            top=_pairs(request.top),
            ts_ms=request.cause.ts,
            cause_id=request.cause.id,
        )
        self.why[request.request_id] = why
        while len(self.why) > REASONS:
            self.why.popitem(last=False)
        return why

    def _published(self, creative: records.Creative, append_ms: int) -> Card | None:
        self.gallery.take(creative)
        if creative.replaces_version is not None:  # known already, but for its picture
            return None
        card = card_of(creative, append_ms)
        self.creatives["shared" if card.audience != "user" else "model" if card.by_model else "template"] += 1
        self.cards.appendleft(card)
        if card.latency_ms is not None:
            self.latencies_ms.append(card.latency_ms)
        if creative.request_id:
            self._answer(creative.request_id, headline=card.headline)
        return card

    def _answer(self, request_id: str, **what: Any) -> None:
        if request_id in self.why:
            self.why[request_id] = replace(self.why[request_id], **what)

    def reasons(self) -> list[dict[str, Any]]:
        """The newest reasons first; only for who holds the operator's token."""
        return [msgspec.to_builtins(why) for why in reversed(self.why.values())]

    def public(self) -> dict[str, Any]:
        """What anyone may see: counts, latency and cards; no user, no profile."""
        return {
            "requests": dict(self.requests),
            "results": dict(self.results),
            "review": dict(self.review.most_common(12)),
            "creatives": dict(self.creatives),
            "dead_letters": {"total": self.dead.total(), "by_reason": dict(self.dead.most_common(12))},
            "latency_ms": quantiles(self.latencies_ms),
            "pictures": self.gallery.public(),
            "without_picture": self.gallery.without(),
            "cards": [
                {**msgspec.to_builtins(card), "picture": self.gallery.file_of(card.creative_id)}
                for card in self.cards
            ],
        }


def card_of(creative: records.Creative, append_ms: int) -> Card:
    """What a person may see of a creative."""
    age_ms = append_ms - creative.cause.ts if creative.cause is not None else -1
    return Card(
        creative_id=creative.creative_id,
        request_id=creative.request_id,
        campaign_id=creative.campaign_id,
        brand=creative.copy.brand or creative.advertiser.name,
        headline=creative.copy.headline,
        description=creative.copy.description,
        cta=creative.copy.cta,
        slot=creative.slot,
        category=creative.cat[0] if creative.cat else "",
        audience=creative.audience.type,
        trigger=creative.reason.trigger,
        by_model=written_by_model(creative),
        created_ms=creative.created,
        latency_ms=age_ms if 0 <= age_ms <= LIVE_MS else None,
        source=creative.source,
    )


def quantiles(values: Sequence[float]) -> dict[str, float | None]:
    """p50, p95 and p99 (nearest rank) and their number; None without values."""
    ordered = sorted(values)
    ranks = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None
        for name, share in QUANTILES
    }
    return {**ranks, "n": len(ordered)}


def _pairs(weighted: Sequence[records.Weighted]) -> list[tuple[str, float]]:
    return [(each.name, round(each.weight, 3)) for each in weighted]
