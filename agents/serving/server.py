"""HTTP over the look-up: who asks shows a token, asks no more often than agreed, and learns nothing about a
user but which creative to show."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from aiohttp import web

from agents.serving.admission import TOO_MANY, Admission
from agents.serving.answering import Answer, Question, answer_request, question_of, refused
from agents.serving.bidding import answer_bid_request
from agents.serving.campaigns import KnownCampaigns
from agents.serving.caps_reached import CapsReached
from agents.serving.lookup import CreativeLookup
from models.beacon.beacon import SealedShowing
from models.beacon.seal import Seal
from streams.metrics.lookup import LOOKUP_SECONDS, LOOKUPS
from streams.unix_time import unix_ms

STALE_S: Final = 5.0
"""The broker answers a follower twice a second; after so long without a word newer withdrawals may be out."""
MOST_BODY_BYTES: Final = 64 * 1024
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _random_id() -> str:
    return secrets.token_urlsafe(9)


@dataclass
class Serving:
    """What the routes answer from. `silent_s`: since the broker last answered."""

    admission: Admission
    silent_s: Callable[[], float]
    lookup: CreativeLookup = field(default_factory=CreativeLookup)
    campaigns: KnownCampaigns = field(default_factory=KnownCampaigns)
    vendor: int = 0  # ours on the IAB's list; 0 = none is asked for
    seal: Seal | None = None  # of trackers of ours; None: there are none
    clock_ms: Callable[[], int] = unix_ms
    new_id: Callable[[], str] = _random_id
    reached: CapsReached = field(default_factory=CapsReached)

    def refusal(self, request: web.Request) -> Answer | None:
        """Why a request is not answered, or None."""
        status = self.admission.refusal(request.headers.get("Authorization", ""), time.monotonic())
        if not status:
            return None
        if status == TOO_MANY:
            made = refused(status, "more requests than agreed: SHIFTCAST_SERVE_PER_S")
            made.headers["Retry-After"] = "1"
            return made
        made = refused(status, "give a token of SHIFTCAST_SERVE_TOKENS: Authorization: Bearer ...")
        made.headers["WWW-Authenticate"] = "Bearer"
        return made

    def look_up(self, request: web.Request) -> Answer:
        """The answer to GET /v1/creative."""
        asked = question_of(request.query)
        if not isinstance(asked, Question):
            return asked
        campaign, now_ms = self.campaigns.get(asked.campaign_id), self.clock_ms()
        caps = campaign.caps if campaign is not None else ()
        if campaign is not None and self.reached.holds(asked.user, campaign, now_ms):
            asked = replace(asked, capped=asked.capped | {campaign.campaign_id})
        showing = (
            self.seal.close(SealedShowing(self.new_id(), asked.user or "")) if self.seal is not None else ""
        )
        return answer_request(asked, request.headers.get("Accept", ""), self.lookup, caps, now_ms, showing)

    def bid(self, body: bytes) -> Answer:
        """The answer to POST /v1/openrtb."""
        return answer_bid_request(
            body, self.lookup, self.campaigns, self.vendor, self.clock_ms(), self.seal, self.reached
        )


def lookup_application(serving: Serving) -> web.Application:
    """The web application: no state of its own."""

    async def creative(request: web.Request) -> web.Response:
        began = time.perf_counter()
        made = serving.refusal(request) or serving.look_up(request)
        return _told(serving, "creative", made, began)

    async def openrtb(request: web.Request) -> web.Response:
        began = time.perf_counter()
        made = serving.refusal(request)
        if made is None:
            body = await _body(request)
            made = (
                serving.bid(body)
                if body is not None
                else refused(400, "the body ends early, or is not as it says")
            )
        return _told(serving, "openrtb", made, began)

    made = web.Application(client_max_size=MOST_BODY_BYTES)
    made.router.add_get("/v1/creative", creative)
    made.router.add_post("/v1/openrtb", openrtb)
    return made


async def _body(request: web.Request) -> bytes | None:
    """None of one that is broken off, or not packed as its headers say."""
    try:
        return await request.read()
    except (web.RequestPayloadError, ConnectionError):
        return None


def _told(serving: Serving, route: str, made: Answer, began: float) -> web.Response:
    headers = {**_HEADERS, **made.headers}
    if (age_s := serving.silent_s()) > STALE_S:
        headers["X-Shiftcast-Stale-S"] = str(int(age_s))
    LOOKUPS.labels(route, made.outcome).inc()
    LOOKUP_SECONDS.observe(time.perf_counter() - began)
    if made.body:
        headers["Content-Type"] = made.media_type
    return web.Response(body=made.body or None, status=made.status, headers=headers)
