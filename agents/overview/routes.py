"""The routes of the page: GET only, no state of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

import orjson
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client.aiohttp import make_aiohttp_handler

from agents.overview.cards.portraits import NONE_YET
from agents.overview.guard import Handler, guarded
from agents.overview.page import Page
from agents.rendering.files.serving import file_handler
from streams.loud_end import RefusedError
from streams.records.base import USER_PATTERN

ASSETS: Final = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/pictures.js": ("pictures.js", "text/javascript"),
}
TYPED: Final = {"why": "why", "advice": "advise"}
"""Commands that answer the page's questions as well."""
USER: Final = "Shiftcast-User"
"""A user's key comes in a header: addresses stand in logs."""


def build_page(page: Page) -> web.Application:
    """The web application of a page."""
    answers = _Answers(page)
    routes: dict[str, Handler] = {
        "/api/state": answers.state,
        "/api/reasons": answers.for_operators("reasons need", lambda: {"reasons": page.overview.reasons()}),
        "/api/campaigns": answers.for_operators("what campaigns earned needs", page.earnings.told),
        "/api/portraits": answers.for_operators("portraits need", lambda: page.portraits.told or NONE_YET),
        "/api/{what:why|advice}/{name}": answers.inquire,
        "/api/ladder": answers.ladder,
        "/health": answers.health,
        "/live": answers.live,
        "/assets/{name}": file_handler(page.pictures),
        "/metrics": make_aiohttp_handler(),
        **{path: _asset(name, kind) for path, (name, kind) in ASSETS.items()},
    }
    app = web.Application(middlewares=[guarded(page.hosts)])
    for path, handler in routes.items():
        app.router.add_get(path, handler)
    return app


class _Answers:
    def __init__(self, page: Page) -> None:
        self._page = page

    def for_operators(self, what: str, told: Callable[[], Any]) -> Handler:
        """What is told to those alone who bring the token."""

        async def answer(request: web.Request) -> web.Response:
            return self._refused(request, what) or _json(told())

        return answer

    def _refused(self, request: web.Request, what: str) -> web.Response | None:
        if self._page.may_read_reasons(request.headers.get("Authorization", "")):
            return None
        return _json({"error": f"{what} the operator's token: open the link that was printed at start"}, 401)

    async def state(self, _request: web.Request) -> web.Response:
        return _json(self._page.state())

    async def ladder(self, request: web.Request) -> web.Response:
        if refused := self._refused(request, "what a user is shown needs"):
            return refused
        user, inquiries = request.headers.get(USER, ""), self._page.inquiries
        if not re.fullmatch(USER_PATTERN, user):
            return _json({"error": "name a user: the key under which events of that user are sent"}, 400)
        if inquiries is None:
            return _json({"error": "this page answers no questions"}, 404)
        try:
            return _json(await inquiries.ladder(user))
        except (KafkaError, RefusedError, OSError):
            return _json({"error": "not answered in time: ask a look-up (`shiftcast serve`)"}, 503)

    async def inquire(self, request: web.Request) -> web.Response:
        if refused := self._refused(request, "this needs"):
            return refused
        inquiries = self._page.inquiries
        if inquiries is None:
            return _json({"error": "this page answers no questions"}, 404)
        what, name = request.match_info["what"], request.match_info["name"]
        try:
            answer = await (inquiries.why if what == "why" else inquiries.advice)(name)
        except (KafkaError, RefusedError, OSError):  # a TimeoutError is an OSError
            return _json({"error": f"not answered in time: type `shiftcast {TYPED[what]} {name}`"}, 503)
        if answer is None:
            return _json({"error": f"no topic holds anything of {name} any more"}, 404)
        return _json(answer)

    async def health(self, _request: web.Request) -> web.Response:
        if self._page.looks.stale() or self._page.looks.newest() is None:
            return _json({"status": "no recent look at the broker"}, 503)
        return _json({"status": "ok"})

    async def live(self, _request: web.Request) -> web.Response:
        return _json({"status": "ok"})


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def _asset(name: str, kind: str) -> Handler:
    text = files("agents.pages").joinpath(name).read_text(encoding="utf-8")

    async def asset(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind)

    return asset
