"""The browsers of simulated users: what they show and click they tell by the creative's own trackers, to a
collector."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientSession

from models.beacon.address import shown_as
from models.beacon.beacon import SealedShowing
from models.beacon.seal import Seal
from models.markup.tracking import IMPRESSION
from models.world.traffic import Act
from streams.records import Creative
from streams.wire.ids import click_id, impression_id

_KEPT: Final = (200, 302)


class Browsing:
    """Of all users. `seal`: the look-up's, which says to whom a creative is shown; `answers`: how often the
    collector answered what."""

    def __init__(self, port: int, seal: Seal) -> None:
        self._port, self._seal = port, seal
        self._trackers: dict[str, dict[str, str]] = {}
        self._ids: dict[str, str] = {}  # of showings, as the collector names them
        self._session: ClientSession  # made by start
        self.answers: Counter[int] = Counter()

    async def start(self) -> None:
        self._session = ClientSession()

    async def stop(self) -> None:
        await self._session.close()

    def know(self, creative: Creative) -> None:
        """A creative that may be shown."""
        pixel = next((each.url for each in creative.trackers if each.type == IMPRESSION), "")
        if pixel and creative.link.redirect:
            self._trackers[creative.creative_id] = {"impression": pixel, "click": creative.link.redirect}

    def as_told(self, act: Act) -> Act:
        """The act under the ids that the collector gives it, where trackers tell of it or it follows from
        what they told."""
        imp_id = None if act.imp_id is None else self._ids.get(act.imp_id, act.imp_id)
        if not self._tracks(act):
            return replace(act, imp_id=imp_id)
        assert act.shown is not None
        of = (act.shown.creative_id, act.user, _showing(act))
        if act.kind == "impression":
            self._ids[act.id] = impression_id(*of)
            return replace(act, id=self._ids[act.id])
        return replace(act, id=click_id(*of), imp_id=imp_id)

    async def tell(self, act: Act) -> bool:
        """Call the tracker of an act as the simulator made it; False when there is none. Raises
        ClientError."""
        if not self._tracks(act):
            return False
        assert act.shown is not None
        sealed = self._seal.close(SealedShowing(_showing(act), act.user))
        address = self._trackers[act.shown.creative_id][act.kind]
        where = urlsplit(shown_as(address.encode(), sealed).decode())
        local = f"http://127.0.0.1:{self._port}{where.path}?{where.query}"
        async with self._session.get(local, allow_redirects=False) as answer:
            self.answers[answer.status] += 1
            return answer.status in _KEPT

    def _tracks(self, act: Act) -> bool:
        shown = act.shown
        return shown is not None and act.kind in self._trackers.get(shown.creative_id, ())


def _showing(act: Act) -> str:
    """The showing that an act belongs to."""
    return act.id if act.kind == "impression" or act.imp_id is None else act.imp_id
