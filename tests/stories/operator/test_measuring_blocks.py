"""The guide's experiment, begun, looked at and ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.operator.page_blocks import MEASURING, run_part


@pytest.mark.broker
def test_an_experiment_runs_from_start_to_stop(tmp_path: Path) -> None:
    assert "home-holdout" in run_part(MEASURING, tmp_path)
