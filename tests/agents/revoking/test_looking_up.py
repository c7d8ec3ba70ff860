"""Whether an id is known, from what its topic holds: records that nobody can read, newer versions, nulls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from agents.revoking.looking_up import LookedUp, look_up
from streams.settings import Settings
from tests.agents.overview.test_ladder import Read

KNOWN = LookedUp(True)


def looked(
    monkeypatch: pytest.MonkeyPatch, kind: str, id: str, *records: tuple[str, Any], silent: bool = False
) -> LookedUp:
    async def read(_settings: Settings, topics: list[str]) -> AsyncIterator[Read]:
        for key, value in records:
            said = value if value is None or isinstance(value, bytes) else orjson.dumps(value)
            yield Read(topics[0], key.encode(), said)
        if silent:
            await asyncio.Event().wait()

    monkeypatch.setattr("agents.revoking.looking_up.read_topics", read)
    monkeypatch.setattr("agents.revoking.looking_up.LOOK_UP_S", 0.05)
    return asyncio.run(look_up(Settings(), kind, id))


def with_templates(*ids: str) -> dict[str, Any]:
    return {"campaign_id": "c1", "templates": [{"template_id": each} for each in ids]}


@pytest.mark.parametrize(
    "foreign",
    [{"templates": ["t"]}, {"templates": 7}, {"templates": [{"template_id": 5}]}, [], b"{", b'{"\xff', b""],
    ids=str,
)
def test_a_record_that_nobody_can_read_is_passed_over(monkeypatch: pytest.MonkeyPatch, foreign: Any) -> None:
    records = [("c0", foreign), ("c1", with_templates("t1")), ("c1", foreign)]
    assert looked(monkeypatch, "template", "t1", *records) == KNOWN
    assert looked(monkeypatch, "template", "t-1", *records) == LookedUp(False, "t1")


@pytest.mark.parametrize("kind", ["campaign", "switch", "item"])
def test_what_a_null_withdrew_is_not_known_until_it_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    sent, gone = ("id1", {"version": 1}), ("id1", None)
    assert looked(monkeypatch, kind, "id1", sent) == KNOWN
    assert looked(monkeypatch, kind, "id1", sent, gone) == LookedUp(False)
    assert looked(monkeypatch, kind, "id2", sent, gone) == LookedUp(False), "nor meant"
    assert looked(monkeypatch, kind, "id1", sent, gone, sent) == KNOWN


def test_a_template_is_known_while_some_campaign_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = [("c1", with_templates("t1")), ("c1", with_templates("t2"))]
    for id in ("t1", "c1|t1"):
        assert looked(monkeypatch, "template", id, *dropped).known is False
    assert looked(monkeypatch, "template", "t1", *dropped, ("c2", with_templates("t1"))) == KNOWN


@pytest.mark.parametrize("kind", ["creative", "copy"])
def test_words_that_stand_elsewhere_are_known_though_their_key_has_others(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    records = [("k", {f"{kind}_id": "x1"}), ("k", {f"{kind}_id": "x2"}), ("k", None)]
    assert looked(monkeypatch, kind, "x1", *records) == KNOWN
    assert looked(monkeypatch, kind, "x3", *records).known is False
    assert looked(monkeypatch, kind, "", *records).known is False


def test_a_topic_that_is_not_read_to_its_end_may_answer_yes_but_never_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert looked(monkeypatch, "item", "i1", ("i1", {}), silent=True) == KNOWN
    not_read = looked(monkeypatch, "item", "i2", ("i1", {}), silent=True)
    assert not_read.known is None and "not read to its end" in not_read.why
