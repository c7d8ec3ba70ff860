"""Files that the renderer stores say where they come from, in XMP and in credentials that agree with their
creative and are still good when they come out of the store."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import structs

from agents.checks.credentials import credential_findings
from agents.commands.servers.assets import command
from agents.photos.cache import PhotoCache
from agents.rendering.artist import Artist
from agents.rendering.clips.studio import Studio
from agents.rendering.files.file_names import type_of
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.store import AssetStore
from agents.rendering.filming import Filming
from agents.rendering.marking import Marker, shown_in
from agents.rendering.scenes import scene_of
from models.credentials.development import development_identity
from models.credentials.origin import FileContent
from models.credentials.reading import read_credentials
from models.credentials.signing import Identity
from streams import records as r
from streams.knobs.knob import SettingsError
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.rendering.requests import request
from tests.agents.rendering.test_judging import GREEN, PHOTO, asked, photo
from tests.models.scene.sample_scenes import FONTS

KEY, CHAIN = development_identity(datetime.now(UTC))
ROOT = CHAIN.decode()[CHAIN.decode().rindex("-----BEGIN") :]
URL = "https://cdn.example/"
USER = "someone-whom-no-file-may-name"
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
BY_PERSON = r.Provenance("human_edits", human_oversight="edited", declared_by=r.DeclaredBy("advertiser"))
COMPOSITE_DECLARED = "composite_with_trained_algorithmic_media"
LABELLED = r.Provenance(
    COMPOSITE_DECLARED,
    ai_tool=r.AiTool("copy-lm"),
    disclosure=r.Disclosure(True, [r.Jurisdiction("DEU", "eu_ai_act_article_50", "KI-generiert")]),
)


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    made = FolderStore(tmp_path / "assets")
    made.make()
    return made


def signing(store: AssetStore, marker: Marker | None = None) -> Artist:
    return Artist(store, FONTS, URL, marker or Marker(Identity.of(KEY, CHAIN)), PhotoCache(Path()))


def data_of(asset: r.Asset, tmp_path: Path) -> bytes:
    return (tmp_path / "assets" / asset.url.removeprefix(URL)).read_bytes()


def settings(tmp_path: Path, chain: bytes = CHAIN, **fields: Any) -> Settings:
    (tmp_path / "key.pem").write_bytes(KEY)
    (tmp_path / "chain.pem").write_bytes(chain)
    told = {"sign_key": tmp_path / "key.pem", "sign_cert": tmp_path / "chain.pem", "assets_url": URL}
    return Settings(**{**told, **fields})


def test_every_picture_is_signed_and_says_what_its_creative_declares(
    store: AssetStore, tmp_path: Path
) -> None:
    for slot, provenance, origin in (
        ("banner_300x250", LABELLED, COMPOSITE),
        ("banner_300x250", BY_PERSON, "algorithmicMedia"),
        ("native", LABELLED, "algorithmicMedia"),
    ):
        audience = r.Audience("user", f"u:{USER}")
        asked = request(1, slot, provenance=provenance, audience=audience)
        assets = signing(store).assets_of(asked)
        assert [each.mime for each in assets] == ["image/jpeg", "image/avif"]
        for asset in assets:
            data = data_of(asset, tmp_path)
            found = read_credentials(data, asset.mime or "", ROOT)
            assert (found.state, found.origin) == ("trusted", origin), (slot, found)
            assert f"digitalsourcetype/{origin}".encode() in data
            assert USER.encode() not in data, "nothing of the user"
            assert b"KI-generiert" not in data, "nothing of the campaign"


def test_a_photo_makes_it_a_composite_and_the_credentials_name_it(store: AssetStore, tmp_path: Path) -> None:
    photos = PhotoCache(tmp_path / "photos")
    photos.make()
    artist = replace(signing(store), photos=photos)
    name = photo(artist, GREEN)
    for slot, provenance, origin in (
        ("banner_300x250", LABELLED, COMPOSITE),
        ("banner_300x250", BY_PERSON, "composite"),
        ("native", LABELLED, "composite"),
    ):
        wanted = structs.replace(request(1, slot, provenance=provenance), look=asked().look)
        for asset in artist.assets_of(wanted, {PHOTO: name}):
            data = data_of(asset, tmp_path)
            found = read_credentials(data, asset.mime or "", ROOT)
            assert (found.state, found.origin, found.supplied) == ("trusted", origin, (f"photo {name}",))
            assert f'digitalsourcetype/{origin}"'.encode() in data


def test_what_a_scene_shows_that_nobody_drew_by_rules() -> None:
    scene = scene_of(request(1, "native"))
    assert shown_in(scene) == FileContent(worded=False)
    shown = shown_in(
        replace(scene, slot="banner_300x250", background="b", photo="p", logo="l", artwork="<svg/>")
    )
    assert (shown.worded, shown.generated) == (True, True)
    assert [each.partition(" ")[0] for each in shown.supplied] == ["photo", "logo", "layout"]


TOLD_IN_CHINA = r.Provenance(
    COMPOSITE_DECLARED,
    ai_tool=r.AiTool("copy-lm"),
    disclosure=r.Disclosure(
        True, [r.Jurisdiction("CHN", "cn_ai_content_labelling_measures_2025", "AI-generated")]
    ),
)


def test_what_is_told_in_china_says_so_in_its_metadata_and_nothing_else_does(
    store: AssetStore, tmp_path: Path
) -> None:
    marker = Marker(producer="Hearthside Ads")
    for asset in signing(store, marker).assets_of(request(1, provenance=TOLD_IN_CHINA)):
        data = data_of(asset, tmp_path)
        name = asset.url.removeprefix(URL).partition(".")[0]
        packet = data[data.index(b"<x:xmpmeta") : data.index(b"</x:xmpmeta>")].decode()
        said = json.loads(unescape(packet.partition("<TC260:AIGC>")[2].partition("<")[0]))
        assert (said["Label"], said["ContentProducer"], said["ProduceID"]) == ("1", "Hearthside Ads", name)
    elsewhere = signing(store, marker).assets_of(request(1, provenance=LABELLED))
    wordless = signing(store, marker).assets_of(request(1, "native", provenance=TOLD_IN_CHINA))
    human = r.Provenance("human_edits", disclosure=TOLD_IN_CHINA.disclosure)
    by_people = signing(store, marker).assets_of(request(1, provenance=human))
    for asset in (*elsewhere, *wordless, *by_people):
        assert b"AIGC" not in data_of(asset, tmp_path)


def test_a_clip_and_its_poster_are_told_in_china(store: AssetStore, tmp_path: Path) -> None:
    photos = PhotoCache(tmp_path / "photos")
    filming = Filming(store, FONTS, URL, Studio(("av1",), tmp_path), Marker(), photos)
    wanted = request(1, "video_16x9", provenance=TOLD_IN_CHINA)
    poster, clip, _ = asyncio.run(filming.assets_of(wanted))
    for asset in (poster, clip):
        assert b"&quot;ContentProducer&quot;:&quot;shiftcast&quot;" in data_of(asset, tmp_path)


def test_a_clip_and_its_poster_are_signed(store: AssetStore, tmp_path: Path) -> None:
    studio = Studio(("av1",), tmp_path)
    photos = PhotoCache(tmp_path / "photos")
    filming = Filming(store, FONTS, URL, studio, Marker(Identity.of(KEY, CHAIN)), photos)
    assets = asyncio.run(filming.assets_of(request(1, "video_16x9")))
    assert [each.role for each in assets] == ["poster", "clip", "captions"]
    for asset in assets[:2]:
        data = data_of(asset, tmp_path)
        found = read_credentials(data, asset.mime or "", ROOT)
        assert (found.state, found.origin) == ("trusted", COMPOSITE)
        assert COMPOSITE.encode() in data
        broken = bytearray(data)
        broken[len(data) // 2] ^= 1
        assert read_credentials(bytes(broken), asset.mime or "", ROOT).state == "invalid"


def test_of_two_workers_that_sign_the_same_picture_the_first_wins(store: AssetStore, tmp_path: Path) -> None:
    first = signing(store).assets_of(request(1))
    other = FolderStore(tmp_path / "other")
    other.make()
    assert [each.sha256 for each in signing(other).assets_of(request(1))] != [each.sha256 for each in first]
    files = other.hold(first[0].url[len(URL) :][:40], 0, "cr_1")
    assert store.put(first[0].url[len(URL) :][:40], files, 0, "cr_1") != files
    assert signing(store).assets_of(request(2)) == first


def test_without_a_key_files_are_unsigned_under_another_name_and_that_is_said(
    store: AssetStore, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.WARNING):
        bare = Marker.of(Settings(assets_url=URL))
    assert "SHIFTCAST_SIGN_KEY" in caplog.text
    assets = signing(store, bare).assets_of(request(1))
    assert assets[0].url != signing(store).assets_of(request(1))[0].url
    assert read_credentials(data_of(assets[0], tmp_path), "image/jpeg").state == "none"
    assert COMPOSITE.encode() in data_of(assets[0], tmp_path)
    monkeypatch.setattr("agents.rendering.marking.can_sign", lambda: False)
    with caplog.at_level(logging.WARNING):
        assert Marker.of(settings(tmp_path)).identity is None
    assert "shiftcast[provenance]" in caplog.text


def test_a_key_that_is_not_good_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"missing\.pem cannot be read"):
        Marker.of(settings(tmp_path, sign_key=tmp_path / "missing.pem"))
    with pytest.raises(RefusedError, match="not that of the key"):
        Marker.of(settings(tmp_path, development_identity(datetime.now(UTC))[1]))
    with pytest.raises(SettingsError, match="together"):
        Settings(sign_key=tmp_path / "key.pem")


def test_check_tells_what_is_missing_and_what_ends(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert credential_findings(Settings(), now) == []
    [unset] = credential_findings(Settings(assets_url=URL), now)
    assert (unset.level, "SHIFTCAST_SIGN_KEY" in unset.repair) == ("warning", True)
    for days, level in ((0, "ok"), (345, "warning"), (366, "error")):
        [found] = credential_findings(settings(tmp_path), now + timedelta(days=days))
        assert found.level == level
    [wrong] = credential_findings(settings(tmp_path, b"no certificate"), now)
    assert wrong.level == "error"


def test_verify_says_who_signed_what_and_fails_for_a_changed_file(store: AssetStore, tmp_path: Path) -> None:
    [asset, *_] = signing(store).assets_of(request(1))
    file = tmp_path / "assets" / asset.url.removeprefix(URL)
    assert type_of(file.name) == "image/jpeg"
    (tmp_path / "root.pem").write_text(ROOT)
    run = CliRunner().invoke
    trusted = run(command, ["verify", str(file), "--anchors", str(tmp_path / "root.pem")])
    assert trusted.exit_code == 0
    assert trusted.output.startswith("trusted") and "signed by: Shiftcast development" in trusted.output
    assert f"digital source type: {COMPOSITE}" in trusted.output
    assert run(command, ["verify", str(file)]).output.startswith("valid")
    broken = bytearray(file.read_bytes())
    broken[-100] ^= 1
    (tmp_path / "broken.jpg").write_bytes(broken)
    changed = run(command, ["verify", str(tmp_path / "broken.jpg"), "--json"])
    assert changed.exit_code == 1 and '"state":"invalid"' in changed.output.replace(" ", "")
    (tmp_path / "note.txt").write_text("words")
    assert "carry no credentials" in run(command, ["verify", str(tmp_path / "note.txt")]).output
