"""Photos are fetched from a server that is slow, huge, lies, or leads elsewhere: one reason each, and nobody
is led to this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agents.photos.fetching import FetchError, PhotoFetcher
from agents.photos.hosts import PhotoHosts, is_public
from models.scene.photo import PhotoError, read_photo
from tests.agents.photos.hostile_server import Hostile, Names, hostile_server, picture_bytes


@asynccontextmanager
async def fetching(
    names: Names, open_to_all: bool = True, whole_s: float = 60.0
) -> AsyncIterator[tuple[PhotoFetcher, Hostile]]:
    async with hostile_server() as server:
        hosts = PhotoHosts.of(f"http://img.example:{server.port} http://other.example:{server.port}")
        may_visit = (lambda _: True) if open_to_all else is_public
        fetcher = PhotoFetcher(hosts, names, may_visit, whole_s)
        await fetcher.open()
        try:
            yield fetcher, server
        finally:
            await fetcher.close()


def refusal(path: str) -> FetchError:
    async def run() -> FetchError:
        async with fetching(Names(), whole_s=0.5 if path == "slow" else 60.0) as (fetcher, server):
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(server.url(path))
            return caught.value

    return asyncio.run(run())


def test_a_photo_comes_also_after_redirects_between_listed_hosts() -> None:
    async def run() -> None:
        async with fetching(Names()) as (fetcher, server):
            assert await fetcher.fetch(server.url("fine")) == picture_bytes()
            there = server.url("fine", "other.example")
            assert await fetcher.fetch(server.url(f"to/?url={there}")) == picture_bytes()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("slow", "slow"),
        ("endless", "too_big"),
        ("fine?huge=1", "too_big"),
        ("page", "type"),
        ("svg", "type"),
        ("gone", "status"),
        ("loop", "redirects"),
        ("broken?to=http://[", "redirects"),
        ("broken?to=https://[::1", "redirects"),
        ("broken?to=https://cdn.example%E2%84%80.x/", "redirects"),
        ("broken?to=http://cdn.example:99999999/", "refused_host"),
        ("broken?to=", "redirects"),
    ],
)
def test_what_is_refused_has_its_reason(path: str, kind: str) -> None:
    assert refusal(path).kind == kind


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "https://evil.example/a.jpg",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_leads_nowhere_else(target: str) -> None:
    error = refusal(f"to/?url={target}")
    assert error.kind == "refused_host"


def test_a_listed_name_at_a_private_address_is_not_connected_to() -> None:
    async def run() -> None:
        async with fetching(Names(), open_to_all=False) as (fetcher, server):
            with pytest.raises(FetchError, match=r"127\.0\.0\.1, which is no public address"):
                await fetcher.fetch(server.url("fine"))
            assert server.asked == []

    asyncio.run(run())


def test_one_private_address_among_public_ones_spoils_the_name() -> None:
    async def run() -> None:
        async with fetching(Names([["93.184.215.14", "127.0.0.1"]]), open_to_all=False) as (fetcher, server):
            with pytest.raises(FetchError, match="no public address"):
                await fetcher.fetch(server.url("fine"))
            assert server.asked == []

    asyncio.run(run())


def test_a_name_that_changes_its_answer_is_judged_again_at_each_step() -> None:
    """The second look-up, that of the redirect, says another address than the first."""

    async def run() -> None:
        names = Names([["127.0.0.1"], ["10.0.0.1"]])
        async with hostile_server() as server:
            hosts = PhotoHosts.of(f"http://img.example:{server.port} http://other.example:{server.port}")
            fetcher = PhotoFetcher(hosts, names, lambda address: address != "10.0.0.1")
            await fetcher.open()
            with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
                await fetcher.fetch(server.url(f"to/?url={server.url('fine', 'other.example')}"))
            await fetcher.close()
            assert names.asked == ["img.example", "other.example"]

    asyncio.run(run())


@pytest.mark.parametrize(("path", "why"), [("bomb", "pixels"), ("liar", "no JPEG, PNG, WEBP")])
def test_bytes_that_are_not_what_they_say_are_not_unpacked(path: str, why: str) -> None:
    async def run() -> bytes:
        async with fetching(Names()) as (fetcher, server):
            return await fetcher.fetch(server.url(path))

    with pytest.raises(PhotoError, match=why):
        read_photo(asyncio.run(run()))
