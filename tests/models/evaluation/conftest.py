"""Made-up writers are measured whatever the judge makes of their words."""

from __future__ import annotations

import pytest

from models.evaluation import writing


@pytest.fixture
def no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LIVE_BAR", 0.0)
