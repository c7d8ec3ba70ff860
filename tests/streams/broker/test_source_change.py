"""The lines for sources that changed name the topic and what to type."""

from __future__ import annotations

from streams.broker.source_change import created_anew, made_anew, wrong_partitions
from streams.settings import Settings

SETTINGS = Settings(partitions=4, app_prefix="shop")


def test_ids_tell_which_topics_are_others_now() -> None:
    known = {"one": "a", "two": "b", "three": "c"}
    assert made_anew(known, known) == made_anew({}, known) == ""
    assert made_anew(known, {"one": "a", "two": "x", "four": "d"}) == "two", "one that is gone may come back"


def test_a_topic_made_anew_is_refused_with_a_command() -> None:
    line = created_anew("ads.click.v1", SETTINGS)
    assert "ads.click.v1 was created anew" in line and "\n" not in line
    assert "`SHIFTCAST_APP_PREFIX=shop-2 shiftcast topics create`" in line


def test_partitions_are_told_apart_by_what_happened() -> None:
    assert wrong_partitions({"one": 4, "two": 4}, SETTINGS) is None
    setting = wrong_partitions({"one": 6, "two": 6}, SETTINGS)
    assert setting is not None and setting.endswith("one has 6, two has 6: `export SHIFTCAST_PARTITIONS=6`")
    grown = wrong_partitions({"one": 6, "two": 4}, SETTINGS)
    command = "`SHIFTCAST_PARTITIONS=6 SHIFTCAST_APP_PREFIX=shop-2 shiftcast topics create --repair`"
    assert grown is not None and "one has 6" in grown and command in grown
    short = wrong_partitions({"one": 4, "two": 2}, SETTINGS)
    assert short is not None and "two has 2" in short and "`shiftcast topics create`" in short
