"""The README's first command, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.operator.page_blocks import DEMO, run_part


@pytest.mark.broker
def test_the_demo_runs(tmp_path: Path) -> None:
    shown = run_part(DEMO, tmp_path)
    assert "the page, with reasons" in shown
    assert '"shifts":{' in shown, "the last line is one JSON object"
