"""A first version names the picture of its content where the store has it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec import structs

from agents.creatives.pictures import PictureAsker, content_of
from agents.generation.first_pictures import FirstPictures
from agents.generation.kept_files import KeptFiles
from agents.generation.store_looks import Look, StoreLooks
from agents.rendering.answers import render_answer
from agents.rendering.artist import Artist
from agents.rendering.files.file_names import KEPT_AFTER_MS, LET_GO_MS, name_in
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.store import AssetStore
from agents.rendering.judging import picture_id
from streams import records as r
from streams.metrics.pictures import FIRST_PICTURES
from streams.settings import Settings
from tests.agents.generation.test_kept_files import wait_for
from tests.agents.rendering.requests import LOOK, NOW_MS, creative, request
from tests.agents.rendering.test_artist import artist
from tests.agents.rendering.test_judging import APPROVED, DENIED, GREEN, PHOTO, asked, photo

__all__ = ["artist"]


@dataclass
class Asker:
    """Everything shows the lamp."""

    look: r.Look = LOOK

    def request(self, made: r.Creative, _seen: object = ()) -> r.RenderRequest | None:
        return r.RenderRequest(made, self.look) if made.slot != "text" else None


PATIENT_S = 60.0
ASKER = cast(PictureAsker, Asker())
PHOTO_ASKER = cast(PictureAsker, Asker(asked().look))


def nothing_said(_picture_id: str) -> None:
    """Nobody reviewed any picture."""


def first_of(
    store: AssetStore,
    patience_s: float = PATIENT_S,
    asker: PictureAsker = ASKER,
    said: Callable[[str], int | None] = nothing_said,
    judged: bool = False,
) -> FirstPictures:
    kept = KeptFiles(store, lambda: NOW_MS)
    return FirstPictures(asker, StoreLooks(store.noted), kept, said, judged, patience_s)


def only_looks(look: Look) -> AssetStore:
    """A store that nothing is kept in."""
    return cast(AssetStore, SimpleNamespace(noted=look))


def hung(first: FirstPictures, made: r.Creative, *seen: str) -> r.Creative:
    return asyncio.run(first.hung([(made, seen)]))[0]


def counted(result: str) -> float:
    return float(FIRST_PICTURES.labels(result)._value.get())


def test_another_users_creative_of_the_same_content_has_it_at_once(artist: Artist) -> None:
    mine, yours = creative(1), creative(2)
    assert hung(first_of(artist.store), mine) == mine, "nobody has drawn it"
    assets = artist.assets_of(request(1))
    first, before = first_of(artist.store), counted("cached")
    made = hung(first, yours)
    assert (made.assets, made.attr, made.replaces_version) == (assets, [21], None)
    assert counted("cached") == before + 1
    other = creative(3, copy=r.CopyText("Another", "", "Take a look", "Hearthside"))
    assert hung(first, other) == other
    script = creative(3, "text")
    assert hung(first, script) == script


def test_the_renderer_says_nothing_where_the_first_version_named_what_it_has(artist: Artist) -> None:
    assets = artist.assets_of(request(1))
    made = hung(first_of(artist.store), creative(2))
    again = r.RenderRequest(made, LOOK)
    assert artist.assets_of(again) == assets
    assert render_answer(again, assets, KEPT_AFTER_MS, 1, NOW_MS) is None
    assert render_answer(request(2), assets, KEPT_AFTER_MS, 1, NOW_MS) is not None


def test_its_files_are_kept_for_it_though_who_had_them_drawn_is_let_go(artist: Artist) -> None:
    """The renderer may come to it later than the hour for which they stay."""
    name = name_in(artist.assets_of(request(1))[0].url)
    first = first_of(artist.store)
    assert hung(first, creative(2)).assets
    wait_for(first._kept)
    artist.store.let_go(name, creative(1).creative_id, NOW_MS)
    artist.store.remove_expired(NOW_MS + LET_GO_MS)
    assert artist.store.hold(name, 0, "looks")
    artist.store.remove_expired(creative(2).expires + KEPT_AFTER_MS)
    assert not artist.store.hold(name, 0, "looks")


def test_files_that_may_go_before_the_creative_ends_are_not_named(artist: Artist) -> None:
    artist.assets_of(request(1))
    kept_ms = creative(1).expires + KEPT_AFTER_MS
    first = first_of(artist.store)
    assert hung(first, creative(2, expires=kept_ms)).assets
    assert not hung(first, creative(2, expires=kept_ms + 1)).assets


def test_what_looks_like_the_users_last_picture_is_left_to_the_renderer(artist: Artist) -> None:
    looks = artist.assets_of(request(1))[0].looks
    assert looks is not None
    first = first_of(artist.store)
    assert not hung(first, creative(2), looks).assets
    redrawn = artist.assets_of(structs.replace(request(2), seen=[looks]))
    assert redrawn[0].looks != looks
    noted = artist.store.noted(content_of(request(3)))
    assert noted is not None and noted.assets[0].looks == looks, "others get the usual one"


def test_copy_does_not_wait_for_a_store_that_hangs() -> None:
    answered = threading.Event()

    def hangs(_content: str) -> None:
        answered.wait()

    async def story() -> list[r.Creative]:
        made = await first_of(only_looks(hangs), 0.01).hung([(creative(1), ())])
        answered.set()
        return made

    before = counted("late")
    assert asyncio.run(story()) == [creative(1)]
    assert counted("late") == before + 1


def test_a_store_that_fails_costs_the_picture_alone() -> None:
    def fails(_content: str) -> None:
        raise OSError("no answer")

    before = counted("failed")
    assert hung(first_of(only_looks(fails)), creative(1)) == creative(1)
    assert counted("failed") == before + 1


def test_without_an_address_there_is_no_store_to_look_into(tmp_path: Path) -> None:
    settings = Settings(assets_dir=tmp_path)
    assert FirstPictures.of(settings, ASKER, nothing_said, lambda: NOW_MS) is None
    reached = Settings(assets_dir=tmp_path, assets_url="https://cdn.example/")
    assert FirstPictures.of(reached, ASKER, nothing_said, lambda: NOW_MS) is not None


def test_notes_go_with_the_files(tmp_path: Path) -> None:
    wanted, store = request(1), FolderStore(tmp_path)
    content, until_ms = content_of(wanted), wanted.creative.expires
    (tmp_path / f"{content}.told").write_bytes(b"of another build")
    assert store.noted(content) is None
    assert store.remove_expired(NOW_MS) == 0
    assert store.remove_expired(until_ms + 2 * KEPT_AFTER_MS) == 1


@pytest.mark.parametrize(
    ("said", "judged", "named"),
    [
        (None, False, True),
        (None, True, False),
        (APPROVED, True, True),
        (DENIED, False, False),
        (DENIED, True, False),
    ],
)
def test_a_photo_that_may_not_be_shown_is_not_named(
    artist: Artist, said: int | None, judged: bool, named: bool
) -> None:
    name = photo(artist, GREEN)
    assert artist.assets_of(asked(), {PHOTO: name})
    words = {} if said is None else {picture_id(name): said}
    first = first_of(artist.store, asker=PHOTO_ASKER, said=words.get, judged=judged)
    assert bool(hung(first, creative(2)).assets) == named


def test_without_a_photo_no_word_is_waited_for(artist: Artist) -> None:
    artist.assets_of(request(1))
    first = first_of(artist.store, judged=True)
    assert hung(first, creative(2)).assets


def test_the_settings_say_that_photos_are_judged(artist: Artist, tmp_path: Path) -> None:
    """The store that the artist of the tests draws into."""
    assert artist.assets_of(asked(), {PHOTO: photo(artist, GREEN)})
    settings = Settings(assets_dir=tmp_path, assets_url="https://cdn.example/")
    for judging, named in ((settings, True), (replace(settings, picture_classifier_dir=tmp_path), False)):
        first = FirstPictures.of(judging, PHOTO_ASKER, nothing_said, lambda: NOW_MS)
        assert first is not None
        first._patience_s = PATIENT_S
        assert bool(hung(first, creative(2)).assets) == named
