"""The guide's commands of the copywriter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.operator.page_blocks import COPYWRITER, run_part


@pytest.mark.broker
def test_the_copywriter_is_listed_and_measured(tmp_path: Path) -> None:
    assert "builtin" in run_part(COPYWRITER, tmp_path)
    assert (tmp_path / ".shiftcast/copy.html").stat().st_size > 0
