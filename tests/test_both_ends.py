"""Processes share the files from both ends, each file whole and none twice."""

from __future__ import annotations

from itertools import chain
from types import SimpleNamespace
from typing import Any

from tests.both_ends import BothEnds

FILES = 9
TESTS = [f"tests/test_{file}.py::test_{number}" for file in range(FILES) for number in range(3)]


class Process:
    """Runs whatever it is sent at once; a file is a number."""

    shutting_down = False

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.files: list[int] = []
        self.waiting: list[int] = []

    def send_runtest_some(self, indexes: list[int]) -> None:
        self.files.append(indexes[0] // 3)
        self.waiting += indexes

    def shutdown(self) -> None:
        self.shutting_down = True


def test_one_process_begins_with_the_last_file_and_the_others_with_the_first() -> None:
    option = SimpleNamespace(loadscopereorder=False)
    config: Any = SimpleNamespace(option=option, getvalue=lambda _name: ["popen"] * 3)
    made, processes = BothEnds(config), [Process(f"gw{number}") for number in range(3)]
    for each in processes:
        made.add_node(each)
    for each in processes:
        made.add_node_collection(each, TESTS)
    made.schedule()
    while any(each.waiting for each in processes):
        for each in processes:
            if each.waiting:
                made.mark_test_complete(each, each.waiting.pop(0))
    last, *others = (each.files for each in processes)
    assert last[:2] == [8, 7] and [each[0] for each in others] == [0, 1]
    assert sorted(chain(last, *others)) == list(range(FILES))
