"""A batch of the renderer: pictures first, clips behind them, acknowledged when both are out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec import structs

from agents.photos.finder import PhotoFinder
from agents.rendering.artist import Artist
from agents.rendering.backgrounds import Backgrounds
from agents.rendering.files.file_names import LET_GO_MS
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.gone import gone_meanwhile, gone_of
from agents.rendering.files.patient import PatientStore
from agents.rendering.filming import Filming
from agents.rendering.grounds import Grounds
from agents.rendering.judging import PictureJudge
from agents.rendering.service import CLIP_S, STEP_S, Renderer
from streams import records as r
from streams.settings import Settings
from streams.topics import CREATIVE, RENDER_REQUEST
from streams.wire.codecs import encode
from streams.wire.output import Output
from streams.wire.topic_codec import creative_key
from streams.wire.view import RecordBatch
from streams.wire.withdrawals import ERASED_CAUSE, withdrawal_output
from streams.worker.health import STALLED_S, Liveness
from tests.agents.overview.test_overview import Arrived
from tests.agents.rendering.requests import NOW_MS, request

ASSET = r.Asset("clip", "https://cdn.example/1.mp4", mime="video/mp4", w=1280, h=720, dur=6)


class Desk(Renderer):
    """A renderer without a broker whose artist and studio do as they are told."""

    def __init__(self, tmp_path: Path, filming: bool, **more: Any) -> None:
        settings = Settings(assets_dir=tmp_path, assets_url="https://cdn.example/", **more)
        super().__init__(cast(Any, SimpleNamespace(settings=settings, conf=SimpleNamespace(id="renderer"))))
        self.events: list[str] = []
        self.go = asyncio.Event()
        self._store = PatientStore(FolderStore(tmp_path / "files"), self._worked)
        self._store.make()
        self._reviews = PictureJudge().follower(self._settings)
        self._artist = cast(Artist, SimpleNamespace(assets_of=self._picture))
        self._photos = cast(PhotoFinder, SimpleNamespace(find=self._no_photos, rests=lambda _: False))
        self._filming = (
            cast(Filming, SimpleNamespace(assets_of=self._clip, held_of=self._held)) if filming else None
        )

    async def _no_photos(self, _addresses: object) -> dict[str, Path]:
        return {}

    def _picture(self, asked: r.RenderRequest, _photos: object) -> list[r.Asset]:
        return [r.Asset("ad", f"https://cdn.example/{asked.creative.creative_id}.jpg", 3, "image/jpeg")]

    async def _clip(self, asked: r.RenderRequest, _photos: object) -> list[r.Asset]:
        await self.go.wait()
        return [ASSET] if asked.creative.creative_id.endswith("2") else []

    async def _held(self, asked: r.RenderRequest, _photos: object) -> list[r.Asset] | None:
        return [ASSET] if asked.creative.creative_id.endswith("5") else None

    async def _gone(self, named: Mapping[str, str], now_ms: int) -> set[str]:
        return gone_meanwhile(self._store, named, now_ms)

    async def _send(self, outputs: Sequence[Output]) -> None:
        self.events += [f"sent {(each.key or b'').decode().partition('|')[0]}" for each in outputs]

    async def acknowledge(self) -> None:
        self.events.append("acknowledged")

    async def run(self, *asked: r.RenderRequest) -> None:
        records = [
            Arrived(RENDER_REQUEST.name, encode(each), creative_key(each.creative).encode(), timestamp=NOW_MS)
            for each in asked
        ]
        await self.take(RecordBatch(RENDER_REQUEST.name, 0, records), self.acknowledge)

    async def make_clips(self) -> None:
        worker = asyncio.create_task(self._clips.work(self._film))
        self.go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        worker.cancel()


def test_pictures_leave_at_once_and_a_batch_is_acknowledged_with_its_clips(tmp_path: Path) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        await desk.run(request(2, "video_16x9"), request(1), request(3, "video_9x16"))
        assert desk.events == ["sent u:u1"], "clips wait, and their batch with them"
        await desk.run(request(4))
        assert desk.events == ["sent u:u1", "sent u:u4", "acknowledged"], "the next batch does not wait"
        await desk.make_clips()
        return desk

    events = asyncio.run(story()).events
    assert events[3:] == ["sent u:u2", "acknowledged"], "what has no clip keeps its first version"


def test_a_clip_that_the_store_has_does_not_wait_for_those_that_are_made(tmp_path: Path) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        await desk.run(request(2, "video_16x9"), request(5, "video_16x9"))
        assert desk.events == ["sent u:u5"], "its batch waits for the other"
        await desk.run(request(21, "video_16x9"))
        assert desk.events[1:] == ["sent u:u21", "acknowledged"], "nothing of this one is to be made"
        await desk.make_clips()
        return desk

    assert asyncio.run(story()).events[3:] == ["sent u:u2", "acknowledged"]


def test_a_held_clip_is_not_answered_before_an_older_request_of_its_key(tmp_path: Path) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        await desk.run(request(5, "video_16x9"))
        older = request(5, "video_9x16", version=1)
        await desk._clips.add([older], desk.acknowledge, desk._clips.ours())
        await desk.run(request(5, "video_9x16", version=2))
        return desk

    events = asyncio.run(story()).events
    assert events == ["sent u:u5", "acknowledged", "acknowledged"], "it took the place of the older one"


def test_pictures_that_take_long_count_one_by_one(tmp_path: Path) -> None:
    async def story() -> list[str]:
        desk = Desk(tmp_path, filming=False)
        clock, said = iter(range(0, 500, 50)), []

        def slow(_asked: r.RenderRequest, _photos: object) -> list[r.Asset]:
            now_s = next(clock)
            desk._drawing.observe(now_s, 3, desk._steps)
            said.append(desk._drawing.complaint(now_s))
            return []

        desk._artist = cast(Artist, SimpleNamespace(assets_of=slow))
        await desk.run(request(1), request(2), request(3))
        return said

    assert asyncio.run(story()) == ["", "", ""]


class Consumer:
    """Of one lane; nothing is committed."""

    def __init__(self, records: int) -> None:
        self.records = records

    def committed(self, _tp: object) -> int:
        return 0

    def behind(self, _tp: object, done: int) -> int:
        return max(0, self.records - done)


def watched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, looks: int, each: Callable[[], None] = lambda: None
) -> str:
    """What /health says after so many looks, 20 s apart."""
    clock = count(0, 20)
    monkeypatch.setattr("agents.rendering.service.WATCH_S", 0)
    monkeypatch.setattr("agents.rendering.service.time", SimpleNamespace(monotonic=lambda: next(clock)))
    desk._drawing._advanced = desk._making._advanced = 0.0
    desk._lanes = {0}

    async def story() -> None:
        watch = asyncio.create_task(desk._watch())
        for _ in range(looks):
            await asyncio.sleep(0)
            each()
        watch.cancel()

    asyncio.run(story())
    return desk.complaint()


@pytest.mark.parametrize(("doing", "healthy"), [("steps", True), ("a long step", True), ("nothing", False)])
def test_what_works_is_no_wedge(
    doing: str, healthy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A background walks for minutes on a slow processor."""
    desk = Desk(tmp_path, filming=True)
    if doing == "a long step":
        desk._drawing = Liveness(STEP_S)
    desk._app.consumer = Consumer(1)
    said = watched(desk, monkeypatch, 10, desk._worked if doing == "steps" else lambda: None)
    assert (said == "") is healthy


