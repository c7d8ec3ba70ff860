"""Pictures and clips that are not used: counted by their code, and told on ads.dead.v1 with the request as it
came, so that `shiftcast why` knows and whoever mended the cause can send it again."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from prometheus_client import Counter

from models.scene.reasons import REASONS
from streams import records as r
from streams.wire.dead_letters import Refused, dead_letter
from streams.wire.output import Output
from streams.wire.topic_codec import creative_key

log = logging.getLogger(__name__)

STAGE: Final = "render"
"""Of their dead letters."""
MOST: Final = 2_000
"""Requests whose records are kept, those of the newest: more than wait for a photo or a clip."""


class Refusals:
    """Noted in whichever thread draws; `letters` are taken by who sends them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._came: OrderedDict[str, Refused] = OrderedDict()  # by creative key, the newest
        self._noted: list[tuple[Refused, str, str]] = []

    def came(self, record: Refused) -> None:
        """A request is to be answered."""
        key = (record.key or b"").decode()
        self._came[key] = record
        self._came.move_to_end(key)
        if len(self._came) > self._most:
            self._came.popitem(last=False)

    def note(
        self, request: r.RenderRequest, counter: Counter, codes: Sequence[str], message: str, about: str = ""
    ) -> None:
        """The creative keeps its first version. `codes` of REASONS, the gravest first; `about`: the id of
        what a person may decide on."""
        counter.labels(codes[0]).inc()
        creative, told = request.creative, f"{', '.join(codes)}: {message}"
        log.warning("no picture or clip for %s: %s", creative.creative_id, told)
        if (record := self._came.get(creative_key(creative))) is not None:
            meanings = "; ".join(REASONS[each] for each in codes)  # never the words of the ad
            meanings += f": {about}" if about else ""
            self._noted.append((record, codes[0], meanings))

    def letters(self, app_id: str) -> list[Output]:
        """What was noted since the last call."""
        noted, self._noted = self._noted, []
        return [dead_letter(record, app_id, STAGE, code, message) for record, code, message in noted]
