"""A worker's folder belongs to one cluster, one app and one changelog."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from streams.loud_end import RefusedError
from streams.worker.folder_stamp import STAMP_FILE, FolderStamp, claim_folder

OURS = FolderStamp("cluster-a", "shiftcast-profiles", "shiftcast-profiles-rows-changelog", "id-1")
OTHERS = [
    ({"cluster_id": "cluster-b"}, ("cluster-a", "cluster-b", "DATA_DIR='state x-cluster-b'")),
    ({"app_id": "other-profiles"}, ("shiftcast-profiles at", "other-profiles at", "APP_PREFIX")),
    ({"changelog_id": "id-2"}, (OURS.changelog, "made anew", "rm -r ", "consent")),
]


def test_the_same_cluster_starts_again_and_a_folder_without_a_stamp_gets_one(tmp_path: Path) -> None:
    (tmp_path / "rows-0.db").mkdir()
    claim_folder(tmp_path, OURS, tmp_path)
    stamp = (tmp_path / STAMP_FILE).read_bytes()
    claim_folder(tmp_path, OURS, tmp_path)
    assert (tmp_path / STAMP_FILE).read_bytes() == stamp
    assert sorted(each.name for each in tmp_path.iterdir()) == [STAMP_FILE, "rows-0.db"]


@pytest.mark.parametrize(("change", "named"), OTHERS)
def test_rows_of_another_are_refused_in_one_line(
    tmp_path: Path, change: dict[str, str], named: tuple[str, ...]
) -> None:
    claim_folder(tmp_path, OURS, Path("state x"))
    with pytest.raises(RefusedError) as refused:
        claim_folder(tmp_path, msgspec.structs.replace(OURS, **change), Path("state x"))
    line = str(refused.value)
    assert "\n" not in line
    assert all(each in line for each in named), line
    claim_folder(tmp_path, OURS, Path("state x"))


def test_a_stamp_that_cannot_be_read_says_what_to_type(tmp_path: Path) -> None:
    (tmp_path / STAMP_FILE).write_bytes(b"\x00")
    with pytest.raises(RefusedError, match="rm -r"):
        claim_folder(tmp_path, OURS, tmp_path)
