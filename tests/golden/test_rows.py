"""Rows that every earlier build stored are read with the values they had; those of a newer build are
refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from models.earned.caps import shown_count
from models.earned.exposures import CAMPAIGN_SHIFT, IS_LIVE
from models.row import HEADER
from models.stored.layouts import ROW_LAYOUTS
from streams.loud_end import RefusedError
from streams.rows.row_versions import RowVersions
from streams.topics import CLICK, CONVERSION, IMPRESSION
from tests.agents.profiles.memory_lane import NOW_MS, DictStore
from tests.agents.traffic import link
from tests.golden.golden_rows import FOLDER, LAYOUTS, PARTITION, Golden, golden, told
from tests.stories.profile_story import USER, Story

VERSIONS = [(kind, version) for kind, each in LAYOUTS.items() for version in range(1, each.version + 1)]
STORED = [(kind, row) for kind, version in VERSIONS for row in golden(kind, version)]


FROM_ROOM = frozenset({"room", "audience", "audience_version", "newest", "spare", "linked", "partner_denies"})
"""The reserved bytes of rows p and c, and the fields that were made of them since."""
GONE = frozenset(
    {"version", "reserved", "spare", "live_shown", "sale_imp"}
    | {f"{of}_{what}" for of in ("shown", "live") for what in ("copy", "asset", "layout", "channel")}
)
"""Fields of earlier versions that said nothing, or whose content is elsewhere today."""


def same(said: Any, now: Any) -> bool:
    """Whether every value said then is said now; a newer version may say more."""
    if isinstance(said, dict):
        return all(same(value, now[name]) for name, value in said.items() if name not in GONE)
    if isinstance(said, list):
        return len(said) <= len(now) and all(map(same, said, now))
    return bool(said == now)


@pytest.mark.parametrize(("kind", "version"), VERSIONS)
def test_rows_of_every_version_are_read_with_the_values_they_had(kind: str, version: int) -> None:
    rows = golden(kind, version)
    assert rows
    for row in rows:
        assert row.stored[0] == version and row.stored[1] == ord(kind)
        now = told(row.key, row.stored)
        assert same(beside_room(row.says), now), row.key
        if version == LAYOUTS[kind].version:
            assert beside_room(now) == beside_room(row.says), "the layout changed: it needs another version"


def beside_room(row: Any) -> Any:
    """A row without what stands in its reserved bytes: a later build names some of them, and finds zeros."""
    if not isinstance(row, dict):
        return row
    return {name: value for name, value in row.items() if name not in FROM_ROOM}


def test_the_golden_folder_holds_every_version_of_every_kind() -> None:
    found = {(path.parent.name, int(path.stem)) for path in FOLDER.glob("*/*.json")}
    assert found == set(VERSIONS)


def test_the_first_profile_row_ever_kept() -> None:
    bytes_ = np.frombuffer((FOLDER / "p" / "first.bin").read_bytes(), "V1016")
    row = ROW_LAYOUTS["p"].raised_rows(1, bytes_)[0]
    assert row["head"]["version"] == ROW_LAYOUTS["p"].version and row["head"]["catalog_version"] == 7
    assert row["head"]["fence"].tolist()[:4] == [-1, 59, -1, -1]
    assert row["n_pos"] == row["n_click"] == 60 and row["n_trig"] == 2 and row["regime"] == 2
    assert row["t_seen"] == 1_760_212_400_000
    assert row["ring"].tolist() == [0] * 4 + [7] * 20
    assert row["regimes"][0]["id"] == 1 and row["regimes"][0]["code"][0] == 0
    assert row["m_long"] == pytest.approx(58.328, abs=1e-3)
    assert np.linalg.norm(row["long"].view(np.float16).astype(float)) == pytest.approx(0.7231, abs=1e-4)


def test_caps_go_on_counting_what_the_first_version_held_among_the_exposures() -> None:
    for row in golden("x", 1):
        said = row.says
        (x,) = RowVersions(LAYOUTS, PARTITION).rows("x", [row.stored])
        shown = list(zip(said["shown_cell"], said["shown_creative"], said["shown_ts"], strict=True))
        campaigns = {cell >> CAMPAIGN_SHIFT for cell, _, _ in shown if cell}
        live = zip(said["live_creative"], said["live_state"], said["live_shown"], strict=True)
        own = {creative: total for creative, state, total in live if state == IS_LIVE}
        assert campaigns
        for ts, per_s in itertools.product((said["newest_s"], said["shown_ts"][3] + 7), (600, 86_400, 0)):
            for campaign in campaigns:
                old = sum(
                    c >> CAMPAIGN_SHIFT == campaign and (not per_s or t > ts - per_s) for c, _, t in shown
                )
                assert shown_count(x, np.uint64(0), np.uint64(campaign), ts, per_s, False) == old
            for creative, total in own.items():
                old = sum(c == creative and (not per_s or t > ts - per_s) for _, c, t in shown)
                found = shown_count(x, np.uint64(creative), np.uint64(0), ts, per_s, True)
                assert found == (old if per_s else max(old, total))


def test_a_lane_goes_on_with_the_rows_of_the_first_version_and_writes_todays() -> None:
    story = Story()
    story.lane.store.update({row.key: row.stored for kind in ROW_LAYOUTS for row in golden(kind, 1)})
    (before,) = [row.says for row in golden("p", 1) if row.key == b"p" + USER.encode()]
    (shown,) = [row.says for row in golden("x", 1) if row.key == b"x" + USER.encode()]
    at = NOW_MS + 60 * 3_600_000
    log = story.log.records
    for spec, source in ((IMPRESSION, 0), (CLICK, 1), (CONVERSION, 2)):
        log[spec.name] = [None] * (shown["fence"][source] + 1)  # type: ignore[list-item]
    story.add(CLICK.name, USER, at, id="later", item_id="shoes1")
    story.add(IMPRESSION.name, USER, at, id="later", creative_id="cr_00000000000000b1", campaign_id="c1")
    story.add(CONVERSION.name, USER, at + 9_000, id="later", type="purchase", value=5, cur="EUR")
    story.lane.flush()
    p, x = story.lane.row("p", USER), story.lane.row("x", USER)
    assert (p["n_click"], p["n_conv"]) == (before["n_click"] + 1, before["n_conv"] + 1)
    assert p["regime"] == before["regime"] and p["long"].tolist() != before["long"]
    assert x["n_shown"] == shown["n_shown"] == 24  # the oldest made room
    assert x["shown_imp"][:23].tolist() == shown["shown_imp"][1:] and x["shown_ts"][23] == at // 1000
    assert x["n_sales"] == shown["n_sales"] + 1 and x["sale_touch_ts"][shown["n_sales"]] == at // 1000
    written = {key: value for key, value in story.lane.store.items() if key[1:] == USER.encode()}
    assert {chr(key[0]) for key in written} >= set("px")
    assert all(
        value[0] == ROW_LAYOUTS[chr(key[0])].version for key, value in written.items() if key[0] in b"px"
    )


def test_what_a_lane_writes_is_of_todays_version() -> None:
    story = Story()
    story.consent()
    for i in range(9):
        story.click(i, f"shoes{i}")
    story.creative("cr_00000000000000aa")
    story.add(IMPRESSION.name, USER, NOW_MS, id="i", creative_id="cr_00000000000000aa", campaign_id="c1")
    story.lane.apply([link(story.log, USER, "partner", NOW_MS)])
    story.lane.flush()
    found = {(chr(key[0]), value[0]) for key, value in story.lane.store.items()}
    assert found == {(kind, each.version) for kind, each in ROW_LAYOUTS.items()}


@pytest.mark.parametrize(("kind", "row"), STORED, ids=[f"{k}-{i}" for i, (k, _) in enumerate(STORED)])
def test_a_row_of_a_newer_build_is_refused_with_one_line_though_its_length_is_known(
    kind: str, row: Golden
) -> None:
    known = LAYOUTS[kind].version
    newer = bytes([known + 1]) + row.stored[1:]
    with pytest.raises(RefusedError) as refused:
        told(row.key, newer)
    line = str(refused.value)
    assert "\n" not in line and f"partition {PARTITION} " in line and f"kind {kind}" in line
    assert f"version {known + 1}" in line and f"up to {known}" in line and "make setup" in line


@pytest.mark.parametrize("kind", "cpx")
def test_an_event_of_a_user_with_a_newer_row_ends_the_worker_and_changes_nothing(kind: str) -> None:
    story = Story()
    (row,) = [each for each in golden(kind, 1) if each.key == kind.encode() + USER.encode()]
    store = {row.key: bytes([LAYOUTS[kind].version + 1]) + row.stored[1:]}
    story.lane.store.update(store)
    with pytest.raises(RefusedError, match=f"row of kind {kind}"):
        story.click(0, "shoes1")
    story.lane.flush()
    assert story.lane.store == DictStore(store) and not story.reasons()


@pytest.mark.parametrize("stored", [b"\x01p" + bytes(HEADER.itemsize - 2), b"\x01p" + bytes(200), b"\x00p"])
def test_a_damaged_row_is_refused_and_is_no_fault_of_the_event(stored: bytes) -> None:
    story = Story()
    story.lane.store[b"p" + USER.encode()] = stored
    with pytest.raises(RefusedError, match=r"kind p: .*Remove the data folder and start again"):
        story.click(0, "shoes1")
