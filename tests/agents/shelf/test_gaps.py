"""What is said of a shelf, once per version of its campaign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.shelf.blanks import Blank
from agents.shelf.gaps import Gaps
from streams.metrics.creatives import BLANK_DEFAULTS
from tests.agents.creatives.generation_fixtures import CAMPAIGN

BLANK = Blank("c1", "native", "t1", ("UNSUPPORTED_PRICE",), "item i1: 50% off")


def test_a_blank_is_said_once_per_version_whichever_item_stands_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gaps = Gaps()

    def said(version: int, *blanks: Blank) -> int:
        caplog.clear()
        gaps.note_blanks(replace(CAMPAIGN, version=version), list(blanks))
        gaps.say()
        assert BLANK_DEFAULTS._value.get() == len(blanks)
        return len(caplog.records)

    assert said(1, BLANK) == 1
    assert said(1, replace(BLANK, said="item i2: 50% off")) == 0
    assert said(1) == said(1, BLANK) == 0, "gone and back again"
    assert said(1, BLANK, replace(BLANK, rules=("OFFER",))) == 1, "another rule is news"
    assert said(2, BLANK) == 1
