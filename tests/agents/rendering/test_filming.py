"""A request of a video slot becomes stored files and the next version of its creative."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import av
import msgspec
import numpy as np
import pytest
from msgspec import structs
from PIL import Image

from agents.creatives.pictures import content_of, next_version, pictured
from agents.photos.cache import PhotoCache
from agents.rendering.clips.studio import NoClipError, Studio
from agents.rendering.clips.unmade import RESTS_S, Unmade
from agents.rendering.files.folder import FolderStore
from agents.rendering.filming import Filming
from agents.rendering.marking import Marker
from agents.rendering.scenes import story_of
from agents.rendering.voices.finding import Voices
from agents.rendering.voices.speaking import TIMED_OUT, NoVoiceError
from models.clip.looks import clip_layout_of
from models.clip.story import Story
from models.markup.vast import NAMESPACE, vast_document
from models.scene.photo import read_photo
from models.scene.reasons import PHOTO_GONE, code_of
from streams import records as r
from streams.mapping.ads import ad_of
from streams.metrics.pictures import CLIP_VOICES, CLIPS, NOT_SHOWN
from streams.settings import Settings
from tests.agents.rendering.requests import LOOK, NOW_MS, creative, request
from tests.agents.rendering.speech_engines import espeak
from tests.models.scene.sample_scenes import FONTS

URL = "https://cdn.example/ads/"
SCRIPT = ["A warm light at last.", "Ten-year guarantee.", "Now for $89.99."]
COPY = r.CopyText("Meet the lamp", " ".join(SCRIPT), "Take a look", "Hearthside", SCRIPT)


def asked(n: int = 1, **fields: Any) -> r.RenderRequest:
    return request(n, "video_16x9", **{"copy": COPY, **fields})


@pytest.fixture(scope="module")
def made() -> dict[bytes, dict[str, bytes]]:
    """Clips by what they were made of."""
    return {}


@pytest.fixture
def studio(
    made: dict[bytes, dict[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Studio:
    """One that makes each clip once for all tests: a clip takes seconds of a processor."""
    make = Studio.make

    async def made_once(
        self: Studio, story: Story, xmp: bytes, sound: bytes, photos: dict[str, bytes]
    ) -> dict[str, bytes]:
        order = msgspec.msgpack.encode((story, self.codecs, xmp, sound, photos))
        if order not in made:
            made[order] = await make(self, story, xmp, sound, photos)
        return made[order]

    monkeypatch.setattr(Studio, "make", made_once)
    return Studio(("av1",), tmp_path_factory.mktemp("fonts"))


@pytest.fixture
def filming(tmp_path: Path, studio: Studio) -> Filming:
    store = FolderStore(tmp_path)
    store.make()
    photos = PhotoCache(tmp_path / "photos")
    photos.make()
    return Filming(store, FONTS, URL, studio, Marker(), photos)


def test_the_next_version_names_a_clip_that_is_there_and_is_made_once(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = structs.replace(asked(), render=["vast"])
    assert wanted.creative.render == {}, "without a clip there is no VAST"
    first = next_version(wanted, asyncio.run(filming.assets_of(wanted)))
    assert first.replaces_version == first.version - 1
    assert [each.role for each in first.assets] == ["poster", "clip", "captions"]
    assert {each.layout for each in first.assets} <= {each.name for each in clip_layout_of("video_16x9").look}
    for asset in first.assets:
        data = (tmp_path / asset.url.removeprefix(URL)).read_bytes()
        assert (asset.bytes, asset.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert first.attr == []
    document = fromstring(first.render["vast"])
    [media] = document.iter(f"{{{NAMESPACE}}}MediaFile")
    assert media.text == first.assets[1].url
    assert (media.attrib["width"], media.attrib["height"], media.attrib["codec"]) == (
        "1280",
        "720",
        "av01.0.05M.08",
    )
    assert media.attrib["bitrate"] == str(-(-(first.assets[1].bytes or 0) * 8 // 6000))
    assert "00:00:06" in vast_document(ad_of(first))

    noted = filming.store.noted(content_of(asked(2)))
    assert noted is not None and noted.assets == first.assets, "the next first version names it at once"

    async def never(*_: object) -> dict[str, bytes]:
        pytest.fail("made again")

    monkeypatch.setattr(Studio, "make", never)
    held = CLIPS.labels("held")._value.get()
    assert asyncio.run(filming.assets_of(asked(2))) == first.assets
    assert asyncio.run(filming.held_of(asked(2), {})) == first.assets
    assert CLIPS.labels("held")._value.get() == held + 2
    other = r.CopyText("Another lamp", " ".join(SCRIPT), "Take a look", "Hearthside", SCRIPT)
    assert asyncio.run(filming.held_of(asked(3, copy=other), {})) is None


def test_a_clip_that_cannot_be_made_leaves_the_first_version(filming: Filming, tmp_path: Path) -> None:
    long = r.CopyText("Meet the lamp", "Delivered to the room of your choice. " * 30, "Take a look")
    assert asyncio.run(filming.assets_of(asked(copy=long))) == []
    runes = r.CopyText("ᚠᚢᚦ", "", "Take a look")
    assert asyncio.run(filming.assets_of(asked(copy=runes))) == []
    assert {each.name for each in tmp_path.iterdir()} <= {".lock", "photos"}


@pytest.mark.parametrize("kind", ["TimedOut", "TooHeavy"])
def test_a_silent_clip_that_failed_is_not_tried_again_for_each_creative(
    kind: str, filming: Filming, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def fails(_studio: Studio, story: Story, *_: object) -> dict[str, bytes]:
        tried.append(story.scene.headline)
        raise NoClipError(kind, "not ready")

    monkeypatch.setattr(Studio, "make", fails)
    now_s, counted = [0.0], CLIPS.labels(code_of(kind))._value.get
    desk, earlier = replace(filming, unmade=Unmade(lambda: now_s[0])), counted()
    assert spoken_for(desk, 3) == [[], [], []]
    assert (tried, counted()) == (["Meet the lamp"], earlier + 3), "each creative counts"
    other = r.CopyText("A lamp at last", COPY.description, COPY.cta, COPY.brand, SCRIPT)
    assert spoken_for(desk, 1, copy=other) == [[]]
    assert tried == ["Meet the lamp", "A lamp at last"], "another clip is tried"
    now_s[0] = RESTS_S
    spoken_for(desk, 1)
    assert (len(tried) == 3) is (kind == "TimedOut"), "a program may be mended, a story stays as heavy"


def scene_photo(colour: tuple[int, int, int]) -> bytes:
    """A photo that fills its place: two halves, one in a colour."""
    image = Image.new("RGB", (900, 900), (230, 230, 230))
    image.paste(colour, (0, 0, 450, 900))
    data = BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def kept(filming: Filming, url: str, data: bytes) -> str:
    return filming.photos.put(url, data, read_photo(data), NOW_MS / 1_000)


def share_of(pixels: np.ndarray, colour: tuple[int, int, int]) -> float:
    """How much of a picture has that colour, or nearly."""
    return float((np.abs(pixels - colour).max(axis=2) < 24).mean())


def test_a_clip_shows_the_photo_and_the_logo_that_are_had(filming: Filming, tmp_path: Path) -> None:
    red, green = (214, 30, 40), (20, 200, 60)
    photo, logo = "https://img.example/lamp.png", "https://img.example/logo.png"
    look = structs.replace(LOOK, photo=photo, logo=logo)
    wanted = structs.replace(asked(), look=look)
    names = {photo: kept(filming, photo, scene_photo(red)), logo: kept(filming, logo, scene_photo(green))}
    drawn = asyncio.run(filming.assets_of(wanted))
    shown = asyncio.run(filming.assets_of(wanted, names))
    assert {each.url for each in drawn}.isdisjoint(each.url for each in shown)
    posters = (tmp_path / made[0].url.removeprefix(URL) for made in (drawn, shown))
    before, after = (np.asarray(Image.open(each).convert("RGB"), np.int16) for each in posters)
    assert share_of(before, red) < 0.001 < 0.05 < share_of(after, red)
    assert share_of(before, green) < 0.0001 < share_of(after, green)
    opening = frame_of(tmp_path / shown[1].url.removeprefix(URL), 30)
    assert share_of(opening, red) > 0.05, "from its beginning"


def frame_of(clip: Path, wanted: int) -> np.ndarray:
    """Pixels of a frame by its number."""
    with av.open(str(clip), "r") as container:
        frame = next(each for n, each in enumerate(container.decode(video=0)) if n == wanted)
        return frame.to_ndarray(format="rgb24").astype(np.int16)


def test_a_photo_that_is_gone_costs_the_clip_and_is_counted(
    filming: Filming, caplog: pytest.LogCaptureFixture
) -> None:
    counted = CLIPS.labels(PHOTO_GONE)._value.get
    earlier, photo = counted(), "https://img.example/lamp.png"
    wanted = structs.replace(asked(), look=structs.replace(LOOK, photo=photo))
    assert asyncio.run(filming.assets_of(wanted, {photo: "a" * 40})) == []
    assert counted() == earlier + 1
    assert "a photo that was there is gone" in caplog.text


CLAMP = structs.replace(LOOK, subject=["clamp", "homedecor.clamps"])


@pytest.mark.parametrize("change", [{}, {"layout": "type"}, {"svg": "<svg/>"}], ids=["", "type", "svg"])
def test_what_is_bought_for_its_looks_and_nothing_shows_gets_no_clip(
    change: dict[str, str],
    filming: Filming,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def nothing(*_: object) -> dict[str, bytes]:
        return {".av1.mp4": b"clip", ".jpg": b"poster", ".vtt": b"WEBVTT"}

    monkeypatch.setattr(Studio, "make", nothing)
    caplog.set_level("INFO")
    before = NOT_SHOWN._value.get()
    wanted = structs.replace(asked(), look=structs.replace(CLAMP, **change))
    assert [asyncio.run(filming.assets_of(wanted)) for _ in range(2)] == [[], []]
    assert NOT_SHOWN._value.get() == before + 2
    [told] = [each.getMessage() for each in caplog.records]
    assert "no clip for" in told and "give `images`" in told
    photo = "https://img.example/clamp.png"
    seen = structs.replace(wanted, look=structs.replace(wanted.look, photo=photo))
    assert asyncio.run(filming.assets_of(seen, {photo: kept(filming, photo, scene_photo((9, 9, 9)))}))
    course = structs.replace(asked(), look=structs.replace(CLAMP, subject=["course", "education.languages"]))
    assert asyncio.run(filming.assets_of(course)), "nobody buys it for its looks"
    assert NOT_SHOWN._value.get() == before + 2


def speaking(filming: Filming) -> Filming:
    voices = Voices.of(Settings(clip_voice="espeak-ng"))
    return replace(filming, voices=voices)


def test_a_voice_is_part_of_the_clip_and_of_its_name(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path / "bin", monkeypatch)
    silent = asyncio.run(filming.assets_of(asked()))
    heard = asyncio.run(speaking(filming).assets_of(asked()))
    assert [each.role for each in heard] == ["poster", "clip", "captions"]
    assert {each.url for each in silent}.isdisjoint(each.url for each in heard)
    assert [each.codec for each in heard] == [None, "av01.0.05M.08, mp4a.40.2", None]
    with av.open(str(tmp_path / heard[1].url.removeprefix(URL))) as container:
        assert len(container.streams.audio) == 1
    [media] = fromstring(vast_document(ad_of(next_version(asked(), heard)))).iter(f"{{{NAMESPACE}}}MediaFile")
    assert media.attrib["codec"] == "av01.0.05M.08, mp4a.40.2"

    monkeypatch.setattr("agents.rendering.filming.spoken_script", None)
    assert asyncio.run(speaking(filming).assets_of(asked(2))) == heard, "said once"


@pytest.mark.parametrize(
    ("before", "fields", "result"),
    [
        ("sys.exit(1)", {}, "Failed"),
        ("pass", {"lang": "zh"}, "NoLanguage"),
        ("pass", {"provenance": r.Provenance("human_edits")}, "Undeclared"),
    ],
)
def test_without_a_voice_the_clip_is_the_silent_one_and_that_is_counted(
    before: str,
    fields: dict[str, Any],
    result: str,
    filming: Filming,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    espeak(tmp_path / "bin", monkeypatch, before)
    counted = CLIP_VOICES.labels(result)._value.get
    earlier = counted()
    assert asyncio.run(speaking(filming).assets_of(asked(**fields))) == asyncio.run(
        filming.assets_of(asked(**fields))
    )
    assert counted() == earlier + 1


def spoken_for(filming: Filming, count: int, **fields: Any) -> list[list[r.Asset]]:
    """What so many creatives of one story get."""
    return [asyncio.run(filming.assets_of(asked(n, **fields))) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("before", "seconds", "kind"), [("sys.exit(1)", 0.2, "Failed"), ("pass", 5, "TooLong")]
)
def test_a_voice_that_failed_is_not_asked_again_for_the_same_words_and_each_clip_counts(
    before: str, seconds: float, kind: str, filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    espeak(tmp_path / "bin", monkeypatch, f'open({str(log)!r}, "a").write("run "); {before}', seconds)
    counted = CLIP_VOICES.labels(kind)._value.get
    now_s, earlier = [0.0], counted()
    desk = replace(speaking(filming), unmade=Unmade(lambda: now_s[0]))
    spoken_for(desk, 1)
    once = log.read_text()
    spoken_for(desk, 4)
    assert (counted(), log.read_text()) == (earlier + 5, once)
    now_s[0] = RESTS_S + 1
    spoken_for(desk, 1)
    assert (log.read_text() == once) is (kind == "TooLong"), "an engine may be mended, words stay as long"


def test_an_engine_that_hangs_is_left_alone_for_a_while_whatever_it_is_to_say(
    filming: Filming, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    espeak(tmp_path / "bin", monkeypatch)
    tried = []

    async def hangs(_voice: object, scripts: Any, *_: object) -> bytes:
        tried.append(scripts[0][0].text)
        raise NoVoiceError(TIMED_OUT, "not ready")

    monkeypatch.setattr("agents.rendering.filming.spoken_script", hangs)
    desk = speaking(filming)
    for headline in ("Meet the lamp", "A lamp at last"):
        said = r.CopyText(headline, COPY.description, COPY.cta, COPY.brand, SCRIPT)
        assert spoken_for(desk, 1, copy=said)[0][1].codec == "av01.0.05M.08"
    assert tried == ["Meet the lamp"]


def test_a_clip_that_its_sound_makes_too_heavy_is_silent(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path / "bin", monkeypatch)
    make, tried = Studio.make, []

    async def heavy(
        self: Studio, story: Story, xmp: bytes, sound: bytes, photos: dict[str, bytes]
    ) -> dict[str, bytes]:
        tried.append(bool(sound))
        if sound:
            raise NoClipError("TooHeavy", "1,004 kbps")
        return await make(self, story, xmp, b"", photos)

    monkeypatch.setattr(Studio, "make", heavy)
    counted = CLIP_VOICES.labels("TooHeavy")._value.get
    earlier = counted()
    first, again = spoken_for(speaking(filming), 2)
    assert [each.role for each in first] == ["poster", "clip", "captions"] and again == first
    assert tried == [True, False] and counted() == earlier + 2


def test_spoken_clips_count_for_each_creative(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path / "bin", monkeypatch)
    counted = CLIP_VOICES.labels("spoken")._value.get
    earlier = counted()
    spoken_for(speaking(filming), 3)
    assert counted() == earlier + 3


def test_a_story_without_a_word_has_a_silent_clip(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path / "bin", monkeypatch)
    assert speaking(filming).voices is not None
    [made] = spoken_for(speaking(filming), 1, copy=r.CopyText("...", "", "!!", "Hearthside", []))
    assert {each.codec for each in made} == {None, "av01.0.05M.08"}


PYTHON = sys.executable


def fake(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program in the place of the one that makes clips."""
    program = folder / "program"
    program.write_text(f"#!/bin/sh\nexec {PYTHON} -c '{text}'\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))


def test_what_hangs_is_ended_and_what_crashes_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_of(asked())
    fake(tmp_path, "import time; time.sleep(600)", monkeypatch)
    with pytest.raises(NoClipError, match="not ready") as late:
        asyncio.run(Studio(("av1",), tmp_path, most_s=0.5).make(story))
    assert late.value.kind == "TimedOut"
    fake(tmp_path, 'import sys; sys.exit("the encoder is gone")', monkeypatch)
    with pytest.raises(NoClipError, match="code 1: the encoder is gone") as crashed:
        asyncio.run(Studio(("av1",), tmp_path).make(story))
    assert crashed.value.kind == "Crashed"


def test_a_clip_takes_the_place_of_a_picture_and_a_picture_leaves_it() -> None:
    old = creative(slot="video_16x9", assets=[r.Asset("main", "https://shop.example/1.jpg", 3)], attr=[21])
    clip = r.Asset("clip", f"{URL}1.mp4", mime="video/mp4")
    filmed = pictured(r.RenderRequest(old), [clip])
    assert (filmed.assets, filmed.attr) == ([clip], [])
    poster = r.Asset("poster", f"{URL}1.jpg", 3)
    again = pictured(r.RenderRequest(filmed), [poster])
    assert (again.assets, again.attr) == ([poster, clip], [21])


def test_a_creative_without_a_script_is_told_by_its_description() -> None:
    story = story_of(r.RenderRequest(creative(slot="video_16x9")))
    assert story.script == () and story.lines == (story.scene.description,)
