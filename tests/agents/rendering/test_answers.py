"""A user's creative comes again with its pictures; of a shared one the pictures are told, even that there are
none."""

from __future__ import annotations

from agents.creatives.pictures import drawn_of
from agents.rendering.answers import held_until_ms, render_answer
from streams import records as r
from streams.artifacts.kinds import PICTURED
from streams.artifacts.pictured import Pictured, pictured_part
from streams.topics import ARTIFACT, CREATIVE
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from tests.agents.rendering.requests import NOW_MS, creative, request

ASSETS = [r.Asset("ad", "https://cdn.example/ads/1.jpg", 3, "image/jpeg", 300, 250)]
EVERYONE = r.Audience("default", "d")
KEPT_MS = 1_000


def told(output: Output | None) -> Pictured:
    assert output is not None and output.value is not None and output.key is not None
    assert (output.topic, output.key.decode()) == (ARTIFACT.name, f"{PICTURED}|0|d|c0|banner_300x250")
    record = decode(ARTIFACT, output.value, output.key, output.headers, NOW_MS, WireLimits())
    assert isinstance(record, r.ArtifactRecord)
    return pictured_part(record)


def test_a_users_creative_comes_again_or_not_at_all() -> None:
    made = render_answer(request(), ASSETS, KEPT_MS, 4, NOW_MS)
    assert made is not None and (made.topic, made.key) == (CREATIVE.name, b"u:u1|c0|banner_300x250")
    assert render_answer(request(), [], KEPT_MS, 4, NOW_MS) is None


def test_who_keeps_the_shelf_is_told_of_pictures_and_that_there_are_none() -> None:
    asked = request(audience=EVERYONE, request_id=None)
    one = asked.creative
    kept_ms = held_until_ms(one) + KEPT_MS
    assert kept_ms > one.expires + KEPT_MS
    found = told(render_answer(asked, ASSETS, KEPT_MS, 4, NOW_MS))
    assert found == Pictured(one.creative_id, one.version, drawn_of(asked), kept_ms, ASSETS)
    assert told(render_answer(asked, [], KEPT_MS, 4, NOW_MS)).address == ""


def test_what_is_drawn_has_the_same_digest_whichever_version_asks() -> None:
    first = request(audience=EVERYONE)
    later = request(
        audience=EVERYONE, version=NOW_MS + 9, created=NOW_MS + 9, expires=NOW_MS + 99, assets=ASSETS
    )
    assert drawn_of(first) == drawn_of(later)
    assert drawn_of(request(copy=r.CopyText("Another", "", "Take a look"))) != drawn_of(request())
    assert drawn_of(r.RenderRequest(creative(), r.Look(price="$1"))) != drawn_of(request())
