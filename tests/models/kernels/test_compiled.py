"""The cache of compiled kernels follows every source that a kernel is made of."""

from __future__ import annotations

from pathlib import Path

from numba import config

import models.kernels.compiled
from models.kernels.compiled import digest, sources


def test_sources_are_the_kernels_and_what_they_import(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text(
        "from models.kernels.compiled import kernel\nfrom models.room.b import B\n"
    )
    (tmp_path / "room" / "b.py").write_text("from models.shared import c\n")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "c.py").write_text("C = 1\n")
    (tmp_path / "other.py").write_text("from models.shared.c import C\n")
    found = sources(tmp_path)
    assert [path.name for path in found] == ["a.py", "b.py", "c.py"]
    before = digest(found)
    (tmp_path / "other.py").write_text("")
    assert digest(sources(tmp_path)) == before
    (tmp_path / "shared" / "c.py").write_text("C = 2\n")
    assert digest(sources(tmp_path)) != before


def test_the_cache_folder_is_keyed_by_the_real_sources() -> None:
    real = sources(Path(models.kernels.compiled.__file__).parents[1])
    assert {"update.py", "regimes.py", "half.py", "profile.py", "layout.py", "row.py"} <= {
        path.name for path in real
    }
    assert config.CACHE_DIR.endswith(digest(real))
