"""Faust's own settings, as every app of this project has them."""

from __future__ import annotations

from typing import Any, Final

from streams.broker.clients import faust_credentials
from streams.settings import Settings

COMMIT_S: Final = 1.0
_FETCH_BYTES: Final = 1 << 20


def faust_options(settings: Settings, name: str) -> dict[str, Any]:
    """By group, each with its reason."""
    return {
        "broker": [f"kafka://{server.strip()}" for server in settings.broker.split(",")],
        "broker_credentials": faust_credentials(settings),
        "datadir": str(settings.data_dir / name / (settings.instance_id or "worker")),
        # Membership: a short session with a fixed name lets a restarted worker take its lanes back at once
        "broker_session_timeout": settings.session_timeout_s,
        "broker_heartbeat_interval": min(3.0, settings.session_timeout_s / 6),
        "broker_request_timeout": max(90.0, settings.session_timeout_s * 2),
        "broker_max_poll_interval": 600.0,
        "consumer_group_instance_id": settings.instance_id,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": _FETCH_BYTES,
        # Commits: by the timer alone; a commit never forces a flush
        "broker_commit_interval": COMMIT_S,
        "broker_commit_every": None,
        "processing_guarantee": "at_least_once",
        "stream_wait_empty": True,
        "stream_buffer_maxsize": 32,
        "stream_processing_timeout": 3600.0,
        "stream_recovery_delay": 0.0,
        # Topics exist before a worker starts; no leader topic, no reply topics
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "topic_partitions": settings.partitions,
        "topic_replication_factor": settings.replication,
        "table_standby_replicas": settings.standby_replicas,
        "store": "batch://",
        "TableManager": "streams.worker.prompt:TableManager",
        "Worker": "streams.worker.prompt:PromptWorker",
        "worker_redirect_stdouts": False,
        "autodiscover": False,
    }
