"""Fixtures of the whole suite: the real broker, started once per run unless KAFKA_BROKER names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

import agents  # noqa: F401 - before numpy: it keeps BLAS from spinning on shared cores
from streams.broker.local import Broker

# No test may depend on how fast this machine is.
hypothesis.settings.register_profile("shiftcast", deadline=None)
hypothesis.settings.load_profile("shiftcast")


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of a real Kafka; its data goes when the run ends."""
    named = os.environ.get("KAFKA_BROKER")
    if named:
        yield named
        return
    local = Broker(Path(tmp_path_factory.mktemp("broker")))
    status = local.start()
    assert status.address is not None
    try:
        yield status.address
    finally:
        local.stop()
        local.wipe()
