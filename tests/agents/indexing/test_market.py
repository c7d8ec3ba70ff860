"""What a new market takes over, and what it says of a map that cannot be right."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from agents.indexing.market import MOST_TRIALS, MarketMap, arms_taken_over, read_map, started_from
from models.item import Item
from streams.artifacts.kinds import artifact_key
from streams.artifacts.reader import ArtifactReader
from streams.loud_end import RefusedError
from streams.records import ArmPosterior
from streams.topics import ARM
from tests.models.small_catalogue import catalogue, items

NOW_MS = 1_795_291_200_000


def arm(campaign_id: str, alpha: float, beta: float) -> ArmPosterior:
    return ArmPosterior(campaign_id, "native", "direct.t1", alpha, beta, "1")


def test_a_version_is_made_of_the_new_items_in_the_others_interests() -> None:
    other, reader = catalogue(), ArtifactReader()
    mine = [Item(f"n{n}", item.title, item.url, item.noun) for n, item in enumerate(items(60))]
    for record in started_from(mine, other, None, None, MarketMap()):
        reader.apply(artifact_key(record), record)
    made = reader.catalog
    assert (
        made is not None
        and made.version == 1
        and {item.item_id for item in made.items} == {item.item_id for item in mine}
    )
    assert made.code_names == other.code_names and made.words.shape[1] > 0


def test_without_items_or_with_categories_that_are_not_there_it_says_what_to_do() -> None:
    with pytest.raises(RefusedError, match="index --load"):
        started_from([], catalogue(), None, None, MarketMap())
    with pytest.raises(RefusedError, match="the other market lacks: nowhere"):
        started_from(items(), catalogue(), None, None, MarketMap(categories={"kind-01": "nowhere"}))


def test_arms_of_mapped_campaigns_start_with_few_trials_of_the_same_rate() -> None:
    known = [arm("theirs", 300, 9_700), arm("other", 5, 5), arm("small", 1, 9), arm("none", 0, 0)]
    names = MarketMap(campaigns={"ours": "theirs", "tiny": "small", "new": "none"})
    taken = {each.key: each for each in arms_taken_over(known, names, NOW_MS)}
    assert all(each.topic == ARM.name for each in taken.values())
    records = {key: msgspec.json.decode(each.value or b"", type=ArmPosterior) for key, each in taken.items()}
    ours = records[b"ours|native|direct.t1"]
    assert ours.alpha + ours.beta == pytest.approx(MOST_TRIALS)
    assert ours.alpha / MOST_TRIALS == pytest.approx(0.03)
    assert (records[b"tiny|native|direct.t1"].alpha, records[b"tiny|native|direct.t1"].beta) == (1, 9)
    assert records[b"new|native|direct.t1"].alpha == 0 and len(records) == 3


def test_a_map_is_read_or_refused_with_its_form(tmp_path: Path) -> None:
    assert read_map(None) == MarketMap()
    file = tmp_path / "map.json"
    file.write_text('{"categories": {"lamps": "lights"}}')
    assert read_map(file).categories == {"lamps": "lights"}
    for broken in ('{"category": {}}', "[", '{"categories": ["a"]}'):
        file.write_text(broken)
        with pytest.raises(RefusedError, match=r'map\.json: .*give \{"categories"'):
            read_map(file)
    with pytest.raises(RefusedError, match="give"):
        read_map(tmp_path / "nowhere.json")
