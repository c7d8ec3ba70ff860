"""Groups of users on the page: for operators, by name and size, with nobody's own figures."""

from __future__ import annotations

import json
from typing import Any

from aiohttp.test_utils import TestClient

from agents.overview.cards.portraits import PortraitGallery
from agents.portraits.telling import told_portraits
from streams.artifacts.kinds import artifact_key
from streams.artifacts.portraits import portraits_record
from streams.topics import ARTIFACT
from tests.agents.overview.test_page import TOKEN, asked, get, page
from tests.streams.artifacts.test_portraits import portraits


def told(gallery: PortraitGallery, version: int) -> None:
    record = portraits_record(version, portraits())
    key = artifact_key(record)
    assert gallery.wants(ARTIFACT, key.encode())
    gallery.on_record(ARTIFACT, key, record, [], 0)


def test_names_sizes_and_habits_are_told_and_no_vector() -> None:
    said = told_portraits(portraits(), 4)
    first, second = said["groups"]
    assert (said["version"], said["users"], first["users"], first["share"]) == (4, 100, 60, 0.6)
    assert {each["name"] for each in first["interests"]} == {"things.kind0", "things.kind1", "things.kind2"}
    assert (second["device"], second["country"], second["spends"]) == ("pc 93%", "C1", "10.00 EUR")
    assert second["hours"] == "6 to 9" and first["spends"] is None
    assert "vector" not in json.dumps(said)


def test_the_newest_version_is_shown_until_it_is_withdrawn() -> None:
    gallery = PortraitGallery()
    told(gallery, 2)
    told(gallery, 1)
    assert gallery.told is not None and gallery.told["version"] == 2
    gallery.on_record(ARTIFACT, "portraits|1|groups", None, [], 0)
    assert gallery.told is not None
    gallery.on_record(ARTIFACT, "portraits|2|groups", None, [], 0)
    assert gallery.told is None


def test_the_page_shows_them_to_who_holds_the_token() -> None:
    made = page()
    record = portraits_record(1, portraits())
    assert made.wants_artifact(ARTIFACT, artifact_key(record).encode())
    made.on_artifact(ARTIFACT, artifact_key(record), record, [], 0)

    async def ask(client: TestClient[Any, Any]) -> None:
        answer, text = await get(client, "/api/portraits")
        assert answer.status == 401 and "kind" not in text
        answer, text = await get(client, "/api/portraits", Authorization=f"Bearer {TOKEN}")
        assert answer.status == 200 and [each["users"] for each in json.loads(text)["groups"]] == [60, 40]

    asked(made, ask)
