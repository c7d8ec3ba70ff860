"""Commits of the consumer: never past a batch that is not acknowledged."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from streams.transport import BatchConsumer

SOURCE = TP("source", 0)


def consumer() -> Any:
    """A consumer without its threads: only what the arithmetic of commits touches."""
    bare = BatchConsumer.__new__(BatchConsumer)
    bare.app = SimpleNamespace(source_names={"source"}, tables=SimpleNamespace(changelog_topics=set()))
    bare._inflight = defaultdict(dict)
    bare._acked, bare._acked_index = defaultdict(list), defaultdict(set)
    return bare


def test_commit_stops_before_the_first_hole() -> None:
    bare = consumer()
    bare._inflight[SOURCE] = {9: True, 19: False, 29: True}
    assert bare._new_offset(SOURCE) == 10
    assert bare._new_offset(SOURCE) is None
    bare._inflight[SOURCE][19] = True
    assert bare._new_offset(SOURCE) == 30
    assert not bare._inflight[SOURCE]


def test_gaps_in_the_log_do_not_hold_commits_back() -> None:
    bare = consumer()
    bare._inflight[SOURCE] = {5: True, 105: True}
    assert bare._new_offset(SOURCE) == 106
