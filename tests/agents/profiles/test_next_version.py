"""A creative that comes again with its pictures: it takes the place of the version that it names while that
is live, and is taken back else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agents.profiles.rows.made import exposure_words_of, read_made
from agents.profiles.rows.outcomes import MAKINGS
from agents.profiles.rows.portfolio import read_portfolio
from models.earned.exposures import IS_LIVE
from streams import records as r
from streams.topics import CREATIVE
from streams.wire.ids import number_of
from streams.wire.withdrawals import WITHDRAWN_HEADER
from tests.agents.catalogue import campaign
from tests.agents.profiles.memory_lane import NOW_MS
from tests.agents.traffic import creative
from tests.stories.profile_story import USER, Story, requests_of

FIRST, SECOND = "cr_00000000000000a1", "cr_00000000000000b2"
PICTURE = [{"role": "ad", "url": "https://cdn.example/a.jpg", "mime": "image/jpeg"}]


class Pictured(Story):
    """A user with a live creative, version 1."""

    def __init__(self) -> None:
        super().__init__(campaign())
        self.consent()
        for i in range(9):
            self.click(i, f"shoes{i}", NOW_MS - 20_000 + i * 1_000)
        self.publish(FIRST, version=1)

    def publish(self, creative_id: str, **fields: Any) -> None:
        request = requests_of(self)[-1].request_id
        self.lane.apply([creative(self.log, USER, creative_id, request_id=request, **fields)])

    def said(self) -> list[tuple[bytes | None, r.Creative | None]]:
        """What the lane sent on the creative topic."""
        return [
            (each.key, None if each.value is None else msgspec.json.decode(each.value, type=r.Creative))
            for each in self.lane.sent(CREATIVE.name)
        ]


def live(story: Pictured) -> list[tuple[str, int]]:
    """The user's live creatives and their versions, as the rows have them."""
    story.lane.flush()
    x = story.lane.row("x", USER)
    n = int(x["n_live"])
    numbers = x["live_creative"][:n][x["live_state"][:n] == IS_LIVE].tolist()
    held = read_portfolio(story.lane._view(), USER.encode()).held
    return [(each.creative_id, each.version) for each in held if number_of(each.creative_id) in numbers]


def second_version(story: Pictured, creative_id: str = FIRST, version: int = 2) -> None:
    story.publish(creative_id, version=version, replaces_version=version - 1, assets=PICTURE)


def test_the_next_version_of_a_live_creative_is_in_force() -> None:
    story = Pictured()
    second_version(story)
    assert story.said() == []
    assert live(story) == [(FIRST, 2)]


def test_exposures_name_layout_and_files_of_the_version_with_pictures_and_the_channel() -> None:
    story = Pictured()
    made = read_made(story.lane._view(), USER.encode()).made
    assert [(each.layout, each.asset, each.channel) for each in made] == [("", "", "native")]
    url = f"https://cdn.example/ads/{'a' * 40}.jpg"
    drawn = [{**PICTURE[0], "url": url, "sha256": "0" * 64, "layout": "shelf"}]
    story.publish(FIRST, version=2, replaces_version=1, assets=drawn)
    [after] = read_made(story.lane._view(), USER.encode()).made
    assert (after.layout, after.asset, after.channel) == ("shelf", "a" * 40, "native")
    told = msgspec.json.decode(f"{{{exposure_words_of(after).json.removeprefix(',')}}}")
    assert (told["layout"], told["asset"], told["channel"]) == ("shelf", "a" * 40, "native")


@pytest.mark.parametrize(("came", "chance"), [("shelf", 0.25), ("beside", None)])
def test_exposures_say_how_likely_a_layout_was_that_turned_out_as_drawn(
    came: str, chance: float | None
) -> None:
    drawn = {"arm": "direct.t1", "propensity": 0.5, "policy_version": "p1"}
    experiment = {**drawn, "layout": "shelf", "layout_propensity": 0.25}
    story = Pictured()
    story.publish(FIRST, version=2, experiment=experiment)
    files = [{**PICTURE[0], "sha256": "0" * 64, "layout": came}]
    story.publish(FIRST, version=3, replaces_version=2, assets=files, experiment=experiment)
    [after] = read_made(story.lane._view(), USER.encode()).made
    told = msgspec.json.decode(f"{{{exposure_words_of(after).json.removeprefix(',')}}}")
    assert (told["layout"], told.get("layout_propensity")) == (came, chance)


