"""The README from the first event to the answer of an access request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.operator.page_blocks import EVENTS, run_part


@pytest.mark.broker
def test_events_become_creatives_and_answers(tmp_path: Path) -> None:
    shown = run_part(EVENTS, tmp_path)
    assert "headline" in shown, "the consumer's block prints a creative"
    assert "'consent'" in shown, "the export of the access request"
