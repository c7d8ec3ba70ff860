"""What a look-up is answered with: the best creative of the ladder that can be had in a format that was asked
for. Nothing of the user but the pseudonym that was given goes in, and nothing comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from agents.serving.accepting import AS_PUBLISHED, MEDIA_TYPES, accepted_formats
from agents.serving.lookup import CreativeLookup, FoundCreative
from models.beacon.address import shown_as
from models.campaigns import Cap
from models.markup.ad import NotOfferedError
from models.markup.label import NoRoomForLabelError
from streams.mapping.ads import rendering
from streams.metrics.lookup import NOT_LABELLED
from streams.wire.codecs import COMPOSITE_KEY_MAX_BYTES, KEY_BYTES, KEY_MAX_BYTES

NOTHING: Final = "none"
REFUSED: Final = "refused"
"""`outcome` of an answer without a creative; else its audience: user | segment | default."""
MOST_CAPPED: Final = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one request; `outcome` is what metrics count."""

    status: int
    outcome: str
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One look-up: user and segment None = not known; `capped` what the user has seen often enough."""

    campaign_id: str
    slot: str
    user: str | None = None
    segment: str | None = None
    capped: frozenset[str] = frozenset()


def refused(status: int, why: str) -> Answer:
    """An answer that says what is wrong and what to give."""
    return Answer(status, REFUSED, orjson.dumps({"error": why}))


def question_of(query: Mapping[str, str]) -> Question | Answer:
    """A look-up's parameters, or why they are none."""
    campaign_id, slot = query.get("campaign", ""), query.get("slot", "")
    user, segment = query.get("user") or None, query.get("segment") or None
    if not campaign_id or not slot:
        return refused(400, "give campaign= and slot=, with user= where the user is known")
    if user is not None and not is_user(user):
        return refused(400, f"user= is 1 to {KEY_MAX_BYTES} of A-Z a-z 0-9 _ -: the pseudonym of the topics")
    if any("|" in each or not each.isprintable() for each in (campaign_id, slot, segment or "")):
        return refused(400, "campaign=, slot= and segment= hold printable characters and no |")
    if sum(map(len, (campaign_id, slot, segment or ""))) > COMPOSITE_KEY_MAX_BYTES:
        return refused(
            400, f"campaign=, slot= and segment= have {COMPOSITE_KEY_MAX_BYTES} characters at most"
        )
    capped = [each for each in query.get("capped", "").split(",") if each]
    if len(capped) > MOST_CAPPED:
        return refused(400, f"capped= names at most {MOST_CAPPED} campaigns and creatives")
    return Question(campaign_id, slot, user, segment, frozenset(capped))


def is_user(text: str) -> bool:
    """Whether a text may be a user's pseudonym."""
    return text.isascii() and 0 < len(text) <= KEY_MAX_BYTES and not text.encode().translate(None, KEY_BYTES)


def answer_request(
    question: Question,
    accept: str,
    lookup: CreativeLookup,
    caps: Sequence[Cap],
    now_ms: int,
    showing: str = "",
) -> Answer:
    """The answer at `now_ms`; `caps` of the campaign go along as a hint; `showing`: what trackers of ours say
    of this answer, sealed. 204: nothing may be shown; 406: what may be shown cannot be had so."""
    formats = accepted_formats(accept)
    if not formats:
        return refused(406, f"Accept names none of {', '.join(MEDIA_TYPES.values())}")
    segment = question.segment
    if segment is None and question.user is not None:
        segment = lookup.segment_of(question.user)
    why = ""
    for found in lookup.ladder(
        question.user, segment, question.campaign_id, question.slot, now_ms, question.capped
    ):
        for name in formats:
            try:
                body = _body(found, name)
            except NotOfferedError as error:
                if isinstance(error, NoRoomForLabelError):
                    NOT_LABELLED.labels(name).inc()
                why = why or str(error)
                continue
            creative = found.creative
            headers = {
                "X-Shiftcast-Creative": creative.creative_id,
                "X-Shiftcast-Audience": creative.audience.type,
                "X-Shiftcast-Expires": str(creative.expires),
            }
            if caps:
                headers["X-Shiftcast-Cap"] = ", ".join(map(_hint, caps))
            body = shown_as(body, showing) if showing else body
            return Answer(200, creative.audience.type, body, MEDIA_TYPES[name], headers)
    return refused(406, why) if why else Answer(204, NOTHING)


def _body(found: FoundCreative, name: str) -> bytes:
    if name == AS_PUBLISHED:
        return found.raw
    made = rendering(found.creative, name)
    return made.encode() if isinstance(made, str) else orjson.dumps(made)


def _hint(cap: Cap) -> str:
    within = "" if cap.per_s is None else f";per_s={cap.per_s}"
    return f"n={cap.n}{within};scope={cap.scope}"