def queued(tmp_path: Path, more_records: int) -> Desk:
    """Its clip is being made, for ever, behind the pictures of its batch; more records stand behind it."""
    desk = Desk(tmp_path, filming=True)
    desk._app.consumer = Consumer(1 + more_records)

    async def story() -> None:
        await desk.run(request(2, "video_16x9"))
        worker = asyncio.create_task(desk._clips.work(desk._film))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        worker.cancel()

    asyncio.run(story())
    assert desk._clips.unanswered == 1 and len(desk._clips) == 0
    return desk


@pytest.mark.parametrize(
    ("looks", "more_records", "complaint"),
    [
        (10, 0, ""),
        (10, 1, "records wait and none is applied"),
        (round(CLIP_S / 20) + 5, 0, "clips wait and none is made"),
    ],
    ids=["a clip holds its record back", "pictures wait behind a clip", "a clip without end"],
)
def test_clips_and_pictures_have_a_clock_each(
    looks: int, more_records: int, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watched(queued(tmp_path, more_records), monkeypatch, looks) == complaint


@pytest.mark.parametrize(
    ("rests", "newer", "given_up", "asked"),
    [
        (True, False, False, ["01", "01"]),
        (False, False, False, ["01"]),
        (True, True, False, ["01", "01"]),
        (True, False, True, ["01"]),
    ],
    ids=["its host is away", "there is none", "a newer one has come", "another worker has the partition"],
)
def test_what_has_no_picture_for_a_host_that_is_away_is_asked_for_once_more(
    rests: bool,
    newer: bool,
    given_up: bool,
    asked: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.rendering.service.WATCH_S", 0)
    monkeypatch.setattr("agents.rendering.service._ASK_AGAIN_S", 0)
    told: list[str] = []

    def missed(request: r.RenderRequest, _photos: object) -> list[r.Asset]:
        told.append(request.creative.creative_id[-2:])
        return []

    async def story() -> None:
        desk = Desk(tmp_path, filming=False)
        desk._artist = cast(Artist, SimpleNamespace(assets_of=missed))
        desk._photos = cast(PhotoFinder, SimpleNamespace(find=desk._no_photos, rests=lambda _: rests))
        await desk.run(request(1))
        if newer:
            desk._photos = cast(PhotoFinder, SimpleNamespace(find=desk._no_photos, rests=lambda _: False))
            await desk.run(request(1))
        if given_up:
            await desk.drain()
        again = asyncio.create_task(desk._draw_later())
        for _ in range(30):
            await asyncio.sleep(0.001)
        again.cancel()

    asyncio.run(story())
    assert told == asked


@pytest.mark.parametrize(
    ("away", "asked"),
    [(1, [{}, {"https://img.example/1.jpg": "a"}]), (9, [{}, {}])],
    ids=["once", "for longer"],
)
def test_a_clip_whose_photos_host_is_away_waits_its_turn_once_more(
    away: int, asked: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.rendering.service.WATCH_S", 0)
    monkeypatch.setattr("agents.rendering.service._ASK_AGAIN_S", 0)
    told: list[dict[str, str]] = []

    async def find(addresses: Iterable[str]) -> dict[str, str]:
        wanted = [each for each in addresses if each]
        return {} if len(told) < away else dict.fromkeys(wanted, "a")

    async def clip(_asked: r.RenderRequest, photos: dict[str, str]) -> list[r.Asset]:
        told.append(photos)
        return [ASSET] if photos else []

    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        desk._filming = cast(Filming, SimpleNamespace(assets_of=clip, held_of=desk._held))
        desk._photos = cast(PhotoFinder, SimpleNamespace(find=find, rests=lambda _: len(told) <= away))
        wanted = request(1, "video_16x9")
        look = structs.replace(wanted.look, photo="https://img.example/1.jpg")
        await desk.run(structs.replace(wanted, look=look))
        tasks = [asyncio.create_task(each) for each in (desk._clips.work(desk._film), desk._draw_later())]
        for _ in range(60):
            await asyncio.sleep(0.001)
        for each in tasks:
            each.cancel()
        return desk

    events = asyncio.run(story()).events
    assert told == asked
    assert events == ["acknowledged", *(["sent u:u1"] if away == 1 else [])], "nothing else waits for it"


@pytest.mark.parametrize(
    ("backgrounds", "stalled_s"),
    [
        (None, STALLED_S),
        (Grounds(cast(Any, None)), STALLED_S),
        (Backgrounds(cast(Any, None), cast(Any, None)), STEP_S),
    ],
    ids=["none", "a ground", "by a text-to-image model"],
)
def test_only_a_step_of_a_text_to_image_model_may_take_minutes(
    backgrounds: Backgrounds | Grounds | None,
    stalled_s: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.rendering.equipment.backgrounds_of", lambda *_: backgrounds)
    desk = Desk(tmp_path, filming=False)
    desk._ready()
    assert desk._artist.backgrounds is backgrounds
    assert desk._drawing.stalled_s == stalled_s


def test_without_the_package_video_slots_are_acknowledged_and_stay_as_they_are(tmp_path: Path) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=False)
        await desk.run(request(2, "video_16x9"))
        return desk

    assert asyncio.run(story()).events == ["acknowledged"]


def test_an_expired_creative_gets_no_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        await desk.run(request(2, "video_16x9"))
        monkeypatch.setattr("agents.rendering.service.unix_ms", lambda: NOW_MS + 10 * 3_600_000)
        await desk.make_clips()
        return desk

    assert asyncio.run(story()).events == ["acknowledged"]


def test_what_waits_is_not_acknowledged_when_partitions_go(tmp_path: Path) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        await desk.run(request(2, "video_16x9"))
        await desk.drain()
        await desk.make_clips()
        return desk

    assert asyncio.run(story()).events == []


def test_a_clip_that_is_made_while_its_partition_goes_does_not_go_out(tmp_path: Path) -> None:
    async def story() -> Desk:
        desk = Desk(tmp_path, filming=True)
        await desk.run(request(2, "video_16x9"))
        worker = asyncio.create_task(desk._clips.work(desk._film))
        await asyncio.sleep(0)
        assert desk._clips.unanswered == 1 and len(desk._clips) == 0, "it is being made"
        await desk.drain()
        desk.go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        worker.cancel()
        return desk

    assert asyncio.run(story()).events == []


NAME = "a" * 40


def tombstone(n: int, files: str) -> Arrived:
    """Of the creative of user `u<n>`."""
    made = withdrawal_output(f"u:u{n}|c0|banner_300x250", f"cr_{n:016x}", ERASED_CAUSE, 0, NOW_MS, files)
    return Arrived(CREATIVE.name, None, made.key, made.headers, NOW_MS)


@pytest.mark.parametrize("heard", ["before", "while it is drawn"])
def test_an_erased_users_picture_that_was_asked_for_is_not_published_and_goes(
    heard: str, tmp_path: Path
) -> None:
    """Its first version named the files already, so no second one comes that would be withdrawn."""
    desk = Desk(tmp_path, filming=False)
    batch = RecordBatch(CREATIVE.name, 0, [tombstone(1, NAME)])

    def drawn(asked: r.RenderRequest, _photos: object) -> list[r.Asset]:
        desk._store.put(NAME, {".jpg": b"jpeg"}, asked.creative.expires, asked.creative.creative_id)
        return [r.Asset("ad", f"https://cdn.example/{NAME}.jpg", 3, "image/jpeg")]

    async def story() -> None:
        desk._artist = cast(Artist, SimpleNamespace(assets_of=drawn))
        if heard == "before":
            await desk.take(batch, desk.acknowledge)
            await desk.run(request(1), request(2))
        else:
            asked = [request(1), request(2)]
            made = [drawn(each, None) for each in asked]
            await desk.take(batch, desk.acknowledge)
            await desk._answer(asked, made)

    asyncio.run(story())
    assert [each for each in desk.events if each.startswith("sent")] == ["sent u:u2"]
    desk._store.let_go(NAME, "cr_" + "0" * 15 + "2", NOW_MS)
    assert desk._store.remove_expired(NOW_MS + LET_GO_MS) > 0 and not list((tmp_path / "files").glob("*.jpg"))


def test_creatives_and_tombstones_that_name_no_files_leave_the_store_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, filming=False)
    desk._store.put(NAME, {".jpg": b"jpeg"}, NOW_MS, "cr_1")
    live = Arrived(CREATIVE.name, encode(request(1).creative), b"u:u1|c0|banner_300x250")
    asyncio.run(desk.take(RecordBatch(CREATIVE.name, 0, [live, tombstone(1, "")]), desk.acknowledge))
    assert desk.events == ["acknowledged"] and not list((tmp_path / "files").glob("*.gone"))


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "../secret", "A" * 40, f"{NAME}\n"])
def test_a_tombstone_that_names_what_no_store_has_is_skipped(name: str, tmp_path: Path) -> None:
    assert gone_of([tombstone(1, name)]) == []
    desk = Desk(tmp_path, filming=False)
    asyncio.run(desk.take(RecordBatch(CREATIVE.name, 0, [tombstone(1, name)]), desk.acknowledge))
    assert desk.events == ["acknowledged"] and not list((tmp_path / "files").iterdir())


