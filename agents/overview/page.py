"""The read-only page: what flows, how fast, and the newest creatives. It reads topics without a group; no
route returns a profile.

Anyone who reaches the page sees counts and cards. Why a creative was made (interests gained and lost, users
as pseudonyms of this process) and what campaigns earned need the operator's token, sent as a header; the link
carries it in the fragment, which browsers do not send to servers or in referrers.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client.aiohttp import make_aiohttp_handler

from agents.inputs.board import InputBoard
from agents.overview.click_model_card import ClickModelCard
from agents.overview.earnings import EarningsBoard
from agents.overview.experiments import ExperimentBoard
from agents.overview.gauges import GaugeSample
from agents.overview.guard import Handler, guarded
from agents.overview.inquiries import Inquiries
from agents.overview.looks import Looks, keep_looking
from agents.overview.portraits import NONE_YET, PortraitGallery
from agents.overview.state import WATCHED, Overview
from agents.overview.tail import Tail
from agents.overview.threshold import ThresholdInForce
from agents.rendering.serving import file_handler
from streams import metrics
from streams.broker.follow import Follower
from streams.http_server import BoundedServer
from streams.loud_end import RefusedError, stop_signals
from streams.records import Record
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import ARTIFACT, CREATIVE_METRIC, EXPERIMENT, INPUT, TopicSpec
from streams.wire.codecs import Headers

ASSETS: Final = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
TYPED: Final = {"why": "why", "advice": "advise"}
"""Commands that answer the page's questions as well."""


@dataclass
class Page:
    """What the routes answer from. `token` opens the reasons; `hosts` are the names a browser may call the
    page by."""

    overview: Overview
    token: str
    hosts: frozenset[str]
    clock_ms: Callable[[], int] = field(default=lambda: time.time_ns() // 1_000_000)
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
        metrics.BROKER_SEEN.set(sample.now_ms / 1000)
        for app, records in sample.lag.items():
            metrics.GROUP_LAG.labels(app).set(records)
        for app, members in sample.members.items():
            metrics.GROUP_MEMBERS.labels(app).set(members)

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


def build_page(page: Page) -> web.Application:
    """The web application of a page: GET only, no state of its own."""

    async def state(_request: web.Request) -> web.Response:
        return _json(page.state())

    async def reasons(request: web.Request) -> web.Response:
        if not page.may_read_reasons(request.headers.get("Authorization", "")):
            return _json(
                {"error": "reasons need the operator's token: open the link that was printed at start"},
                status=401,
            )
        return _json({"reasons": page.overview.reasons()})

    def for_operators(what: str, told: Callable[[], Any]) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            if not page.may_read_reasons(request.headers.get("Authorization", "")):
                return _json(
                    {"error": f"{what} the operator's token: open the link printed at start"}, status=401
                )
            return _json(told())

        return answer

    async def inquire(request: web.Request) -> web.Response:
        if not page.may_read_reasons(request.headers.get("Authorization", "")):
            return _json({"error": "this needs the operator's token: open the link printed at start"}, 401)
        if page.inquiries is None:
            return _json({"error": "this page answers no questions"}, 404)
        what, name = request.match_info["what"], request.match_info["name"]
        try:
            answer = await (page.inquiries.why if what == "why" else page.inquiries.advice)(name)
        except (KafkaError, RefusedError, OSError):  # a TimeoutError is an OSError
            return _json({"error": f"not answered in time: type `shiftcast {TYPED[what]} {name}`"}, 503)
        if answer is None:
            return _json({"error": f"no topic holds anything of {name} any more"}, 404)
        return _json(answer)

    async def health(_request: web.Request) -> web.Response:
        stale = page.looks.stale() or page.looks.newest() is None
        return _json(
            {"status": "no recent look at the broker" if stale else "ok"}, status=503 if stale else 200
        )

    async def live(_request: web.Request) -> web.Response:
        return _json({"status": "ok"})

    app = web.Application(middlewares=[guarded(page.hosts)])
    app.router.add_get("/api/state", state)
    app.router.add_get("/api/reasons", reasons)
    earned = for_operators("what campaigns earned needs", page.earnings.told)
    app.router.add_get("/api/campaigns", earned)
    portraits = for_operators("portraits need", lambda: page.portraits.told or NONE_YET)
    app.router.add_get("/api/portraits", portraits)
    app.router.add_get("/api/{what:why|advice}/{name}", inquire)
    app.router.add_get("/health", health)
    app.router.add_get("/live", live)
    app.router.add_get("/assets/{name}", file_handler(page.pictures))
    app.router.add_get("/metrics", make_aiohttp_handler())
    for path, (name, kind) in ASSETS.items():
        app.router.add_get(path, _asset(name, kind))
    return app


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def _asset(name: str, kind: str) -> Handler:
    text = files("agents.pages").joinpath(name).read_text(encoding="utf-8")

    async def asset(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind)

    return asset


def hosts_of(bind: str) -> frozenset[str]:
    """Host names to answer to: those of this machine alone while bound to loopback, else all."""
    return (
        frozenset({"127.0.0.1", "localhost", "[::1]"})
        if bind in {"127.0.0.1", "localhost", "::1"}
        else frozenset()
    )


def application(page: Page, settings: Settings) -> web.Application:
    """The page together with what keeps it fresh."""

    async def follow(_app: web.Application) -> AsyncIterator[None]:
        tail = Tail(
            settings, [spec.name for spec in WATCHED], lambda record: (page.overview.take(record), None)[1]
        )
        experiments = Follower(settings, (EXPERIMENT,), page.experiments.on_record)
        earnings = Follower(settings, (CREATIVE_METRIC,), page.earnings.on_record, wanted=page.earnings.wants)
        await tail.start()
        await experiments.start()
        await earnings.start()
        inputs = Follower(settings, (INPUT,), page.inputs.on_record)
        await inputs.start()
        follower = Follower(settings, [ARTIFACT], page.on_artifact, wanted=page.wants_artifact)
        await follower.start()
        looking = asyncio.create_task(keep_looking(settings, page.take, tail.check))
        yield
        await cancelled(looking)
        await follower.stop()
        await inputs.stop()
        await earnings.stop()
        await experiments.stop()
        await tail.stop()

    app = build_page(page)
    app.cleanup_ctx.append(follow)
    return app


def link(address: str, port: int, token: str) -> str:
    """What the operator opens; the token stands behind #, so no server ever sees it in an address."""
    return f"http://{f'[{address}]' if ':' in address else address}:{port}/#{token}"


async def serve_page(settings: Settings, say: Callable[[str], None]) -> None:
    """Serves until a signal stops it; says the operator's link once the page answers. Raises OSError."""
    ended = asyncio.Event()
    for number in stop_signals():
        # Set, not inherited: a shell starts background jobs with SIGINT ignored.
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    token = settings.page_token or secrets.token_urlsafe(24)
    overview = Overview(secrets.token_bytes(16))
    inquiries = Inquiries(settings, overview.pseudonym)
    page = Page(
        overview, token, hosts_of(settings.page_bind), inquiries=inquiries, pictures=settings.assets_dir
    )
    server = BoundedServer(application(page, settings))
    await server.start(settings.page_bind, settings.page_port)
    try:
        say(link(settings.page_bind, server.port, token))
        await ended.wait()
    finally:
        await server.stop()
