"""A render request becomes stored files and the next version of its creative."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from msgspec import structs
from PIL import Image

from agents.creatives.pictures import content_of, next_version
from agents.photos.cache import PhotoCache
from agents.rendering.artist import Artist
from agents.rendering.clips.queue import newest
from agents.rendering.files.folder import FolderStore
from agents.rendering.marking import Marker
from agents.rendering.scenes import scene_of
from models.markup.banner import banner_html
from models.scene.layouts import layout_of
from models.scene.picture import draw_scene
from models.scene.reasons import UNKNOWN
from streams import records as r
from streams.mapping.ads import ad_of
from streams.metrics.pictures import RENDERS
from streams.topics import RENDER_REQUEST
from streams.wire.dead_letters import REASON
from streams.wire.topic_codec import creative_key
from tests.agents.overview.test_overview import Arrived
from tests.agents.rendering.requests import LOOK, NOW_MS, creative, request
from tests.models.scene.sample_scenes import FONTS

URL = "https://cdn.example/ads/"


@pytest.fixture
def artist(tmp_path: Path) -> Artist:
    store = FolderStore(tmp_path)
    store.make()
    photos = PhotoCache(tmp_path / "photos")
    photos.make()
    return Artist(store, FONTS, URL, Marker(), photos)


def answered(artist: Artist, asked: r.RenderRequest) -> r.Creative:
    made = artist.assets_of(asked)
    assert made
    return next_version(asked, made)


def test_the_next_version_names_files_that_are_there(artist: Artist, tmp_path: Path) -> None:
    asked = request()
    made = answered(artist, asked)
    assert (made.creative_id, made.version, made.replaces_version) == (
        asked.creative.creative_id,
        asked.creative.version + 1,
        asked.creative.version,
    )
    assert made.copy == asked.creative.copy
    assert made.attr == [21]
    assert [each.mime for each in made.assets] == ["image/jpeg", "image/avif"]
    for asset in made.assets:
        data = (tmp_path / asset.url.removeprefix(URL)).read_bytes()
        assert (asset.bytes, asset.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert Image.open(BytesIO(data)).size == (asset.w, asset.h) == (300, 250)


def test_a_picture_says_which_layout_it_has_whoever_drew_it(artist: Artist, tmp_path: Path) -> None:
    look = structs.replace(LOOK, layout="type")
    named = artist.assets_of(structs.replace(request(1), look=look))
    assert {each.layout for each in named} == {"type"}
    drawn = artist.assets_of(request(2))
    assert {each.layout for each in drawn} <= {each.name for each in layout_of("banner_300x250").variant}
    other = replace(artist, photos=PhotoCache(tmp_path / "other"))
    assert other.assets_of(request(3)) == drawn, "it found the file"


def test_the_same_ad_is_drawn_once(artist: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    first = answered(artist, request(1))
    monkeypatch.setattr("agents.rendering.artist.draw_scene", lambda *_: pytest.fail("drawn again"))
    held = RENDERS.labels("held")._value.get()
    assert answered(artist, request(2)).assets == first.assets
    assert RENDERS.labels("held")._value.get() == held + 1


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), OSError("raster overflow"), RecursionError("x")])
def test_one_request_that_nobody_foresaw_is_refused_with_its_reason(
    error: Exception, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise error

    record = Arrived(RENDER_REQUEST.name, b"{}", creative_key(request(1).creative).encode())
    artist.refusals.came(record)
    monkeypatch.setattr("agents.rendering.artist.draw_scene", broken)
    assert artist.assets_of(request(1)) == []
    [letter] = artist.refusals.letters("renderer")
    assert (REASON, UNKNOWN.encode()) in letter.headers
    monkeypatch.undo()
    assert artist.assets_of(request(2)), "the next has its picture"


def test_a_store_that_is_away_is_no_fault_of_the_request(
    artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(artist.store, "put", full)
    with pytest.raises(OSError, match="no space"):
        artist.assets_of(request(1))


def test_what_cannot_be_drawn_leaves_the_first_version(artist: Artist, tmp_path: Path) -> None:
    assert artist.assets_of(request(1, slot="text")) == []
    long = r.CopyText("A headline that is much too long " * 6, "", "Take a look", "Hearthside")
    assert artist.assets_of(request(2, copy=long)) == []
    runes = r.CopyText("ᚠᚢᚦ", "", "Take a look", "Hearthside")
    assert artist.assets_of(request(3, copy=runes)) == []
    assert not list(tmp_path.glob("*.jpg"))


def test_a_scene_says_what_must_be_said_and_a_price_once() -> None:
    label = r.Disclosure(True, [r.Jurisdiction("DEU", "eu_ai_act_article_50", "AI-generated")])
    origin = r.Provenance("composite_with_trained_algorithmic_media", disclosure=label)
    scene = scene_of(request(provenance=origin))
    assert (scene.legal, scene.price, scene.colours) == ("AI-generated", "$89.99", ("#0b57d0",))
    assert scene_of(request(provenance=origin, legal="Here only.")).legal == "Here only. · AI-generated"
    said = r.CopyText("Get the lamp for $89.99", "", "Take a look", "Hearthside")
    drawn = draw_scene(scene_of(request(copy=said)), FONTS)
    assert "price" not in {each.element for each in drawn.placed}
    native = scene_of(request(slot="native"))
    assert (native.headline, native.cta, native.legal) == ("", "", "")
    wanted, other = request(), request(legal="Here only.")
    assert content_of(wanted) != content_of(other)


def test_native_slots_get_a_picture_beside_words_others_the_whole_ad(artist: Artist) -> None:
    whole = answered(artist, request(1))
    beside = answered(artist, request(2, slot="native"))
    assert [each.role for each in (*whole.assets, *beside.assets)] == ["ad", "ad", "main", "main"]
    banner = banner_html(ad_of(whole))
    assert f'src="{whole.assets[0].url}" alt="Meet the lamp. Delivered' in banner
    assert "<b>" not in banner
    assert "<b>Meet the lamp</b>" in banner_html(ad_of(beside))


@pytest.mark.parametrize("slot", ["native", "banner_300x250"])
def test_a_title_speaks_against_a_drawing_on_wordless_pictures_too(slot: str) -> None:
    asked = request(1, slot)
    titled = {
        title: scene_of(
            structs.replace(asked, look=structs.replace(asked.look, subject=["belt"], title=title))
        )
        for title in ("Leather Belt", "Floral Belt")
    }
    assert titled["Leather Belt"].drawing is not None
    assert titled["Floral Belt"].drawing is None


def test_nobody_draws_the_title_on_a_wordless_picture() -> None:
    scene = scene_of(request(1, "native"))
    assert (
        draw_scene(replace(scene, title="Leather Belt"), FONTS).jpeg()
        == draw_scene(replace(scene, title=""), FONTS).jpeg()
    )


def test_markup_that_a_creative_carries_is_made_again_with_the_picture(artist: Artist) -> None:
    made = answered(artist, request(render={"html": "old"}))
    assert made.assets[0].url in made.render["html"]


def test_of_a_key_the_newest_request_is_drawn_and_nothing_that_has_expired() -> None:
    later = request(1, copy=r.CopyText("Another", "", "Take a look"), creative_id="cr_00000000000000ff")
    gone = request(2, expires=NOW_MS - 1)
    assert newest([request(1), gone, later, request(3)], NOW_MS) == [later, request(3)]
    assert creative().replaces_version is None
