"""The page: security headers on every answer, reasons behind the token, no route that returns a profile, no
way to markup."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from agents.explaining.advising import CampaignMetrics, told_advice
from agents.explaining.explanation import explain_creative
from agents.overview.gauges import GaugeSample
from agents.overview.guard import HEADERS
from agents.overview.inquiries import Inquiries
from agents.overview.looks import STALE_S, Looks
from agents.overview.page import Page
from agents.overview.routes import USER as USER_HEADER
from agents.overview.routes import build_page
from agents.overview.serving import hosts_of, link
from streams.artifacts.click_model import click_model_records
from streams.artifacts.kinds import artifact_key
from streams.settings import Settings
from streams.topics import ARTIFACT
from tests.agents.explaining.recorded import CREATIVE_ID, found
from tests.agents.overview.test_earnings import board
from tests.agents.overview.test_overview import NOW_MS, USER, Loop, seen
from tests.streams.artifacts.test_click_model import model

TOKEN = "a-token-of-the-operator"
ROUTES = (
    "/",
    "/page.css",
    "/page.js",
    "/pictures.js",
    "/api/state",
    "/api/reasons",
    "/api/campaigns",
    "/api/portraits",
    "/api/why/cr_1",
    "/api/ladder",
    "/health",
    "/live",
    "/metrics",
)


def page(bind: str = "127.0.0.1") -> Page:
    loop = Loop(headline="<script>alert(1)</script>")
    overview = seen(loop.request(), loop.creative(), loop.result())
    made = Page(overview, TOKEN, hosts_of(bind), clock_ms=lambda: NOW_MS, looks=Looks(lambda: 5.0))
    made.take(
        GaugeSample(NOW_MS - 500, 240.0, {"ads.click.v1": 240.0}, {"profiles": 12}, {"profiles": 2}, 9_000)
    )
    return made


def asked(made: Page, ask: Callable[[TestClient[Any, Any]], Awaitable[Any]]) -> Any:
    """Runs `ask` against a real server of the page."""

    async def run() -> Any:
        async with TestClient(TestServer(build_page(made))) as client:
            return await ask(client)

    return asyncio.run(run())


async def get(client: TestClient[Any, Any], path: str, **headers: str) -> tuple[ClientResponse, str]:
    answer = await client.get(path, headers=headers)
    return answer, await answer.text()


def test_every_answer_carries_the_security_headers() -> None:
    async def ask(client: TestClient[Any, Any]) -> None:
        for path in (*ROUTES, "/nowhere"):
            answer, _ = await get(client, path)
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path

    asked(page(), ask)
    assert (
        "default-src 'none'" in HEADERS["Content-Security-Policy"]
        and "unsafe" not in HEADERS["Content-Security-Policy"]
    )


class Recorded(Inquiries):
    """Answers about the records of tests/agents/explaining/recorded.py alone; the broker is away for one."""

    def __init__(self) -> None:
        super().__init__(Settings(), str)

    async def why(self, creative_id: str) -> Any:
        if creative_id == "cr_away":
            raise TimeoutError
        if creative_id != CREATIVE_ID:
            return None
        return explain_creative(CREATIVE_ID, found(), lambda _user: "9f2c", NOW_MS)

    async def ladder(self, user: str) -> dict[str, Any]:
        if user == "away":
            raise TimeoutError
        return {"segment": None, "places": [], "of": user}

    async def advice(self, campaign_id: str) -> dict[str, Any] | None:
        return told_advice(campaign_id, CampaignMetrics()) if campaign_id == "c1" else None


def test_what_a_user_is_shown_is_told_to_operators_alone_and_no_address_names_the_user() -> None:
    made = page()
    made.inquiries = Recorded()
    operator = {"Authorization": f"Bearer {TOKEN}"}

    async def ask(client: TestClient[Any, Any]) -> list[tuple[int, str]]:
        asked = (
            {USER_HEADER: "u1"},
            operator,
            {**operator, USER_HEADER: "away"},
            {**operator, USER_HEADER: "u1"},
            {**operator, USER_HEADER: "\u00fc 1"},
        )
        answers = [await get(client, "/api/ladder", **headers) for headers in asked]
        return [(answer.status, text) for answer, text in answers]

    refused, unnamed, away, told, odd = asked(made, ask)
    assert (refused[0], unnamed[0], away[0], told[0], odd[0]) == (401, 400, 503, 200, 400)
    assert json.loads(told[1])["of"] == "u1" and "token" in refused[1]


def test_questions_are_answered_for_operators_alone() -> None:
    made = page()
    made.inquiries = Recorded()
    operator = {"Authorization": f"Bearer {TOKEN}"}

    async def ask(client: TestClient[Any, Any]) -> None:
        for path in (f"/api/why/{CREATIVE_ID}", "/api/advice/c1"):
            answer, text = await get(client, path)
            assert answer.status == 401 and "gained" not in text and "impressions" not in text
        answer, text = await get(client, f"/api/why/{CREATIVE_ID}", **operator)
        told = json.loads(text)
        assert answer.status == 200 and told["gained"] == [["lamps", 0.4]] and told["user"] == "9f2c"
        assert '"u1"' not in text and "sofas" in text
        answer, text = await get(client, "/api/advice/c1", **operator)
        assert answer.status == 200 and json.loads(text)["advice"] == []
        answer, text = await get(client, "/api/why/cr_unknown", **operator)
        assert answer.status == 404 and "cr_unknown" in text
        answer, text = await get(client, "/api/why/cr_away", **operator)
        assert answer.status == 503 and "shiftcast why cr_away" in text
        answer, _ = await get(client, f"/api/who/{CREATIVE_ID}", **operator)
        assert answer.status == 404

    asked(made, ask)


def test_what_campaigns_earned_is_for_operators_alone() -> None:
    made = page()
    made.earnings = board()

    async def ask(client: TestClient[Any, Any]) -> None:
        answer, text = await get(client, "/api/campaigns")
        assert answer.status == 401 and "1,234.56" not in text
        answer, text = await get(client, "/api/campaigns", Authorization=f"Bearer {TOKEN}")
        (told,) = json.loads(text)["campaigns"]
        assert answer.status == 200 and told["revenue"]["EUR"] == "1,234.56" and len(told["arms"]) == 2

    asked(made, ask)


def test_the_click_models_figures_are_shown_and_no_weight() -> None:
    made = page()
    for version in (1, 2):
        for record in click_model_records(model(version), 1_000, {}):
            key = artifact_key(record)
            if made.click_model.wants(ARTIFACT, key.encode()):
                made.click_model.on_record(ARTIFACT, key, record, [], 1_000)

    async def ask(client: TestClient[Any, Any]) -> None:
        _, text = await get(client, "/api/state")
        told = json.loads(text)["click_model"]
        assert told["version"] == 2 and told["click"]["base_log_loss"] > 0
        assert "weights" not in text

    asked(made, ask)


def test_reasons_need_the_token() -> None:
    async def ask(client: TestClient[Any, Any]) -> None:
        for wrong in (
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer x"},
            {"Authorization": TOKEN},
            {"Authorization": f"Basic {TOKEN}"},
        ):
            answer, text = await get(client, "/api/reasons", **wrong)
            assert answer.status == 401 and "gained" not in text
        answer, text = await get(client, "/api/reasons", Authorization=f"Bearer {TOKEN}")
        assert answer.status == 200 and json.loads(text)["reasons"][0]["gained"] == [["boots", 0.5]]
        answer, _ = await get(client, f"/api/reasons?token={TOKEN}")
        assert answer.status == 401

    asked(page(), ask)


@pytest.mark.parametrize(
    "header", [b"Authorization: Bearer \xff\xe9", b"Authorization: \xff", b"Cookie: \xff"]
)
def test_bytes_in_a_header_that_are_no_text_are_no_token(header: bytes) -> None:
    async def ask() -> bytes:
        async with TestServer(build_page(page())) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /api/reasons HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header + b"\r\n\r\n")
            status = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return status

    assert asyncio.run(ask()).startswith(b"HTTP/1.1 401 ")


def test_no_route_returns_a_user_or_a_profile() -> None:
    async def ask(client: TestClient[Any, Any]) -> None:
        for path in ROUTES:
            for headers in ({}, {"Authorization": f"Bearer {TOKEN}"}):
                _, text = await get(client, path, **headers)
                assert USER not in text, path
        for path in (
            f"/api/users/{USER}",
            f"/api/profile?user={USER}",
            f"/u/{USER}",
            "/api/state/../reasons",
        ):
            answer, _ = await get(client, path)
            assert answer.status in {401, 404}
        _, text = await get(client, "/api/state")
        assert set(json.loads(text)) == {
            "now_ms", "age_s", "stale", "members", "events_per_s", "by_topic", "lag", "events", "history",
            "requests", "results", "review", "creatives", "dead_letters", "latency_ms", "cards",
            "click_model", "detector", "experiments", "inputs", "pictures", "without_picture",
        }  # fmt: skip

    asked(page(), ask)


def test_the_page_is_read_only() -> None:
    async def ask(client: TestClient[Any, Any]) -> None:
        for path in ROUTES:
            for method in ("post", "put", "patch", "delete"):
                assert (await getattr(client, method)(path)).status == 405, (method, path)

    asked(page(), ask)


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8600", 200), ("localhost", 200), ("[::1]:8600", 200), ("evil.example", 421)],
)
def test_a_loopback_page_answers_to_its_own_names_alone(host: str, status: int) -> None:
    assert asked(page(), lambda client: get(client, "/api/state", Host=host))[0].status == status


def test_a_page_on_the_network_answers_to_any_name() -> None:
    assert (
        asked(page("0.0.0.0"), lambda client: get(client, "/api/state", Host="ads.example"))[0].status == 200
    )


def test_an_old_picture_says_how_old_it_is_and_is_not_healthy() -> None:
    made = page()

    async def ask(client: TestClient[Any, Any]) -> tuple[int, int, dict[str, Any]]:
        health, live, state = [await get(client, path) for path in ("/health", "/live", "/api/state")]
        return health[0].status, live[0].status, json.loads(state[1])

    health, live, state = asked(made, ask)
    assert (health, live, state["age_s"], state["stale"]) == (200, 200, 0.0, False)
    made.looks.clock_s = lambda: 5.0 + STALE_S + 2  # the broker is away: no look succeeds
    health, live, state = asked(made, ask)
    assert (health, live, state["age_s"], state["stale"]) == (503, 200, STALE_S + 2, True)
    script = files("agents.pages").joinpath("page.js").read_text()
    assert "state.stale" in script and "state.age_s" in script


def test_a_page_that_never_saw_the_broker_is_not_healthy() -> None:
    made = Page(seen(), TOKEN, hosts_of("127.0.0.1"))
    assert asked(made, lambda client: get(client, "/health"))[0].status == 503


def test_the_page_tells_a_scraper_what_only_it_sees_of_the_groups() -> None:
    _, text = asked(page(), lambda client: get(client, "/metrics"))
    assert 'shiftcast_group_lag_records{app="profiles"} 12.0' in text
    assert 'shiftcast_group_members{app="profiles"} 2.0' in text
    seen_s = re.search(r"^shiftcast_broker_seen_timestamp_seconds (\S+)$", text, re.MULTILINE)
    assert seen_s is not None and float(seen_s[1]) == (NOW_MS - 500) / 1000


def test_copy_travels_as_json_and_the_script_never_writes_markup() -> None:
    answer, text = asked(page(), lambda client: get(client, "/api/state"))
    assert (
        answer.content_type == "application/json"
        and json.loads(text)["cards"][0]["headline"] == "<script>alert(1)</script>"
    )
    script = files("agents.pages").joinpath("page.js").read_text()
    for writes_markup in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
    ):
        assert writes_markup not in script


def test_nothing_is_loaded_from_elsewhere() -> None:
    for name in ("page.html", "page.css", "page.js"):
        text = files("agents.pages").joinpath(name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text and "https:" not in text and "//" not in text.replace("// ", ""), name
    html = files("agents.pages").joinpath("page.html").read_text()
    assert "style=" not in html and "onclick" not in html and "<script>" not in html


def test_the_token_is_in_the_fragment_of_the_link() -> None:
    assert link("127.0.0.1", 8600, "t") == "http://127.0.0.1:8600/#t"
    assert link("::1", 8600, "t") == "http://[::1]:8600/#t"


def test_the_script_declares_each_name_once() -> None:
    """A second `const` of a name is a syntax error: the page would stand still at "connecting"."""
    script = files("agents.pages").joinpath("page.js").read_text(encoding="utf-8")
    names = re.findall(r"^(?:async function|function|const|let) (\w+)", script, re.MULTILINE)
    assert len(names) > 10 and sorted(names) == sorted(set(names))
