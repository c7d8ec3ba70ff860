"""A real headless Chromium, driven by its DevTools protocol. It reaches nothing but this machine."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

PATIENCE_S = 60.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Page:
    """One page; `events` are what the browser told of it, in order."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = message.json()
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self.events.append((said["method"], said["params"]))

    async def tell(self, method: str, **params: Any) -> dict[str, Any]:
        """A command and its result."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        answer = await asyncio.wait_for(self._answers[number], PATIENCE_S)
        assert "error" not in answer, answer
        return dict(answer["result"])

    async def show(self, html: str, w: int, h: int) -> None:
        """A document in a window of that size, until it is loaded; events begin anew."""
        # an address of its own each time: a document that is replaced keeps the policy it had
        await self.visit("data:text/html;base64," + b64encode(html.encode()).decode(), w, h)

    async def visit(self, address: str, w: int, h: int) -> None:
        """The same of an address."""
        self.events.clear()
        size = {"width": w, "height": h, "deviceScaleFactor": 1, "mobile": False}
        await self.tell("Emulation.setDeviceMetricsOverride", **size)
        await self.tell("Page.navigate", url=address)
        async with asyncio.timeout(PATIENCE_S):
            while not self.told("Page.loadEventFired"):
                await asyncio.sleep(0.01)

    async def evaluate(self, script: str) -> Any:
        """What a script of ours says; the page's own policy does not hold it."""
        result = await self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def told(self, method: str) -> list[dict[str, Any]]:
        """What the browser told under that name."""
        return [params for name, params in self.events if name == method]

    def refused(self) -> list[str]:
        """What the content policy refused."""
        entries = [each["entry"] for each in self.told("Log.entryAdded")]
        return [each["text"] for each in entries if "Content Security Policy" in each["text"]]

    def called(self) -> list[str]:
        """Names of trackers under /t/, in the order that the browser began to call them: they may arrive in
        another one."""
        urls = [each["request"]["url"] for each in self.told("Network.requestWillBeSent")]
        return [url.rpartition("/")[2] for url in urls if "/t/" in url]

    async def close(self) -> None:
        self._reading.cancel()
        await self._socket.close()


@asynccontextmanager
async def page(folder: Path, *hosts: str) -> AsyncIterator[Page]:
    """A page of a browser that ends with the block; `hosts` are this machine, with any certificate."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={folder}",
            "--host-resolver-rules=" + "".join(f"MAP {each} 127.0.0.1, " for each in hosts)
            + "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking",
            *(["--ignore-certificate-errors"] if hosts else []),
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        where = folder / "DevToolsActivePort"
        async with asyncio.timeout(PATIENCE_S):
            while not where.exists() or "\n" not in where.read_text():
                assert process.poll() is None, "the browser ended"
                await asyncio.sleep(0.1)
        port = where.read_text().splitlines()[0]
        async with ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                [target] = [each for each in await answer.json() if each["type"] == "page"]
            socket = await session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0)
            shown = Page(socket)
            for domain in ("Page", "Runtime", "Network", "Log"):
                await shown.tell(f"{domain}.enable")
            yield shown
            await shown.close()
    finally:
        process.terminate()
        process.wait(30)
