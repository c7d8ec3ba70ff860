"""A user does not get the same-looking picture twice in a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from agents.creatives.looks import ALIKE_BITS, last_like
from agents.rendering.artist import Artist
from agents.rendering.files.file_names import LET_GO_MS, name_in
from agents.rendering.repeats import other_variants
from models.scene.layouts import layout_of
from streams import records as r
from streams.metrics.pictures import RENDER_REPEATS
from tests.agents.rendering.requests import LOOK, NOW_MS, creative, request
from tests.agents.rendering.test_artist import artist

__all__ = ["artist"]
WORDS = ("Meet the lamp", "Light for late evenings", "A lamp at last", "See it lit")


def asked(n: int, seen: Sequence[str], **look: str) -> r.RenderRequest:
    words = r.CopyText(
        WORDS[n % len(WORDS)], "Delivered to the room of your choice.", "Take a look", "Hearthside"
    )
    made = request(1, copy=words)
    return structs.replace(made, seen=list(seen), look=structs.replace(LOOK, **look))


def counted(result: str) -> float:
    return float(RENDER_REPEATS.labels(result)._value.get())


def test_the_next_picture_looks_otherwise(artist: Artist) -> None:
    seen: list[str] = []
    layouts = []
    before = counted("redrawn")
    for n in range(4):
        made = artist.assets_of(asked(n, seen))[0]
        assert made.looks is not None and made.layout is not None
        assert not seen or last_like(made.looks, seen[-1:]) == 0, "not like the one before"
        seen.append(made.looks)
        layouts.append(made.layout)
    assert layouts[0] == layouts[2] != layouts[1] == layouts[3], "the one that was longest ago"
    assert counted("redrawn") > before


def test_another_user_still_has_the_usual_one(artist: Artist) -> None:
    usual = artist.assets_of(asked(0, []))
    assert usual[0].looks is not None
    assert artist.assets_of(asked(0, [usual[0].looks]))[0].url != usual[0].url
    assert artist.assets_of(asked(0, ["f" * 16])) == usual


def test_files_that_were_looked_at_and_not_chosen_are_not_held(artist: Artist, tmp_path: Path) -> None:
    """No creative names them: an erasure of whoever they were drawn for would not know of them."""
    usual, now_ms = looks_drawn(artist), NOW_MS + LET_GO_MS
    chosen = artist.assets_of(structs.replace(asked(1, [usual]), creative=creative(2)))[0].url
    artist.store.remove_expired(now_ms + 6 * 3_600_000)
    assert [each.name for each in tmp_path.glob("*.jpg")] == [chosen.rpartition("/")[2]]


def looks_drawn(artist: Artist) -> str:
    """How the usual picture looks, which is not there."""
    made = artist.assets_of(structs.replace(asked(1, []), creative=creative(1)))[0]
    artist.store.let_go(name_in(made.url), creative(1).creative_id, NOW_MS)
    assert made.looks is not None
    return made.looks


@pytest.mark.parametrize("look", [{"layout": "shelf"}, {"layout": "type"}])
def test_a_layout_that_a_template_names_is_kept(artist: Artist, look: dict[str, str]) -> None:
    usual, before = artist.assets_of(asked(0, [], **look)), counted("kept")
    assert usual[0].looks is not None
    assert artist.assets_of(asked(0, [usual[0].looks], **look)) == usual
    assert counted("kept") == before + 1


def test_a_layout_that_was_drawn_for_the_creative_gives_way(artist: Artist) -> None:
    usual = artist.assets_of(asked(0, [], layout="shelf"))
    assert usual[0].looks is not None
    again = asked(0, [usual[0].looks], layout="shelf")
    trial = r.CreativeExperiment("plain.t1", 0.5, "p1", layout="shelf", layout_propensity=0.5)
    drawn = structs.replace(again, creative=structs.replace(again.creative, experiment=trial))
    assert artist.assets_of(drawn)[0].layout not in (None, "shelf")


def test_what_many_share_is_not_compared(artist: Artist) -> None:
    shared = request(1, audience=r.Audience("segment", "s:k01"))
    usual = artist.assets_of(shared)
    assert [each.looks for each in usual] == [None, None]
    hashed = artist.assets_of(asked(0, []))[0].looks
    assert hashed is not None
    assert artist.assets_of(shared) == usual


def test_how_new_what_looks_alike_is() -> None:
    seen = ["0" * 16, "f" * 16, "00000000000003ff"]
    assert last_like("0" * 16, seen) == 3, "10 bits are alike"
    assert last_like("0" * 16, [*seen[:2], "00000000000007ff"]) == 1, "11 are not"
    assert last_like("00000000ffffffff", seen) == 0 and ALIKE_BITS == 10


def test_a_thing_is_shown_in_every_variant_that_stands_in() -> None:
    for slot in ("banner_300x250", "native"):
        for each in layout_of(slot).variant:
            for other in other_variants(slot, each.name):
                place = next(found.picture for found in layout_of(slot).variant if found.name == other)
                assert any(place) == any(each.picture)