def test_a_shops_own_picture_is_no_layout_of_ours() -> None:
    story = Pictured()
    second_version(story)
    [made] = read_made(story.lane._view(), USER.encode()).made
    assert (made.layout, made.asset) == ("", "")


def test_what_is_said_again_is_the_version_with_pictures() -> None:
    """A withdrawal meant for an older creative makes the lane say what is live: with its pictures."""
    story = Pictured()
    second_version(story)
    key = f"u:{USER}|c1|native"
    stale = [(WITHDRAWN_HEADER, SECOND.encode())]
    story.lane.apply([story.log.add(CREATIVE.name, key, None, NOW_MS, headers=stale)])
    [(_, told)] = story.said()
    assert told is not None and told.version == 2 and told.assets[0].url == PICTURE[0]["url"]


def test_a_picture_that_was_denied_leaves_the_version_before_in_force() -> None:
    story = Pictured()
    story.revoke("picture", "ph_1", lasting=True)
    denied = [{**PICTURE[0], "shown": ["ph_1"]}]
    story.publish(FIRST, version=2, replaces_version=1, assets=denied)
    [(_, told)] = story.said()
    assert told is not None and (told.creative_id, told.version, told.assets) == (FIRST, 1, [])
    assert live(story) == [(FIRST, 1)]


def test_a_creative_goes_with_the_picture_that_came_later() -> None:
    story = Pictured()
    story.publish(FIRST, version=2, replaces_version=1, assets=[{**PICTURE[0], "shown": ["ph_1"]}])
    story.lane.flush()
    story.revoke("picture", "ph_1", lasting=True)
    story.lane.sweep_out(NOW_MS)
    assert story.withdrawn() == [FIRST] and live(story) == []


def test_a_version_that_comes_twice_changes_nothing() -> None:
    story = Pictured()
    second_version(story)
    second_version(story)
    assert story.said() == []
    assert live(story) == [(FIRST, 2)]


def test_a_version_of_a_replaced_creative_gives_way_to_the_newer_one() -> None:
    story = Pictured()
    story.publish(SECOND, version=5)
    before = len(story.said())
    second_version(story)
    [(key, said)] = story.said()[before:]
    assert key == f"u:{USER}|c1|native".encode()
    assert said is not None and said.creative_id == SECOND and said.version == 5
    assert live(story) == [(SECOND, 5)]


def test_a_version_of_a_withdrawn_creative_is_withdrawn() -> None:
    story = Pictured()
    key = f"u:{USER}|c1|native"
    story.lane.apply([story.log.add(CREATIVE.name, key, None, NOW_MS)])
    before = len(story.said())
    second_version(story)
    assert story.said()[before:] == [(key.encode(), None)]
    assert live(story) == []


def test_a_second_version_is_not_counted_as_another_creative() -> None:
    story, other = Pictured(), Pictured()
    second_version(story)
    story.lane.flush()
    other.lane.flush()
    made = [key for key in other.lane.store if key.startswith(MAKINGS)]
    assert made and [story.lane.store[key] for key in made] == [other.lane.store[key] for key in made]


def test_how_its_picture_looks_goes_with_the_next_request() -> None:
    story = Pictured()
    looks = [f"{n:016x}" for n in range(9)]
    for n, each in enumerate(looks):
        story.publish(FIRST, version=2 + n, replaces_version=1 + n, assets=[{**PICTURE[0], "looks": each}])
    assert read_portfolio(story.lane._view(), USER.encode()).pictures == looks[-6:]
    for i in range(24):
        story.click(30 + i, f"guitars{i}", NOW_MS + (26 + i) * 3_600_000)
    assert requests_of(story)[-1].pictures == looks[-6:]
