"""The folder over HTTP: pictures, and nothing else that lies there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from agents.rendering.files.serving import file_handler

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
