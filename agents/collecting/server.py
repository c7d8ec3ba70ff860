"""HTTP of trackers: a picture of one pixel, nothing for a beacon, the landing page for a click, a page of
thanks for who follows the link of a reaction. Whoever is answered so is on disk; nobody else is answered
so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Final

from aiohttp import web

from agents.collecting.buffer import Event, EventBuffer, KeptNowhereError
from agents.collecting.showings import NamedShowings
from agents.collecting.syncing import Syncer
from agents.collecting.telling import NothingToldError, told_by_call
from models.beacon.address import PATH
from models.beacon.beacon import Beacon
from models.beacon.seal import Seal
from models.link import ascii_link
from models.markup.tracking import REACTIONS
from streams.metrics.collector import COLLECT_SECONDS, COLLECTED
from streams.rates import Rates
from streams.unix_time import unix_ms
from streams.wire.codecs import encode

PIXEL: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A transparent GIF of one pixel."""
THANKS: Final = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Thank you</title></head>'
    "<body><p>Thank you, this is noted. You can close this page.</p></body></html>"
)
"""What a reader sees who followed a link out of the ad."""
MOST_BODY_BYTES: Final = 4 * 1024
"""navigator.sendBeacon may send something along; nothing of it is read."""
AGAIN_S: Final = 5
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}
_STATUS: Final = {
    "unsealed": 403,
    "expired": 410,
    "unknown": 400,
    "nobody": 422,
    "prefetch": 403,
    "too_many": 429,
    "no_room": 503,
}
_WHY: Final = {
    "unsealed": "this address was not made by this operator, or was changed",
    "expired": "this creative ended long ago",
    "unknown": "this version does not know that event",
    "nobody": "whom it was shown to is not said: let `shiftcast serve` give it out with user=",
    "prefetch": "nobody has seen it yet",
    "too_many": "more requests than one address may send: SHIFTCAST_COLLECT_PER_S",
    "no_room": "no room for events until the broker takes some: SHIFTCAST_COLLECT_BYTES",
}


@dataclass
class Collecting:
    """What the route works with. `woken`: called when something waits to be sent; `proxies`: of ours, before
    this server."""

    seal: Seal
    buffer: EventBuffer
    syncer: Syncer
    rates: Rates
    woken: Callable[[], None]
    proxies: int = 0
    clock_ms: Callable[[], int] = unix_ms
    named: NamedShowings = field(default_factory=NamedShowings)

    async def answer(self, request: web.Request) -> tuple[web.Response, str]:
        """The answer, and what became of the call (streams.metrics.collector.COLLECT_OUTCOMES)."""
        if "prefetch" in f"{request.headers.get('Sec-Purpose', '')}{request.headers.get('Purpose', '')}":
            return _refused("prefetch"), "prefetch"
        if not self.rates.take(address_of(request, self.proxies), time.monotonic()):
            return _refused("too_many"), "too_many"
        try:
            sealed = request.match_info["sealed"]
            heard = told_by_call(
                sealed, request.query, request.headers, self.seal, self.clock_ms(), self.named
            )
        except NothingToldError as nothing:
            if nothing.beacon is None or nothing.why != "nobody" or not nothing.beacon.target:
                return _refused(nothing.why), nothing.why
            return _answered(request, nothing.beacon), "followed"
        record = heard.record
        event = Event(heard.topic.name, record.user, record.id, record.ts, encode(record))
        try:
            self.buffer.put(event)
            self.woken()
            await self.syncer.note()
        except KeptNowhereError:
            return _refused("no_room"), "no_room"
        return _answered(request, heard.beacon), "kept"


def collector_application(collecting: Collecting) -> web.Application:
    """The web application: no state of its own."""

    async def beacon(request: web.Request) -> web.Response:
        began = time.perf_counter()
        made, outcome = await collecting.answer(request)
        COLLECTED.labels(outcome).inc()
        COLLECT_SECONDS.observe(time.perf_counter() - began)
        return made

    made = web.Application(client_max_size=MOST_BODY_BYTES)
    made.router.add_get(PATH + "{sealed}", beacon, allow_head=False)  # HEAD shows nothing to anybody
    made.router.add_post(PATH + "{sealed}", beacon)
    return made


def address_of(request: web.Request, proxies: int) -> str:
    """Who asks, as the outermost proxy of ours saw it; of IPv6 the network that one subscriber has."""
    said = ",".join(request.headers.getall("X-Forwarded-For", []))  # some proxies add a line of their own
    named = [each.strip() for each in said.split(",")]
    text = named[-proxies] if 0 < proxies <= len(named) else request.remote or ""
    try:
        address = ip_address(text)
    except ValueError:
        return request.remote or ""
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return text


def _answered(request: web.Request, beacon: Beacon) -> web.Response:
    if beacon.target:
        return web.Response(status=302, headers={**_HEADERS, "Location": ascii_link(beacon.target)})
    if request.method == "POST":
        return web.Response(status=204, headers=_HEADERS)
    if beacon.event in REACTIONS and "text/html" in request.headers.get("Accept", ""):
        policy = {"Content-Security-Policy": "default-src 'none'"}
        return web.Response(text=THANKS, content_type="text/html", headers={**_HEADERS, **policy})
    return web.Response(body=PIXEL, headers={**_HEADERS, "Content-Type": "image/gif"})


def _refused(why: str) -> web.Response:
    headers = _HEADERS
    if why in ("too_many", "no_room"):
        headers = {**_HEADERS, "Retry-After": str(1 if why == "too_many" else AGAIN_S)}
    return web.Response(text=_WHY[why] + "\n", status=_STATUS[why], headers=headers)
