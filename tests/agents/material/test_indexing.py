"""A folder of an advertiser becomes a library."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from agents.commands.servers.assets import command
from agents.material.captions import read_captions
from agents.material.indexing import IndexingWish, index_material
from agents.material.library import LibraryLine
from agents.material.sending import material_output, with_material
from streams.loud_end import RefusedError
from streams.records import Advertiser, Campaign, Pool, SuppliedPicture
from streams.wire.codecs import WireLimits
from tests.models.material.test_clip import clip
from tests.models.material.test_image_encoder import folder_of_encoder


def _landscape(seed: int) -> Image.Image:
    rough = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return Image.fromarray(rough).resize((320, 240), Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "summer"
    (found / "shoes").mkdir(parents=True)
    _landscape(1).save(found / "shoes" / "red shoe.jpg")
    _landscape(1).resize((640, 480)).save(found / "z-again.png")
    _landscape(2).save(found / "lovely_garden.webp")
    (found / "clip.mp4").write_bytes(clip())
    (found / "broken.png").write_bytes(b"no picture")
    (found / "notes.txt").write_text("not asked for")
    (tmp_path / "outside.jpg").write_bytes((found / "shoes" / "red shoe.jpg").read_bytes())
    (found / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    return found


def test_every_file_is_in_the_library_or_named_with_the_reason(folder: Path) -> None:
    made = index_material(IndexingWish(folder), quiet=True)
    assert [each.file for each in made.lines] == [
        "clip.mp4", "lovely_garden.webp", "shoes/red shoe.jpg", "z-again.png"
    ]  # fmt: skip
    assert set(made.left_out) == {"broken.png", "link.jpg"}
    assert "out of the folder" in made.left_out["link.jpg"]
    assert {each.file: each.like for each in made.lines if each.like} == {"z-again.png": "shoes/red shoe.jpg"}


def test_a_clip_has_seconds_and_sound_and_file_names_speak(folder: Path) -> None:
    lines = {each.file: each for each in index_material(IndexingWish(folder), quiet=True).lines}
    assert lines["clip.mp4"].seconds > 1.9
    assert len(lines["clip.mp4"].sound) == 80
    assert lines["lovely_garden.webp"].caption == "lovely garden"
    assert lines["lovely_garden.webp"].sentiment > 0


def test_captions_and_an_encoder_reach_the_campaign(folder: Path, tmp_path: Path) -> None:
    said, items = tmp_path / "said.csv", tmp_path / "items.jsonl"
    said.write_text(
        'file,caption,item_id,cat\nshoes/red shoe.jpg,"Red shoes, new",i1|i2,footwear\nno.jpg,,,\n'
    )
    rows = [{"item_id": each, "title": each, "url": "https://s.example"} for each in ("red", "blue")]
    items.write_text("\n".join(map(json.dumps, rows)))
    encoder = folder_of_encoder(tmp_path / "encoder")
    made = index_material(
        IndexingWish(folder, said, items, encoder, prefix="https://cdn.example/s/"), quiet=True
    )
    assert made.unmatched == ["no.jpg"]
    shoe = {each.url: each for each in made.material}["https://cdn.example/s/shoes/red%20shoe.jpg"]
    assert (shoe.caption, shoe.item_ids, shoe.cat) == ("Red shoes, new", ["i1", "i2"], ["footwear"])
    assert shoe.near
    assert len(made.material) == 2, "neither the clip nor the near duplicate"
    assert all(each.seen and each.encoder.startswith("onnx:") for each in made.lines)


def test_the_command_writes_the_library_beside_the_folder(folder: Path) -> None:
    found = CliRunner().invoke(command, ["index", str(folder), "--url", "https://cdn.example", "--json"])
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    lines = Path(said["library"]).read_bytes().splitlines()
    assert (said["pictures"], said["clips"], len(lines)) == (3, 1, 4)
    assert msgspec.json.decode(lines[0], type=LibraryLine).dhash
    assert said["material"][0]["url"].startswith("https://cdn.example/")
    again = CliRunner().invoke(command, ["index", str(folder)])
    assert "left out broken.png: no JPEG, PNG, WEBP" in again.output
    assert Path(said["library"]).read_bytes().splitlines() == lines


@pytest.mark.parametrize("given", [["--campaign", "c1"], ["--url", "http://cdn.example"]])
def test_what_a_campaign_could_not_show_is_refused(folder: Path, given: list[str]) -> None:
    found = CliRunner().invoke(command, ["index", str(folder), *given])
    assert found.exit_code == 2
    assert "https://cdn.example/folder" in found.output


def test_a_broken_line_of_captions_is_named(tmp_path: Path) -> None:
    said = tmp_path / "said.jsonl"
    said.write_text('{"file": "1.jpg"}\n\n{"caption": "none"}\n')
    with pytest.raises(RefusedError, match=r"line 3: .*`file`"):
        read_captions(said)
    table = tmp_path / "said.csv"
    table.write_text("name,caption\n")
    with pytest.raises(RefusedError, match="it should be file,caption,item_id,cat"):
        read_captions(table)


@pytest.mark.parametrize(
    "pictures",
    [
        [SuppliedPicture(f"https://cdn.example/{n}.jpg") for n in range(300)],
        [SuppliedPicture("https://cdn.example/1.jpg", item_ids=[f"i{n}" for n in range(70)])],
        [SuppliedPicture("https://cdn.example/1.jpg", "x" * 3_000)],
    ],
    ids=["pictures", "items", "caption"],
)
def test_a_campaign_that_no_reader_would_take_is_not_sent(pictures: list[SuppliedPicture]) -> None:
    made = with_material(Campaign("c1", 3, "active", Advertiser("Acme")), pictures)
    with pytest.raises(RefusedError, match="c1 keeps what it has"):
        material_output(made, WireLimits(), 1)


def test_a_name_that_is_no_text_is_left_out(folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.jpg")).write_bytes((folder / "z-again.png").read_bytes())
    found = index_material(IndexingWish(folder), quiet=True)
    [name] = [name for name, why in found.left_out.items() if "rename" in why]
    assert name.startswith("caf") and "caf" not in "".join(each.file for each in found.lines)


def test_a_campaign_keeps_what_it_had_and_gets_a_new_version() -> None:
    before = Campaign("c1", 4, "active", Advertiser("Shop"), pool=Pool(images=["https://cdn.example/1.jpg"]))
    after = with_material(before, [SuppliedPicture("https://cdn.example/2.jpg")])
    assert (after.version, after.pool.images) == (5, before.pool.images)
    assert [each.url for each in after.pool.material] == ["https://cdn.example/2.jpg"]
