"""A client of `shiftcast serve` in one file, for copying: Python 3.11 and nothing else.

    creatives = Creatives("http://127.0.0.1:8700", token)
    shown = creatives.best("c-home", "native", user="9f2c1d7e")
    if shown is not None:
        print(shown.body, shown.expires_ms)

One object per thread: it keeps one connection. Raises OSError when nobody answers in time, LookUpError (with
what to give) when the question is refused; None = nothing may be shown.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

JSON = "application/json"
NATIVE = "application/vnd.openrtb.native+json"
HTML = "text/html"
VAST = "application/xml"


class LookUpError(Exception):
    """The look-up refused a question."""


@dataclass(frozen=True)
class Shown:
    """What to show until `expires_ms`. `audience`: user, segment or default; `stale_s`: for so long the
    look-up has not heard of newer withdrawals; 0 = it is up to date."""

    body: bytes
    creative_id: str
    audience: str
    expires_ms: int
    stale_s: int

    def json(self) -> Any:
        """The body of a format that is JSON."""
        return json.loads(self.body)


class Creatives:
    """The look-up at an address."""

    def __init__(self, address: str, token: str, timeout_s: float = 0.25) -> None:
        place = urlsplit(address)
        made = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        self._connection = made(place.netloc, timeout=timeout_s)
        self._headers = {"Authorization": f"Bearer {token}"}

    def best(
        self,
        campaign: str,
        slot: str,
        *,
        user: str = "",
        segment: str = "",
        capped: Iterable[str] = (),
        accept: str = JSON,
    ) -> Shown | None:
        """The best creative that may be shown."""
        asked = {
            "campaign": campaign,
            "slot": slot,
            "user": user,
            "segment": segment,
            "capped": ",".join(capped),
        }
        path = "/v1/creative?" + urlencode({name: value for name, value in asked.items() if value})
        try:
            status, headers, body = self._ask(path, accept)
        except (http.client.HTTPException, ConnectionError):  # an idle connection was closed: once more
            self._connection.close()
            status, headers, body = self._ask(path, accept)
        if status == 204:
            return None
        if status != 200:
            raise LookUpError(f"{status}: {body.decode(errors='replace')}")
        return Shown(
            body,
            headers["X-Shiftcast-Creative"],
            headers["X-Shiftcast-Audience"],
            int(headers["X-Shiftcast-Expires"]),
            int(headers.get("X-Shiftcast-Stale-S", "0")),
        )

    def _ask(self, path: str, accept: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        self._connection.request("GET", path, headers={**self._headers, "Accept": accept})
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()
