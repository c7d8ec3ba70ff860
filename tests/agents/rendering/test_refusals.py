"""A picture that is not used: counted, and its request told as it came, to be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.rendering.artist import Artist
from agents.rendering.refusals import STAGE, Refusals
from streams import records as r
from streams.metrics.pictures import RENDERS
from streams.topics import DEAD, RENDER_REQUEST
from streams.wire.codecs import encode
from streams.wire.dead_letters import DeadLetter
from streams.wire.output import Output
from streams.wire.topic_codec import creative_key
from tests.agents.overview.test_overview import Arrived
from tests.agents.rendering.requests import NOW_MS, request
from tests.agents.rendering.test_artist import artist
from tests.agents.rendering.test_service import Desk

__all__ = ["artist"]
LONG = request(1, copy=r.CopyText("A headline that is much too long " * 6, "", "Take a look", "Hearthside"))
CODE = "TEXT_TOO_LONG"


def arrived(asked: r.RenderRequest) -> Arrived:
    key = creative_key(asked.creative).encode()
    return Arrived(RENDER_REQUEST.name, encode(asked), key, timestamp=NOW_MS)


def letter(output: Output) -> DeadLetter:
    assert output.topic == DEAD.name
    return DeadLetter.of(Arrived(DEAD.name, output.value, output.key, timestamp=1, headers=output.headers))


class Whole(Desk):
    """It draws, and keeps what it would send."""

    def __init__(self, tmp_path: Path, artist: Artist) -> None:
        super().__init__(tmp_path, filming=False)
        self.sent: list[Output] = []
        self._artist = artist
        artist.refusals = self._refusals

    async def _send(self, outputs: Sequence[Output]) -> None:
        self.sent += outputs


def test_its_request_is_a_dead_letter_that_can_be_sent_again(artist: Artist, tmp_path: Path) -> None:
    desk = Whole(tmp_path, artist)
    counted = RENDERS.labels(CODE)._value.get
    before = counted()
    asyncio.run(desk.run(LONG, request(2)))
    assert counted() == before + 1
    dead, good = desk.sent
    told = letter(dead)
    assert (told.reason, told.stage, told.topic) == (CODE, STAGE, RENDER_REQUEST.name)
    assert "much too long" not in told.message, "nobody's words"
    again = told.again(8)
    assert (again.topic, again.value) == (RENDER_REQUEST.name, encode(LONG))
    assert good.topic != DEAD.name


def test_a_letter_is_written_once() -> None:
    refusals = Refusals()
    refusals.came(arrived(LONG))
    refusals.note(LONG, RENDERS, [CODE], "")
    assert [letter(each).reason for each in refusals.letters("renderer")] == [CODE]
    assert refusals.letters("renderer") == []


def test_records_of_requests_long_answered_are_let_go(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals(most=1)
    refusals.came(arrived(LONG))
    refusals.came(arrived(request(2)))
    refusals.note(LONG, RENDERS, [CODE], "")
    assert refusals.letters("renderer") == [] and CODE in caplog.text
