"""What waits for a host that did not answer is asked for once more, never twice."""

from __future__ import annotations

from msgspec import structs

from agents.photos.later import Later
from tests.agents.rendering.requests import request


def test_what_was_due_does_not_wait_a_second_time_until_partitions_go() -> None:
    later = Later()
    first, other = request(1), request(2)
    later.add([first], 1.0)
    assert later.due(0.5) == [] and later.due(1.0) == [first]
    later.add([first, other], 2.0)
    assert later.due(2.0) == [other]
    later.clear()
    later.add([first], 3.0)
    assert later.due(3.0) == [first]


def test_a_later_version_of_a_creative_waits_again() -> None:
    later, first = Later(), request(1)
    later.add([first], 1.0)
    assert later.due(1.0) == [first]
    newer = structs.replace(
        first, creative=structs.replace(first.creative, version=first.creative.version + 5)
    )
    later.add([newer], 2.0)
    assert later.due(2.0) == [newer]
