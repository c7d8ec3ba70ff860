"""The local broker: starts once, answers, refuses what it must, leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from streams.local_broker import files as broker_files
from streams.local_broker.server import Broker, BrokerError


def test_pinned_jars_name_one_kafka_and_whole_digests() -> None:
    pinned = broker_files.pinned_jars()
    assert f"kafka_2.13-{broker_files.KAFKA_VERSION}.jar" in pinned
    assert all(len(digest) == 64 and int(digest, 16) for digest in pinned.values())


def test_a_changed_jar_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "good.jar").write_bytes(b"good")
    (tmp_path / "changed.jar").write_bytes(b"evil")
    digest = "770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c"  # sha256 of b"good"
    assert broker_files.wrong_jars(
        tmp_path, {"good.jar": digest, "changed.jar": digest, "gone.jar": digest}
    ) == ["changed.jar", "gone.jar"]


def test_java_versions_are_read(tmp_path: Path) -> None:
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'java version \"1.8.0_392\"' >&2\n")
    old.chmod(0o755)
    assert broker_files.java_major(str(old)) == 8
    assert broker_files.java_major(str(tmp_path / "none")) == 0
    assert broker_files.java_major(broker_files.java_command()) >= 17


def test_data_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("3.9.0\n")
    with pytest.raises(BrokerError, match=r"Kafka 3\.9\.0.*stop --wipe"):
        Broker(tmp_path).start()


def test_a_stale_pid_file_counts_as_not_running(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    (tmp_path / "address").write_text("127.0.0.1:1\n")
    assert Broker(tmp_path).status().pid is None


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(BrokerError, match="is taken"):
            Broker(tmp_path).start(taken.getsockname()[1])


def test_jars_that_cannot_be_fetched_are_one_line_also_where_make_fetches_them(tmp_path: Path) -> None:
    makefile = Path(__file__).resolve().parents[3] / "Makefile"
    assert "shiftcast broker fetch" in makefile.read_text()
    nowhere = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "REQUESTS_CA_BUNDLE": "/none/ca.pem"}
    done = subprocess.run(
        [sys.executable, "-m", "agents.run_commands", "broker", "fetch"],
        env={**os.environ, **nowhere, "CURL_CA_BUNDLE": "/none/ca.pem"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.splitlines()
    assert done.returncode == 1 and len(said) == 2, done.stderr
    assert "/none/ca.pem" in said[1] and "REQUESTS_CA_BUNDLE" in said[1]


@pytest.mark.broker
def test_the_command_starts_answers_and_leaves_no_process(tmp_path: Path) -> None:
    shiftcast = shutil.which("shiftcast", path=str(Path(sys.executable).parent))
    assert shiftcast
    folder = tmp_path / "broker"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shiftcast, "broker", *arguments, "--dir", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("status").returncode == 3
    started = run("start", "--json")
    assert started.returncode == 0, started.stderr
    pid = Broker(folder).status().pid
    assert pid and run("status").returncode == 0
    assert run("start", "--json").stdout == started.stdout, "a second start finds the first broker"
    assert run("stop").returncode == 0
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    assert shown.stdout.strip()[:1] in ("", "Z"), (
        "the broker is gone (a container without an init may keep the zombie)"
    )
