"""What `check` says of a worker group after two looks at the broker."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiokafka import TopicPartition

from agents.checks.groups import STARTS, GroupFacts, compared_looks, unmoved

CLICKS, SALES = TopicPartition("ads.click.v1", 0), TopicPartition("ads.conversion.v1", 0)
WELL = GroupFacts("profiles", "shiftcast-profiles", 2, committed=True, seconds=4.0)


@pytest.mark.parametrize(
    ("facts", "level", "said"),
    [
        (WELL, "ok", "2 workers, 0 behind"),
        (replace(WELL, members=1, waits=90, grown=50, moved=4_000), "ok", "1 worker, 90 behind"),
        (replace(WELL, waits=90_000, grown=-400, moved=4_000), "ok", "2 workers, 90000 behind"),
        (
            replace(WELL, waits=90_000, grown=400, moved=4_000),
            "warning",
            "2 workers, falls behind: 90000 records wait, 400 more after 4 s",
        ),
        (replace(WELL, waits=12, grown=12, seconds=0.01), "ok", "2 workers, 12 behind"),
        (replace(WELL, waits=9, stuck=1), "error", "in 1 partition records wait of which none was committed"),
        (replace(WELL, members=0, waits=9, stuck=1), "error", "no worker, and 9 records wait"),
        (replace(WELL, members=0, waits=9, stuck=1, wrote_s=61.2), "error", "it last wrote 61 s ago"),
        (replace(WELL, members=0, waits=1), "warning", "no worker; nothing waits"),
        (replace(WELL, members=0, committed=False), "warning", "none ever committed anything"),
        (replace(WELL, members=1, committed=False), "ok", "1 worker, 0 behind"),
    ],
)
def test_a_group_is_well_only_while_someone_is_there_and_moves(
    facts: GroupFacts, level: str, said: str
) -> None:
    found = facts.finding()
    assert (found.level, found.subject) == (level, "shiftcast-profiles") and said in found.text
    assert (level == "ok") == (not found.repair)
    if facts.members == 0:
        assert found.repair == STARTS["profiles"]


def test_one_partition_that_stands_still_is_seen_beside_one_that_moves() -> None:
    first = {CLICKS: (10, 20), SALES: (5, 8)}
    second = {CLICKS: (15, 40), SALES: (5, 9)}
    assert unmoved(first, second) == {SALES: 5}
    assert compared_looks(WELL, first, second) == replace(WELL, waits=29, grown=16, moved=5)


def test_what_came_after_the_first_look_has_not_waited_and_what_is_done_stands_still() -> None:
    assert unmoved({CLICKS: (20, 20)}, {CLICKS: (20, 25)}) == {}
    assert unmoved({CLICKS: (20, 20)}, {CLICKS: (20, 20)}) == {}
