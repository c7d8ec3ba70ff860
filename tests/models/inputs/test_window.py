"""Blocks of append time: what is kept, for how long, and what another setup drops."""

from __future__ import annotations

import numpy as np

from models.inputs.counts import COUNTED, QUALITY
from models.inputs.window import HOUR_MS, NO_SETUP, QUALITY_KEPT, SPREAD_KEPT, SPREAD_MS, InputWindow, Setup
from models.interest.profile import CODES

ONES = np.ones(COUNTED, np.int64)
NOON = 500_000 * HOUR_MS - 500_000 * HOUR_MS % SPREAD_MS


def test_the_newest_blocks_are_summed_and_older_ones_go() -> None:
    window = InputWindow()
    for hour in range(60):
        window.add(NO_SETUP, NOON + hour * HOUR_MS, ONES)
    seen = window.seen()
    assert seen.quality.tolist() == [QUALITY_KEPT] * len(QUALITY)
    assert seen.codes.tolist() == [SPREAD_KEPT * 6] * CODES and set(seen.scores.tolist()) == {SPREAD_KEPT * 6}
    window.add(NO_SETUP, NOON + 200 * HOUR_MS, ONES)
    assert window.seen().spread_blocks == 1 and seen.spread_blocks == SPREAD_KEPT
    assert set(window.seen().codes.tolist()) == {1}, "nobody came for a week: that is no part of lately"


def test_what_comes_from_a_slower_topic_counts_in_the_oldest_block_kept() -> None:
    window = InputWindow()
    window.add(NO_SETUP, NOON + 50 * HOUR_MS, ONES)
    window.add(NO_SETUP, NOON, ONES)
    assert set(window.seen().quality.tolist()) == {2} and len(window.quality) == 1


def test_another_calibration_begins_anew_and_what_events_lack_goes_on() -> None:
    window = InputWindow()
    window.add(Setup(1, "a"), NOON, ONES)
    window.add(Setup(1, "b"), NOON, ONES)
    seen = window.seen()
    assert set(seen.quality.tolist()) == {2} and set(seen.codes.tolist()) == {1}
    assert window.setup == Setup(1, "b")


def test_a_row_says_what_was_written() -> None:
    window = InputWindow()
    window.add(Setup(7, "a"), NOON, ONES)
    window.add(Setup(7, "a"), NOON + 9 * HOUR_MS, 3 * ONES)
    assert InputWindow.of_bytes(window.to_bytes()) == window
    empty = InputWindow.of_bytes(None).seen()
    assert empty.quality.tolist() == [0] * len(QUALITY) and empty.codes.sum() == 0
