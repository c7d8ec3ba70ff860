"""Pictures of shared creatives: asked for once, hung up by whoever keeps the shelf, kept while they show the
same."""

from __future__ import annotations

import msgspec

from agents.rendering.answers import render_answer
from streams import records as r
from streams import topics
from streams.wire.output import Output
from tests.agents.shelf.test_shelves import DAY_MS, Shelf, campaign

KEY = "d|c1|native"
DENIED = r.Revocation("picture", "ph_1", "denied", 0, lasting=True)
PICTURE = r.Asset("main", "https://cdn.example/ads/1.jpg", 3, "image/jpeg", 1200, 627, shown=["ph_1"])


def asked(shelf: Shelf) -> dict[str, r.RenderRequest]:
    """What was asked for in the last turn, by key of the creative."""
    found = [each for each in shelf.sent if each.topic == topics.RENDER_REQUEST.name]
    return {
        (each.key or b"").decode(): msgspec.json.decode(each.value or b"", type=r.RenderRequest)
        for each in found
    }


def published(outputs: list[Output]) -> dict[str, r.Creative]:
    return {
        (each.key or b"").decode(): msgspec.json.decode(each.value, type=r.Creative)
        for each in outputs
        if each.value is not None
    }


def render(shelf: Shelf, request: r.RenderRequest, *assets: r.Asset) -> None:
    """What a renderer would answer comes to the shelf."""
    made = render_answer(request, assets, DAY_MS, 4, int(shelf.now_ms))
    assert made is not None
    shelf.follow(made)


def pictured(shelf: Shelf) -> r.RenderRequest:
    """A shelf whose default native creative hangs with its picture; what was asked for it."""
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    request = asked(shelf)[KEY]
    render(shelf, request, PICTURE)
    shelf.turn()
    return request


def test_copy_goes_out_first_and_again_with_its_picture() -> None:
    shelf = Shelf(pictures=True)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    first = published(shelf.turn())
    assert first.keys() == asked(shelf).keys() and KEY in first
    sent = [each.topic for each in shelf.sent]
    assert sent.index(topics.CREATIVE.name) < sent.index(topics.RENDER_REQUEST.name)
    request = asked(shelf)[KEY]
    assert shelf.turn() == [] and asked(shelf) == {}, "asked for once"

    render(shelf, request, PICTURE)
    again = published(shelf.turn())
    assert again.keys() == {KEY}
    assert (again[KEY].replaces_version, again[KEY].assets) == (first[KEY].version, [PICTURE])
    assert (again[KEY].creative_id, again[KEY].created, again[KEY].expires) == (
        first[KEY].creative_id,
        first[KEY].created,
        first[KEY].expires,
    )
    assert shelf.reference.artifacts.shared[KEY].picture == PICTURE.url
    assert shelf.turn() == []


def test_what_cannot_be_drawn_is_not_asked_for_again() -> None:
    shelf = Shelf(pictures=True)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    for request in asked(shelf).values():
        render(shelf, request)
    shelf.shelves = shelf.kept(lambda _: True)
    assert shelf.turn() == [] and asked(shelf) == {}


def test_another_worker_asks_for_what_is_missing_and_hangs_what_came() -> None:
    shelf = Shelf(pictures=True)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    first = asked(shelf)
    render(shelf, first[KEY], PICTURE)
    shelf.shelves = shelf.kept(lambda _: True)
    assert published(shelf.turn()).keys() == {KEY}
    assert asked(shelf).keys() == first.keys() - {KEY}


def test_a_picture_that_comes_late_brings_nothing_back() -> None:
    shelf = Shelf(pictures=True)
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    shelf.turn()
    late = asked(shelf)[KEY]
    shelf.take(topics.CAMPAIGN, "c1", campaign(version=2))
    newer = published(shelf.turn())[KEY]
    render(shelf, late, PICTURE)
    assert shelf.turn() == []
    assert newer.creative_id != late.creative.creative_id
    shelf.take(topics.CAMPAIGN, "c1", campaign("paused", version=3))
    shelf.turn()
    render(shelf, late, PICTURE)
    assert published(shelf.turn()) == {}
    assert shelf.reference.artifacts.pictured == {}, "nobody keeps what is of no use"


def test_a_denied_picture_goes_at_once_and_does_not_come_back() -> None:
    shelf = Shelf(pictures=True)
    pictured(shelf)
    shelf.take(topics.REVOCATION, "picture|ph_1", DENIED)
    anew = published(shelf.turn(after_ms=1))
    assert anew.keys() == {KEY} and PICTURE not in anew[KEY].assets
    again = asked(shelf)[KEY]
    render(shelf, again, PICTURE)
    assert published(shelf.turn()) == {}, "one that is drawn all the same is not hung"
    standing = shelf.reference.artifacts.shared[KEY]
    assert not shelf.shelves._hanging.is_wanting(KEY, standing), "nor tried again each turn"
    assert PICTURE not in published(shelf.turn(after_ms=DAY_MS))[KEY].assets
    assert shelf.reference.artifacts.shared[KEY].pictures == ()


def test_the_next_day_begins_with_the_picture_of_the_day_before() -> None:
    shelf = Shelf(pictures=True)
    pictured(shelf)
    again = published(shelf.turn(after_ms=DAY_MS))[KEY]
    assert (again.assets, again.replaces_version) == ([PICTURE], None)
    request = asked(shelf)[KEY]
    assert request.creative.version == again.version, "the renderer is told to keep the files"
    render(shelf, request, PICTURE)
    assert shelf.turn() == []


def test_a_picture_whose_files_may_go_before_is_not_kept() -> None:
    shelf = Shelf(pictures=True)
    pictured(shelf)
    again = published(shelf.turn(after_ms=DAY_MS + 7_200_000))[KEY]
    assert PICTURE not in again.assets


def test_without_an_address_for_pictures_nothing_is_asked_for() -> None:
    shelf = Shelf()
    shelf.take(topics.CAMPAIGN, "c1", campaign())
    assert shelf.turn() != [] and asked(shelf) == {}
