"""The demo's campaign of clips: one item, one clip per video slot, a script that review lets through."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agents.creatives.pictures import look_of
from agents.demo import clips
from agents.demo.clips import CAMPAIGNS, show_clips
from agents.demo.stage import Stage, identity_files
from agents.overview.gallery import Gallery
from agents.rendering.scenes import story_of
from agents.shelf.sharing import Shared, fill_shared
from models.clip.looks import clip_layouts
from models.clip.placing import cast as cast_of
from models.credentials.signing import Identity
from models.rules import load_rules
from models.scene.drawn.subjects import drawing_of
from streams import records as r
from streams.mapping.campaigns import campaign_of
from streams.mapping.catalog_items import item_of
from streams.settings import Settings
from streams.wire.record_files import read_lines
from tests.agents.rendering.requests import NOW_MS, creative
from tests.models.scene.sample_scenes import FONTS

ITEMS = read_lines(CAMPAIGNS.parent / "catalog.jsonl", r.CatalogItem)


def test_review_lets_the_campaign_say_a_script_about_its_one_item_in_every_video_slot() -> None:
    [record] = read_lines(CAMPAIGNS, r.Campaign)
    assert set(record.slots) == set(clip_layouts())
    campaign, [item_id] = campaign_of(record), record.items.ids
    item = item_of(next(each for each in ITEMS if each.item_id == item_id))
    assert drawing_of(item.noun, item.title), "its photo is at no host: without a drawing there is no clip"
    for template in campaign.templates:
        everyone = r.Audience("default", "d")
        made = fill_shared(Shared(everyone, campaign, template.slot, template, item, 1.0), load_rules, NOW_MS)
        assert isinstance(made, tuple), made
        story = story_of(r.RenderRequest(made[0], look_of(made[0], campaign, item)))
        assert len(story.script) == 3
        assert cast_of(story, FONTS).lines


def filmed(slot: str) -> r.Creative:
    poster = r.Asset(
        "poster", f"https://cdn.example/{slot}.jpg", 3, "image/jpeg", 1280, 720, sha256="ab" * 32
    )
    clip = r.Asset(
        "clip", f"https://cdn.example/{slot}.mp4", mime="video/mp4", w=1280, h=720, dur=6, sha256="cd" * 32
    )
    return creative(1, slot, campaign_id="c-clips", assets=[poster, clip])


def test_it_says_where_each_clip_is_and_which_never_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[r.Record] = []

    async def send(_settings: Settings, _topic: object, records: list[r.Record]) -> None:
        sent.extend(records)

    monkeypatch.setattr(clips, "send", send)
    monkeypatch.setattr(clips, "WAIT_S", 0.3)
    settings = Settings(assets_dir=tmp_path)
    stage = cast(Stage, SimpleNamespace(settings=settings, workers=SimpleNamespace(check=lambda: None)))
    gallery, said = Gallery(), list[str]()
    gallery.take(filmed("video_16x9"))
    assert asyncio.run(show_clips(stage, ITEMS, gallery, said.append)) == 1
    assert str(tmp_path / "video_16x9.mp4") in said[0]
    assert "video_9x16" in said[1] and "render_assets" in said[1]
    gallery.take(filmed("video_9x16"))
    assert asyncio.run(show_clips(stage, ITEMS, gallery, said.append)) == 2
    assert len(sent) == 2
    assert asyncio.run(show_clips(stage, [], gallery, said.append)) == 0, "another catalogue has no such item"
    monkeypatch.setattr(clips, "can_make_clips", lambda: False)
    assert asyncio.run(show_clips(stage, ITEMS, gallery, said.append)) == 0
    assert "shiftcast[video]" in said[-1]


def test_the_demos_key_is_made_once_and_again_before_it_ends(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    key, chain = identity_files(tmp_path / "c", now)
    assert key.stat().st_mode & 0o077 == 0, "nobody else reads it"
    first: Any = key.read_bytes()
    assert Identity.of(first, chain.read_bytes()).ends > now
    assert identity_files(tmp_path / "c", now + timedelta(days=300)) == (key, chain)
    assert key.read_bytes() == first
    identity_files(tmp_path / "c", now + timedelta(days=340))
    assert key.read_bytes() != first
    chain.write_text("half a certi")
    identity_files(tmp_path / "c", now)
    assert Identity.of(key.read_bytes(), chain.read_bytes()).ends > now
