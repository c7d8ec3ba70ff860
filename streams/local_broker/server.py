"""A real single-node Apache Kafka (KRaft) from wheels: fetched, checked, started, stopped. Used where no
cluster is named."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.local_broker.files import KAFKA_VERSION, fetched_jars, java_command, server_properties
from streams.loud_end import RefusedError

HEAP: Final = ("-Xms128m", "-Xmx512m")
START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 20.0


class BrokerError(RefusedError):
    """The broker cannot be started or stopped; the message says what to type."""


@dataclass(frozen=True)
class BrokerStatus:
    """What is known of the local broker; `pid` None = not running."""

    pid: int | None
    address: str | None
    folder: Path
    version: str = KAFKA_VERSION


class Broker:
    """One broker and its folder: data, log, pid and address live in `folder` and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._pid_file = self.folder / "pid"
        self._address_file = self.folder / "address"
        self._version_file = self.folder / "version"
        self.log_file = self.folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None  # when this object started it: reaped by stop()

    def status(self) -> BrokerStatus:
        """The live process behind the pid file; a stale file counts as not running."""
        pid = self._live_pid()
        address = self._address_file.read_text().strip() if pid and self._address_file.exists() else None
        return BrokerStatus(pid, address, self.folder)

    def start(self, port: int | None = None, say: Callable[[str], None] = lambda _line: None) -> BrokerStatus:
        """Start unless it runs, wait until it answers a metadata request, and return its address.

        Raises BrokerError when Java is missing, the port is taken, or the data folder is of another Kafka
        version.
        """
        running = self.status()
        if running.pid:
            if port is not None and running.address and not running.address.endswith(f":{port}"):
                raise BrokerError(
                    f"a broker already runs at {running.address}; `shiftcast broker stop` ends it"
                )
            return running
        self._refuse_other_version()
        java, jars = java_command(), fetched_jars(say)
        port, controller_port = _choose_ports(port)
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(server_properties(self.folder / "data", port, controller_port))
        class_path = os.pathsep.join(map(str, jars))
        base = [
            java,
            *HEAP,
            "-XX:+UseSerialGC",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            class_path,
        ]
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(base, properties)
        return self._launch([*base, "kafka.Kafka", str(properties)], f"127.0.0.1:{port}")

    def stop(self) -> bool:
        """End the broker and wait until it is gone; False when none ran."""
        pid = self._live_pid()
        if pid is None:
            self._forget()
            return False
        os.kill(pid, signal.SIGTERM)
        if not _wait(lambda: self._live_pid() is None, STOP_TIMEOUT_S):
            os.kill(pid, signal.SIGKILL)
            _wait(lambda: self._live_pid() is None, STOP_TIMEOUT_S)
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT_S)
        self._forget()
        return True

    def wipe(self) -> None:
        """Delete the broker's folder; only when it is stopped."""
        if self._live_pid():
            raise BrokerError("the broker runs; `shiftcast broker stop` first")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _format(self, base: list[str], properties: Path) -> None:
        """Give an empty data folder its cluster id."""
        command = [
            *base,
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "-t",
            _new_cluster_id(),
            "-c",
            str(properties),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise BrokerError(
                f"Kafka could not format {self.folder / 'data'}: "
                f"{(done.stderr or done.stdout).strip()[-300:]}"
            )
        self._version_file.write_text(KAFKA_VERSION + "\n")

    def _launch(self, command: list[str], address: str) -> BrokerStatus:
        with self.log_file.open("ab") as log:
            # A session of its own, so that Ctrl-C in the terminal reaches the command and not the broker.
            process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._pid_file.write_text(f"{process.pid}\n")
        try:
            answered = _wait(lambda: process.poll() is not None or _answers(address), START_TIMEOUT_S)
        except BaseException:
            process.kill()
            process.wait()
            self._forget()
            raise
        if process.poll() is not None or not answered:
            process.kill()
            process.wait()
            self._forget()
            raise BrokerError(
                f"Kafka did not come up at {address}; the reason stands at the end of "
                f"{self.log_file}:\n{self._log_tail()}"
            )
        self._process = process
        self._address_file.write_text(address + "\n")
        return BrokerStatus(process.pid, address, self.folder)

    def _log_tail(self) -> str:
        return (
            "\n".join(self.log_file.read_text(errors="replace").splitlines()[-5:])
            if self.log_file.exists()
            else ""
        )

    def _refuse_other_version(self) -> None:
        found = self._version_file.read_text().strip() if self._version_file.exists() else KAFKA_VERSION
        if found != KAFKA_VERSION:
            raise BrokerError(
                f"{self.folder} holds data of Kafka {found}, this is {KAFKA_VERSION}; `shiftcast broker "
                "stop --wipe` deletes it"
            )

    def _live_pid(self) -> int | None:
        if not self._pid_file.exists():
            return None
        text = self._pid_file.read_text().strip()
        return int(text) if text.isdecimal() and _is_ours(int(text), self.folder) else None

    def _forget(self) -> None:
        self._pid_file.unlink(missing_ok=True)
        self._address_file.unlink(missing_ok=True)


def _new_cluster_id() -> str:
    """As `kafka-storage random-uuid` makes it, which would start a Java of its own; without a leading hyphen,
    which would be read as an option."""
    return base64.urlsafe_b64encode(bytes([secrets.randbelow(128)]) + secrets.token_bytes(15))[:22].decode()


def _is_ours(pid: int, folder: Path) -> bool:
    """Whether `pid` is alive and is a Kafka of this folder (a pid number may have been reused)."""
    shown = subprocess.run(  # noqa: S603
        ["ps", "-o", "stat=,args=", "-ww", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return str(folder) in shown.stdout and not shown.stdout.lstrip().startswith("Z")


def _wait(condition: Callable[[], bool], timeout_s: float) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def _choose_ports(named: int | None) -> tuple[int, int]:
    """The named port, or a free one, and a free one for the controller."""
    with socket.socket() as listener, socket.socket() as controller:
        # As the broker itself does: connections of the broker before, still closing, do not make the port
        # taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", named or 0))
        except OSError as error:
            raise BrokerError(
                f"port {named} is taken; name another with --port, or none for a free one"
            ) from error
        controller.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1]), int(controller.getsockname()[1])


def _answers(address: str) -> bool:
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=0.5).close()
    except OSError:
        return False
    return asyncio.run(_metadata_answer(address))


async def _metadata_answer(address: str) -> bool:
    from aiokafka.client import AIOKafkaClient
    from aiokafka.errors import KafkaError

    client = AIOKafkaClient(bootstrap_servers=address, request_timeout_ms=2_000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
