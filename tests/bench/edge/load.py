"""An open-loop HTTP client of our own: requests leave when they are due, whether or not earlier ones were
answered, and each is timed from when it was due. Kept-alive connections, one request at a time on each."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

CONNECTIONS = 64
TICK_S = 0.0005


@dataclass
class Load:
    """What came of it: ms from due to answered, answers by status."""

    latency_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    late_ms: list[float] = field(default_factory=list)  # the client's own lateness: what the machine adds
    wall_s: float = 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load, waiting: deque[tuple[float, bytes]], free: list[_Connection]) -> None:
        self._load, self._waiting, self._free = load, waiting, free
        self._data = b""
        self._due = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._free.append(self)

    def ask(self, due: float, request: bytes) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, mark, rest = self._data.partition(b"\r\n\r\n")
        if not mark:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(rest) < int(length or 0):
            return
        self._data = b""
        self._load.latency_ms.append((time.perf_counter() - self._due) * 1000)
        self._load.statuses[int(head[9:12])] += 1
        if self._waiting:
            self.ask(*self._waiting.popleft())
        else:
            self._free.append(self)


async def drive(port: int, requests: Iterator[bytes], per_s: float, seconds: float) -> Load:
    """Send `requests` at a fixed rate for so long; what was answered until a second later counts."""
    load, waiting, free = Load(), deque[tuple[float, bytes]](), list[_Connection]()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(load, waiting, free), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    began, sent = time.perf_counter(), 0
    while (now := time.perf_counter()) - began < seconds:
        while began + sent / per_s <= now:
            due = began + sent / per_s
            load.late_ms.append((now - due) * 1000)
            if free:
                free.pop().ask(due, next(requests))
            else:
                waiting.append((due, next(requests)))
            sent += 1
        await asyncio.sleep(TICK_S)
    deadline = time.perf_counter() + 5
    while len(load.latency_ms) < sent and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)
    load.wall_s = time.perf_counter() - began
    for transport, _ in made:
        transport.close()
    return load


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def told(name: str, load: Load, cpu: float) -> dict[str, float]:
    """One line of the table, and its figures."""
    answered = len(load.latency_ms)
    figures = {
        "requests_per_s": round(answered / load.wall_s, 1),
        "p50_ms": round(percentile(load.latency_ms, 0.5), 2),
        "p99_ms": round(percentile(load.latency_ms, 0.99), 2),
        "client_late_p99_ms": round(percentile(load.late_ms, 0.99), 2),
        "cpu_us_per_request": round(cpu / max(1, answered) * 1e6, 1),
    }
    print(f"{name:8} " + "  ".join(f"{key} {value}" for key, value in figures.items()), dict(load.statuses))
    return figures
