"""A photo is fetched once, and an address that gave none is left alone for a while."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Semaphore
from time import sleep

import pytest

from agents.photos.cache import FRESH_S, KEPT_S, PhotoCache
from agents.photos.fetching import FetchError
from agents.photos.finder import HOST_REST_S, REST_S, PhotoFinder
from models.scene.photo import Photo, read_photo
from tests.agents.photos.hostile_server import picture_bytes

URL = "https://img.example/lamp.jpg"
OTHER = "https://img.example/chair.jpg"


class Server:
    """Stands in for a fetcher: answers what is there, counts what is asked."""

    def __init__(self) -> None:
        self.there: dict[str, bytes | FetchError] = {URL: picture_bytes(), OTHER: picture_bytes((200, 300))}
        self.asked: list[str] = []

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        found = self.there[url]
        if isinstance(found, FetchError):
            raise found
        return found


class Place:
    """A finder over a folder, at a time that the test says."""

    def __init__(self, folder: Path) -> None:
        self.server, self.now_s = Server(), 1_795_291_200.0
        self.cache = PhotoCache(folder / "photos")
        self.cache.make()
        self.finder = PhotoFinder(self.server, self.cache, lambda: self.now_s)

    def find(self, *urls: str) -> dict[str, str]:
        return asyncio.run(self.finder.find(urls))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_host_that_is_away_rests_and_one_that_says_no_does_not(place: Place) -> None:
    away = "https://away.example/a.jpg"
    place.server.there = {URL: FetchError("missing", "404"), away: FetchError("away", "no answer")}
    assert not place.find(URL, away)
    assert place.finder.rests("https://away.example/b.jpg")
    assert not place.finder.rests(URL) and not place.finder.rests("")
    place.now_s += HOST_REST_S
    place.server.there[away] = picture_bytes()
    assert not place.finder.rests(away) and place.find(URL, away).keys() == {away}


def test_each_is_fetched_once_also_by_another_process(place: Place, tmp_path: Path) -> None:
    found = place.find(URL, URL, OTHER, "")
    assert found.keys() == {URL, OTHER} and len(set(found.values())) == 2
    again = Place(tmp_path)
    assert again.find(URL, OTHER) == found == place.find(URL, OTHER)
    assert sorted(place.server.asked) == sorted([URL, OTHER]), "side by side, in any order"
    assert again.server.asked == []
    assert place.cache.photo(found[URL], place.now_s).image.size == (320, 200)


def test_the_same_picture_at_two_addresses_has_one_name(place: Place) -> None:
    place.server.there[OTHER] = picture_bytes()
    assert len(set(place.find(URL, OTHER).values())) == 1


def test_after_a_day_it_is_asked_for_again_and_the_old_one_stands_where_that_fails(place: Place) -> None:
    first = place.find(URL)
    place.now_s += FRESH_S + 1
    place.server.there[URL] = FetchError("status", "status 503")
    assert place.find(URL) == first
    place.server.there[URL] = picture_bytes((400, 200))
    place.now_s += REST_S + 1
    assert place.find(URL) != first


def test_an_address_without_a_photo_rests_and_so_does_a_host_that_does_not_answer(place: Place) -> None:
    place.server.there[URL] = b"no picture"
    assert place.find(URL) == place.find(URL) == {}
    assert place.server.asked == [URL]
    place.server.there[URL] = FetchError("slow", "not there within 5 s")
    place.now_s += REST_S + 1
    assert place.find(URL) == {} == place.find(OTHER)
    assert place.server.asked == [URL, URL]
    place.now_s += REST_S / 10 + 1
    assert place.find(OTHER).keys() == {OTHER}


@pytest.mark.parametrize("url", ["http://[", "https://[::1/a.jpg", "https://cdn.example\u2100.x/"])
def test_what_is_no_address_has_no_photo(url: str, place: Place) -> None:
    place.server.there[url] = FetchError("refused_host", "the address names no valid host")
    assert place.find(url, URL).keys() == {URL}
    assert not place.finder.rests(url)


def test_photos_are_unpacked_one_after_the_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes hundreds of megabytes at its worst."""
    at_once: list[int] = []
    unpacking = Semaphore(1)

    def reading(data: bytes) -> Photo:
        at_once.append(unpacking.acquire(blocking=False))
        sleep(0.02)
        unpacking.release()
        return read_photo(data)

    monkeypatch.setattr("agents.photos.finder.read_photo", reading)
    place.server.there = {f"https://img.example/{n}.jpg": picture_bytes() for n in range(6)}
    assert len(place.find(*place.server.there)) == 6
    assert at_once == [True] * 6


def test_of_a_host_and_reason_one_line_is_told(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    for url in (URL, OTHER):
        place.server.there[url] = FetchError("refused", "img.example is not in SHIFTCAST_PHOTO_HOSTS")
    place.find(URL, OTHER)
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    place.server.there[OTHER] = FetchError("status", "status 503")
    place.now_s += REST_S + 1
    place.find(URL, OTHER)
    assert len(caplog.records) == 3, "told again after a while, and of another reason"


def test_what_nobody_drew_for_a_week_goes(place: Place) -> None:
    names = place.find(URL, OTHER)
    place.cache.photo(names[URL], place.now_s + 10)
    assert place.cache.remove_unused(place.now_s + KEPT_S) == 3
    assert place.cache.photo(names[URL], place.now_s)
    with pytest.raises(FileNotFoundError):
        place.cache.photo(names[OTHER], place.now_s)
