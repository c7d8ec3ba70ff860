"""Fixtures of the whole suite: the real broker, started once per process unless KAFKA_BROKER names one; the
seed of all that is drawn at random."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

# Before torch: processes share the cores, threads would fight for them.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Brokers of tests live for seconds: what Java's second compiler costs them never comes back.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")

import hypothesis
import pytest

import agents  # noqa: F401 - before numpy: it keeps BLAS from spinning on shared cores
from streams.local_broker.server import Broker
from tests.both_ends import BothEnds
from tests.seed import VARIABLE, run_seed
from tests.workers import end_all

ROOT: Final = Path(__file__).parent
LONGEST_FIRST: Final = ("stories", "faults", "broker")
"""Rooms whose files take minutes, before the other files that need a broker."""

# No test may depend on how fast this machine is.
hypothesis.settings.register_profile("shiftcast", deadline=None)
hypothesis.settings.load_profile("shiftcast")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="of what is drawn at random, as an earlier run printed it")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        given = config.getoption("--seed")
        os.environ[VARIABLE] = str(random.SystemRandom().randrange(1 << 31) if given is None else given)
    if config.option.hypothesis_seed is None:  # read by its plugin, after this
        config.option.hypothesis_seed = str(run_seed())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files on a broker come first, and of them those that take longest, so that no process is alone with one
    at the end."""
    on_broker = {item.path for item in items if item.get_closest_marker("broker")}

    def rank(item: pytest.Item) -> tuple[bool, int]:
        room = item.path.relative_to(ROOT).parts[0]
        return item.path not in on_broker, (*LONGEST_FIRST, room).index(room)

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BothEnds | None:
    """For `--dist loadfile`, what `make test` says."""
    return BothEnds(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_report_header() -> str:
    return f"random choices: --seed {run_seed()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.stats.get("failed"):
        terminalreporter.write_line(f"the same random choices again: --seed {run_seed()}")


@pytest.fixture(scope="module", autouse=True)
def _no_worker_outlives_its_file() -> Iterator[None]:
    yield
    end_all()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of a real Kafka; its data goes when the run ends."""
    named = os.environ.get("KAFKA_BROKER")
    if named:
        yield named
        return
    local = Broker(Path(tmp_path_factory.mktemp("broker")))
    guard = [sys.executable, "-m", "tests.broker_guard", str(local.folder)]
    with subprocess.Popen(guard, cwd=ROOT.parent, stdin=subprocess.PIPE, start_new_session=True):
        status = local.start()
        assert status.address is not None
        try:
            yield status.address
        finally:
            local.stop()
