"""What one user would be shown now, rung by rung, from what the topics hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import structs

from agents.overview.ladder import Ladder
from streams import records as r
from streams.topics import AUDIENCE, CREATIVE, REVOCATION
from streams.wire.codecs import encode
from tests.agents.creatives.generation_fixtures import NOW_MS
from tests.agents.serving.test_lookup import creative


@dataclass
class Read:
    topic: str
    key: bytes | None
    value: bytes | None
    partition: int = 0
    offset: int = 0
    timestamp: int = NOW_MS
    headers: Sequence[tuple[str, bytes]] = ()


def read(topic: str, key: str, record: r.Record | None) -> Read:
    return Read(topic, key.encode(), None if record is None else encode(record))


def climbed(*more: Read) -> Ladder:
    ladder = Ladder("u1")
    keys = ("d|c1|native", "s:k07|c1|native", "u:u1|c1|native", "u:u2|c1|native", "u:u12|c2|native")
    for each in (
        *(read(CREATIVE.name, key, creative(key)) for key in keys),
        read(AUDIENCE.name, "u1", r.AudienceSegment("u1", "k07", 1, NOW_MS)),
        read(AUDIENCE.name, "u2", r.AudienceSegment("u2", "k03", 1, NOW_MS)),
        *more,
    ):
        ladder.take(each)
    return ladder


def test_the_rungs_of_a_user_stand_best_first_and_nothing_of_others_is_told() -> None:
    told = climbed().told(NOW_MS)
    assert told["segment"] == "k07"
    [place] = told["places"]
    assert (place["campaign_id"], place["slot"]) == ("c1", "native")
    assert [rung["creative_id"] for rung in place["rungs"]] == ["cr_u:u1", "cr_s:k07", "cr_d"]


def test_what_was_withdrawn_revoked_or_has_expired_is_no_rung() -> None:
    withdrawn = climbed(read(CREATIVE.name, "u:u1|c1|native", None)).told(NOW_MS)
    assert [rung["creative_id"] for rung in withdrawn["places"][0]["rungs"]] == ["cr_s:k07", "cr_d"]
    said = r.Revocation("campaign", "c1", "paused", NOW_MS, lasting=True)
    assert climbed(read(REVOCATION.name, "campaign|c1", said)).told(NOW_MS)["places"] == []
    assert climbed().told(NOW_MS + 10**12)["places"] == []


def test_a_rung_shows_the_picture_that_was_made_whichever_version_names_it() -> None:
    shop = r.Asset("main", "https://shop.example/1.jpg", 3)
    ours = r.Asset("main", "https://cdn.example/ads/a.jpg", 3, sha256="5" * 64)
    own = structs.replace(creative("u:u1|c1|native"), assets=[ours, shop])
    bought = structs.replace(creative("d|c1|native"), assets=[shop])
    keys = ("u:u1|c1|native", "d|c1|native")
    told = climbed(*(read(CREATIVE.name, key, each) for key, each in zip(keys, (own, bought), strict=True)))
    [place] = told.told(NOW_MS)["places"]
    assert [rung["picture"] for rung in place["rungs"]] == ["a.jpg", "", ""]
