"""How a worker meets the broker, and how it keeps its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.knobs.knob import knob

_MIB: Final = 1024 * 1024
_NAME: Final = (r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", "1 to 100 of A-Z a-z 0-9 _ - . that begin with no dot")
"""What becomes part of topics, groups and folders."""


@dataclass(frozen=True)
class WireKnobs:
    """Part of streams.settings.Settings."""

    broker: str = knob(
        "127.0.0.1:9092", "host:port,...", "the wrong cluster gets the events", env="KAFKA_BROKER"
    )
    security_protocol: str = knob(
        "PLAINTEXT",
        "",
        "PLAINTEXT sends all in the clear",
        choices=("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    )
    sasl_mechanism: str = knob(
        "SCRAM-SHA-512",
        "",
        "PLAIN without TLS shows the password",
        choices=("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    )
    sasl_username: str | None = knob(None, "", "one principal per role, or ACLs mean nothing")
    sasl_password: str | None = knob(None, "", "keep it in a file", secret=True)
    ssl_cafile: Path | None = knob(None, "path", "without it the system's authorities are trusted")
    ssl_certfile: Path | None = knob(None, "path", "client certificate for mutual TLS")
    ssl_keyfile: Path | None = knob(None, "path", "must be readable by the worker alone")
    app_prefix: str = knob(
        "shiftcast",
        "",
        "another prefix is another set of groups and state: everything is read again",
        form=_NAME,
    )

    isolation: str = knob(
        "read_committed",
        "",
        "read_uncommitted also counts events of transactions that are open or were aborted",
        choices=("read_committed", "read_uncommitted"),
    )

    partitions: int = knob(
        4,
        "partitions",
        "fixed once events exist: growing moves users away from their rows",
        least=1,
        most=1024,
    )
    replication: int = knob(1, "replicas", "1 loses data with the disk; 3 in production", least=1, most=9)
    data_dir: Path = knob(Path(".shiftcast/state"), "path", "lost: restored from the changelog")
    flush_interval_s: float = knob(
        0.5, "s", "longer: fewer changelog records, more to replay", least=0.05, most=10
    )
    arena_bytes: int = knob(
        384 * _MIB, "bytes", "smaller: more reads from RocksDB; larger: more memory per worker", least=_MIB
    )
    batch_records: int = knob(
        2000, "records", "smaller: less latency, more CPU per event", least=1, most=10_000
    )
    session_timeout_s: float = knob(
        10.0, "s", "shorter: a pause becomes a rebalance; longer: slower takeover", least=6, most=300
    )
    broker_wait_s: float = knob(
        120.0, "s", "how long a start waits for a broker that does not answer", least=0, most=86_400
    )
    instance_id: str | None = knob(
        None, "", "a name per worker: a restart within the session time-out moves nothing", form=_NAME
    )
    standby_replicas: int = knob(
        0, "copies", "0: a takeover restores from the changelog first", least=0, most=4
    )