class Away(FolderStore):
    """A store that does not answer."""

    def hold(self, name: str, until_ms: int, holder: str) -> dict[str, bytes]:
        raise OSError("no answer")


@pytest.mark.parametrize("at_hand", ["a batch", "a clip", "what was asked for once more"])
def test_a_stop_while_the_store_is_away_is_in_order(
    at_hand: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the store fails then; it is not acknowledged, and comes again."""
    monkeypatch.setattr("agents.rendering.service.WATCH_S", 0)
    ended: list[str] = []
    monkeypatch.setattr("agents.rendering.service.end_now", ended.append)

    async def nothing() -> None:
        pass

    async def story() -> list[str]:
        desk = Desk(tmp_path, filming=True)
        loop, waiting, failed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

        def waits() -> None:
            loop.call_soon_threadsafe(waiting.set)

        store = PatientStore(Away(tmp_path), waits)
        desk._store = store
        desk._reviews = desk._outputs = desk._fetcher = cast(
            Any, SimpleNamespace(stop=nothing, close=nothing)
        )

        def asks(asked: r.RenderRequest, _photos: object) -> list[r.Asset]:
            try:
                store.hold(NAME, NOW_MS, asked.creative.creative_id)
            finally:
                loop.call_soon_threadsafe(failed.set)
            return [ASSET]

        async def films(asked: r.RenderRequest, photos: object) -> list[r.Asset]:
            return await asyncio.to_thread(asks, asked, photos)

        desk._artist = cast(Artist, SimpleNamespace(assets_of=asks))
        desk._filming = cast(Filming, SimpleNamespace(assets_of=films, held_of=desk._held))
        if at_hand == "a batch":
            work = asyncio.create_task(desk.run(request(1)))
        elif at_hand == "a clip":
            await desk.run(request(2, "video_16x9"))
            work = asyncio.create_task(desk._clips.work(desk._film))
        else:
            desk._later.add([request(1)], 0)
            work = asyncio.create_task(desk._draw_later())
        await waiting.wait()
        await desk.disconnect()
        await failed.wait()
        await asyncio.wait([work], timeout=0.1)
        work.cancel()
        return desk.events

    assert asyncio.run(story()) == [] and ended == []


def test_what_fails_otherwise_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr("agents.rendering.service.end_now", ended.append)

    def breaks(_asked: r.RenderRequest, _photos: object) -> list[r.Asset]:
        raise OSError("no room")

    desk = Desk(tmp_path, filming=False)
    desk._artist = cast(Artist, SimpleNamespace(assets_of=breaks))
    asyncio.run(desk.run(request(1)))
    assert "no room" in ended[0] and desk.events == []
