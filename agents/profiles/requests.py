"""A trigger becomes a request: self-contained, at most 4 KB, under an id that a replay makes again."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from agents.profiles.audience import tell_segment
from agents.profiles.made.creatives import count_shown, is_live
from agents.profiles.rows import portfolio
from agents.profiles.rows.link import heard_of
from agents.profiles.rows.made import INTERESTS, KnownAtRequest, note_asked
from agents.profiles.rows.portfolio import Portfolio
from agents.profiles.together import interests_of_both, vector_of_both
from agents.profiles.work import Users, Work, explicit_of
from models.campaigns import Campaign
from models.choice.cold_start import Start, portrait_start_of
from models.choice.served import (
    nearest_segment,
    newest_items,
    served_vector,
    spending_power,
    suppressed_codes,
    tier,
    top_codes,
    top_items,
)
from models.event.layout import Purpose
from models.interest.profile import DIMENSIONS, FIRST_TRIGGER
from models.money import CURRENCIES
from models.segments import segment_name
from streams import records as r
from streams.metrics.profiles import REQUESTS
from streams.topics import REQUEST
from streams.wire.codecs import Headers, encode, headers
from streams.wire.ids import request_id
from streams.wire.output import Output
from streams.wire.view import View

MAX_BYTES: Final = 4_096
INTENDED_HEADER: Final = "intended_ts"
"""Header of open-loop load drivers: when the event was meant to be sent, Unix ms as text."""
MS_DIGITS: Final = 13
_TOP_ITEMS: Final = 6
_LEANINGS: Final = 16
_PRICES: Final = {1: r.DEARER, -1: r.CHEAPER}


@dataclass(frozen=True)
class Fired:
    """One trigger and the event that caused it."""

    topic: str
    event: Any  # element of EVENT
    message: Any  # the event in full
    headers: Headers
    fire: Any  # element of FIRE
    profile: Any  # row p right after it fired


def emit_request(view: View, users: Users, fired: Fired, work: Work) -> str | None:
    """Send the request of one trigger, unless personalising is no longer allowed. Its kind, None = not
    sent."""
    user, ts = int(fired.fire["user"]), int(fired.event["ts"])
    if not users.purposes(user, work.default_purposes) & Purpose.PERSONALISE:
        return None
    held = portfolio.read_portfolio(view, users.keys[user])
    segment = nearest_segment(fired.profile, _segments(work))
    heard = heard_of(view, users.keys[user], bool(users.consent["linked"][user]))
    top = _own_top(fired.profile, ts, work)
    request = _request_of(users, fired, held, segment, top, heard, view.now_ms, work)
    tell_segment(view, users, user, segment, request.catalog_version, ts)
    note_asked(view, users.keys[user], _asked(request, top))
    portfolio.note_request(held, request.request_id, int(fired.fire["regime"]))
    portfolio.write(view, users.keys[user], held)
    stamped = headers(REQUEST.ce_type, request.request_id, view.now_ms)
    view.send(Output(REQUEST.name, users.keys[user], fitted_request(request), view.lane, stamped))
    REQUESTS.labels(request.trigger.kind).inc()
    return request.trigger.kind


def _request_of(
    users: Users,
    fired: Fired,
    held: Portfolio,
    segment: int,
    own_top: list[r.Weighted],
    heard: r.PartnerSummary | None,
    now_ms: int,
    work: Work,
) -> r.CreativeRequest:
    """All that the generator needs to know of the user. `segment`: index, -1 none; `heard`: of a partner."""
    event, fire, profile = fired.event, fired.fire, fired.profile
    start = _start(fired, work)
    user, ts, cause = int(fire["user"]), int(event["ts"]), _cause(fired)
    key, x = users.keys[user].decode(), users.exposures[user]
    trigger, purposes = _trigger(fire, work), users.purposes(user, work.default_purposes)
    wanted, taken = newest_items(profile, fire)
    spending = spending_power(profile)
    return r.CreativeRequest(
        request_id=request_id(key, trigger.kind, cause.topic, cause.id),
        user=key,
        n_trig=int(fire["trigger"]),
        cause=cause,
        deadline=now_ms + work.settings.generation_deadline_ms,
        trigger=trigger,
        vector=_vector(profile, segment, start, heard, ts, work),
        top=interests_of_both(own_top, profile, heard, ts, _hidden(profile, ts, work)),
        catalog_version=int(profile["head"]["catalog_version"]),
        items=_items(profile, ts, work),
        wanted=_known(wanted, work),
        taken=_known(taken, work),
        tier=tier(profile),
        spending_minor=None if spending is None else round(spending),
        currency=None if spending is None else CURRENCIES[profile["currency"]] or None,
        context=_context(event, fired.message, x),
        segment=segment_name(segment) if segment >= 0 else None,
        portrait=start.name if start is not None else None,
        leaning=_leaning(start, work),
        suppressed=sorted(suppressed_codes(profile, ts)),
        caps=_caps(x, work.ref.campaigns.values(), ts, heard),
        recent=list(held.recent),
        pictures=list(held.pictures),
        headlines=portfolio.headlines_had(held, now_ms, work.settings.headline_window_s * 1000),
        live=[_live(each) for each in held.held if is_live(users, user, each.creative_id)],
        regime=_returning(fire, held, work),
        consent=explicit_of(purposes),
        cause_appended=int(event["append_ts"]),
        intended_ts=_intended(fired.headers),
    )


def fitted_request(request: r.CreativeRequest) -> bytes:
    """JSON of at most MAX_BYTES: what helps least goes first. What decides whether an ad may be shown (caps,
    headlines, what is suppressed) always stays, even where names are so long that it takes more."""
    value, context = encode(request), request.context
    shorter: tuple[dict[str, Any], ...] = (
        {"items": []},
        {"leaning": []},
        {"regime": []},
        {"taken": []},
        {"recent": [], "pictures": []},
        {"live": request.live[-3:]},
        {"wanted": []},
        {"trigger": msgspec.structs.replace(request.trigger, gained=[], lost=[])},
        {"live": [], "context": r.RequestContext(slots=context.slots, locale=context.locale)},
    )
    for less in shorter:
        if len(value) <= MAX_BYTES:
            break
        request = msgspec.structs.replace(request, **less)
        value = encode(request)
    return value


def _segments(work: Work) -> Any:
    return (
        work.ref.catalog.segments if work.ref.catalog is not None else np.zeros((0, DIMENSIONS), np.float32)
    )


def _cause(fired: Fired) -> r.Cause:
    return r.Cause(fired.message.id, fired.message.ts, fired.topic)


def _trigger(fire: Any, work: Work) -> r.Trigger:
    kind = "first" if fire["kind"] == FIRST_TRIGGER else "shift"
    gained, lost = (_codes(fire, which, work) for which in ("gained", "lost"))
    return r.Trigger(kind, round(float(fire["score"]), 3), gained, lost, _PRICES.get(int(fire["price"])))


def _start(fired: Fired, work: Work) -> Start | None:
    """The portrait that a user starts from who asks for the first time; the version of portraits and row is
    that of the catalogue in force."""
    if work.ref.portraits is None or fired.fire["kind"] != FIRST_TRIGGER:
        return None
    return portrait_start_of(work.ref.portraits, fired.profile, _country(fired.message))


def _leaning(start: Start | None, work: Work) -> list[r.Weighted]:
    """The strongest either way, strongest first."""
    if start is None:
        return []
    used = start.leaning[: len(work.ref.catalog.code_names) if work.ref.catalog is not None else 0]
    order = np.argsort(-np.abs(used), kind="stable")[:_LEANINGS]
    return [r.Weighted(work.code_name(code), round(float(used[code]), 3)) for code in order.tolist()]


def _own_top(profile: Any, ts: int, work: Work) -> list[r.Weighted]:
    return [r.Weighted(work.code_name(code), round(share, 4)) for code, share in top_codes(profile, ts)]


def _hidden(profile: Any, ts: int, work: Work) -> set[str]:
    return {work.code_name(code) for code in suppressed_codes(profile, ts)}


def _vector(
    profile: Any, segment: int, start: Start | None, heard: r.PartnerSummary | None, ts: int, work: Work
) -> str:
    """What is served, float16 as base64; a user who is like a portrait, or like a segment, is drawn towards
    it."""
    near = _segments(work)[segment] if segment >= 0 else np.zeros(DIMENSIONS, np.float32)
    begin = near if start is None else start.vector
    served = vector_of_both(served_vector(profile, begin, ts), profile, heard, ts)
    return b64encode(served.astype("<f2").tobytes()).decode()


def _codes(fire: Any, which: str, work: Work) -> list[r.Weighted]:
    pairs = zip(fire[which].tolist(), fire[f"{which}_weight"].tolist(), strict=True)
    return [r.Weighted(work.code_name(code), round(weight, 4)) for code, weight in pairs if code >= 0]


def _items(profile: Any, ts: int, work: Work) -> list[r.Weighted]:
    known = [(work.ref.item_of_key.get(key), weight) for key, weight in top_items(profile, ts)]
    return [r.Weighted(item, round(weight, 4)) for item, weight in known[:_TOP_ITEMS] if item is not None]


def _known(keys: list[int], work: Work) -> list[str]:
    """Each item once, in order."""
    ids = [work.ref.item_of_key.get(key) for key in keys]
    return list(dict.fromkeys(each for each in ids if each is not None))


def _context(event: Any, message: Any, x: Any) -> r.RequestContext:
    device = message.device
    seen = int(x["slots"])
    return r.RequestContext(
        hour=int(event["hour"]) if event["hour"] < 24 else None,
        weekday=int(event["weekday"]) if event["weekday"] < 7 else None,
        device=int(event["device"]) or None,
        country=_country(message),
        slots=[slot for k, slot in enumerate(r.SLOTS) if seen >> k & 1],
        locale=(device.langb if device is not None else None) or "en",
    )


def _country(message: Any) -> str | None:
    device = message.device
    return device.geo.country if device is not None and device.geo is not None else None


def _caps(x: Any, campaigns: Any, ts: int, heard: r.PartnerSummary | None) -> dict[str, int]:
    """Per capped campaign the impressions to compare with its smallest n: enough to exclude it when any cap
    is reached."""
    if x["n_caps"] == 0 and x["cap_missed"] == 0 and heard is None:
        return {}
    counts: dict[str, int] = {}
    campaign: Campaign
    for campaign in campaigns:
        caps = [cap for cap in campaign.caps if cap.scope == "campaign"]
        seen = [count_shown(x, "", campaign.campaign_id, ts, cap, heard) for cap in caps]
        if any(seen):
            reached = any(count >= cap.n for count, cap in zip(seen, caps, strict=True))
            counts[campaign.campaign_id] = max(cap.n for cap in caps) if reached else min(seen)
    return counts


def _asked(request: r.CreativeRequest, own_top: list[r.Weighted]) -> KnownAtRequest:
    interests = tuple(each.name for each in own_top[:INTERESTS])
    return KnownAtRequest(request.request_id, interests, request.segment or "", request.context.country or "")


def _returning(fire: Any, held: Portfolio, work: Work) -> list[r.PastCreative]:
    """What the interest was shown, if it is one that came back."""
    back = fire["returning"] >= 0
    return portfolio.past_creatives(held, int(fire["regime"]), work.revocations) if back else []


def _live(held: portfolio.Held) -> r.LiveCreative:
    return r.LiveCreative(held.key, held.creative_id, held.campaign_id, held.slot, held.version, held.expires)


def _intended(head: Headers) -> int | None:
    text = next((bytes(value) for name, value in head if name == INTENDED_HEADER), b"")
    return int(text) if text.isdigit() and len(text) <= MS_DIGITS else None
