"""The folder over HTTP: pictures, and nothing else that lies there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from agents.rendering.files.index_page import MOST, Shown, index_page
from agents.rendering.files.serving import file_handler, index_handler

NAME = "b" * 40


def test_pictures_are_served_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.avif").write_bytes(b"avif")
    (tmp_path / "secret.txt").write_bytes(b"no")
    (tmp_path / ".lock").write_bytes(b"")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{name}", file_handler(tmp_path))
        async with TestClient(TestServer(app)) as client:
            answer = await client.get(f"/{NAME}.avif")
            assert (answer.status, await answer.read()) == (200, b"avif")
            assert answer.headers["Content-Type"] == "image/avif"
            assert "immutable" in answer.headers["Cache-Control"]
            (tmp_path / f"{NAME}.av1.mp4").write_bytes(b"0123456789")
            part = await client.get(f"/{NAME}.av1.mp4", headers={"Range": "bytes=2-4"})
            assert (part.status, await part.read()) == (206, b"234")
            assert part.headers["Content-Type"] == "video/mp4"
            for name in ("secret.txt", ".lock", f"{'c' * 40}.jpg", "..%2Fsecret.txt", f"{NAME}.avif.txt"):
                assert (await client.get(f"/{name}")).status == 404

    asyncio.run(run())


def test_the_first_page_shows_what_was_named_last_first(tmp_path: Path) -> None:
    old, new = "a" * 40, "b" * 40
    for name in (f"{new}.jpg", f"{old}.jpg", f"{new}.av1.mp4", f"{'c' * 40}.avif", "<b>.jpg", f"{old}.held"):
        (tmp_path / name).write_bytes(b"0")
    os.utime(tmp_path / f"{new}.jpg", (0, 0))  # whoever names it moves its time

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/", index_handler(tmp_path))
        async with TestClient(TestServer(app)) as client:
            answer = await client.get("/")
            text = await answer.text()
            assert answer.status == 200 and answer.headers["Content-Security-Policy"].startswith(
                "default-src 'none'"
            )
            assert 0 < text.index(f'src="/{new}.jpg"') < text.index(f'src="/{old}.jpg"')
            assert f'href="/{new}.av1.mp4"' in text and "2 pictures and clips" in text
            assert not any(each in text for each in ("<script", "<b>", "c" * 40, ".held"))

    asyncio.run(run())


def test_a_large_folder_has_a_page_of_bounded_size(tmp_path: Path) -> None:
    page = index_page([Shown(f"{n:040x}", (".jpg",)) for n in range(MOST + 5)])
    assert page.count("<img") == MOST and f"{MOST + 5} pictures" in page
    assert "Nothing yet" in index_page([])
