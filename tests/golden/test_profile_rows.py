"""Rows that an earlier build stored still decode, and mean what they meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.interest.profile import PROFILE, VERSION, migrate

FOLDER = Path(__file__).parent / "profile"


def test_version_1() -> None:
    row = migrate((FOLDER / "v1.bin").read_bytes())[0]
    assert row["head"]["version"] == VERSION and row["head"]["catalog_version"] == 7
    assert row["head"]["fence"].tolist()[:4] == [-1, 59, -1, -1]
    assert row["n_pos"] == row["n_click"] == 60 and row["n_trig"] == 2 and row["regime"] == 2
    assert row["t_seen"] == 1_760_212_400_000
    assert row["ring"].tolist() == [0] * 4 + [7] * 20
    assert row["regimes"][0]["id"] == 1 and row["regimes"][0]["code"][0] == 0
    assert row["m_long"] == pytest.approx(58.328, abs=1e-3)
    assert np.linalg.norm(row["long"].view(np.float16).astype(float)) == pytest.approx(0.7231, abs=1e-4)


def test_the_golden_folder_holds_every_version() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.bin")) == [
        f"v{version}.bin" for version in range(1, VERSION + 1)
    ]


@pytest.mark.parametrize("row", [b"", b"\x63p" + bytes(PROFILE.itemsize - 2), b"\x01p" + bytes(10)])
def test_what_no_build_wrote_is_refused(row: bytes) -> None:
    with pytest.raises(ValueError, match="this build reads version"):
        migrate(row)
