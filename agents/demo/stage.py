"""What the demo stands on: a broker (its own unless one is there), topics, catalogue, campaigns, workers.
Taken down whatever happens."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from agents.demo.workers import Workers, free_port, gauge
from models.credentials.development import development_identity
from models.credentials.signing import Identity, IdentityError
from streams import topics
from streams.broker.admin import create
from streams.broker.clients import reachable
from streams.broker.producer import send_once
from streams.local_broker.server import Broker
from streams.mapping.copies import copy_output
from streams.records import Campaign, CatalogItem, CopyEntry, Record
from streams.settings import ADDRESS_FILE, Settings
from streams.topics import TopicSpec
from streams.unix_time import unix_ms
from streams.wire.codecs import headers
from streams.wire.output import Output

_RENEWED_BEFORE: Final = timedelta(days=30)
HOME: Final = Path(".shiftcast/demo")
COLLECTOR: Final = "https://collect.example"
"""What browsers would be told; the demo's users call the same paths on this machine."""
COOLDOWN_MS: Final = 10_000
"""Ninety seconds of life hold few half hours: the one thing that the demo shortens."""
CLICK_S: Final = 10
"""So long a click earns what follows: an exposure is told when that is over, and the demo is soon."""
PICTURES_URL: Final = "https://pictures.shiftcast.example/"
"""Nobody is asked there: the page shows the pictures of the folder itself."""
Say = Callable[[str], None]


@dataclass
class Stage:
    """Everything that must be ended again."""

    settings: Settings
    broker: Broker | None  # None: somebody else's
    workers: Workers
    page: str = ""

    def down(self) -> None:
        """Ends the workers, then the broker if it is the demo's, and deletes what the demo wrote but its
        logs."""
        self.workers.stop()
        if self.broker is not None:
            self.broker.stop()
            self.broker.wipe()
        shutil.rmtree(HOME / "state", ignore_errors=True)


def raise_stage(settings: Settings, say: Say, collect: bool = False) -> Stage:
    """A stage with a broker that answers; nothing else yet. `collect`: creatives carry trackers that lead to
    a collector of the demo's own. Raises RefusedError."""
    broker, address = None, settings.broker
    if not os.environ.get("KAFKA_BROKER") and not (
        ADDRESS_FILE.is_file() and asyncio.run(reachable(settings))
    ):
        broker = Broker(HOME / "broker")
        broker.stop()
        broker.wipe()
        address = broker.start(None, say).address or ""
    key, chain = identity_files(HOME / "credentials", datetime.now(UTC))
    settings = replace(
        settings,
        sign_key=settings.sign_key or key,
        sign_cert=settings.sign_cert or chain,
        broker=address,
        data_dir=HOME / "state",
        cooldown_ms=min(COOLDOWN_MS, settings.cooldown_ms),
        attribution_click_s=min(CLICK_S, settings.attribution_click_s),
        assets_url=settings.assets_url or PICTURES_URL,
        page_port=free_port(settings.page_port),
        page_token=settings.page_token or secrets.token_urlsafe(18),
        collect_url=COLLECTOR if collect else None,
        collect_keys=secrets.token_hex(32) if collect else None,
        collect_port=free_port(settings.collect_port),
    )
    return Stage(settings, broker, Workers(HOME / "logs", environment(settings)))


def identity_files(folder: Path, now: datetime) -> tuple[Path, Path]:
    """Key and certificates that the demo signs with: made at its first use, and again a month before they
    end."""
    key, chain = folder / "key.pem", folder / "chain.pem"
    if not _last(key, chain, now + _RENEWED_BEFORE):
        folder.mkdir(parents=True, exist_ok=True)
        made, certificates = development_identity(now)
        key.touch(mode=0o600)
        key.write_bytes(made)
        chain.write_bytes(certificates)
    return key, chain


def _last(key: Path, chain: Path, until: datetime) -> bool:
    try:
        return Identity.of(key.read_bytes(), chain.read_bytes()).ends > until
    except (FileNotFoundError, IdentityError):
        return False


def environment(settings: Settings) -> dict[str, str]:
    """What the workers are told beyond what the operator set."""
    collecting = {
        "SHIFTCAST_COLLECT_URL": settings.collect_url or "",
        "SHIFTCAST_COLLECT_KEYS": settings.collect_keys or "",
        "SHIFTCAST_COLLECT_PORT": str(settings.collect_port),
        "SHIFTCAST_COLLECT_PER_S": "1000000",  # all users are at one address
    }
    named = {"SHIFTCAST_SIGN_KEY": settings.sign_key, "SHIFTCAST_SIGN_CERT": settings.sign_cert}
    signing = {name: str(path.absolute()) for name, path in named.items() if path is not None}
    return {
        **os.environ,
        **collecting,
        "KAFKA_BROKER": settings.broker,
        "SHIFTCAST_DATA_DIR": str(settings.data_dir.absolute()),
        "SHIFTCAST_COOLDOWN_MS": str(settings.cooldown_ms),
        "SHIFTCAST_ATTRIBUTION_CLICK_S": str(settings.attribution_click_s),
        "SHIFTCAST_PAGE_TOKEN": settings.page_token or "",
        "SHIFTCAST_ASSETS_URL": settings.assets_url or "",
        **signing,
        "SHIFTCAST_ASSETS_DIR": str(settings.assets_dir.absolute()),
    }


async def set_stage(
    stage: Stage,
    items: Sequence[CatalogItem],
    campaigns: Sequence[Campaign],
    pool: Sequence[CopyEntry],
    say: Say,
) -> None:
    """Topics, catalogue, campaigns, copy written ahead and workers; returns when all of them work. Raises
    RefusedError."""
    created, _different = await create(stage.settings)
    say(f"{len(created)} topics created" if created else "all topics exist")
    await send(stage.settings, topics.CATALOG, items)
    await send(stage.settings, topics.CAMPAIGN, campaigns)
    await send_pool(stage.settings, pool)
    say(
        f"{len(items)} catalogue items, {len(campaigns)} campaigns and {len(pool)} copies written ahead "
        "sent; starting the workers"
    )
    workers = stage.workers
    catalog, *others = map(
        workers.start_agent,
        ("index_catalog", "update_profiles", "generate_creatives", "measure_feedback", "render_assets"),
    )
    if stage.settings.collector is not None:
        await workers.ready(workers.start_collector(), "/ready", lambda _: True)
        say(
            f"what users see and click comes back through the collector at port {stage.settings.collect_port}"
        )
    page = workers.start_page(stage.settings.page_port)
    await workers.ready(page, "/health", lambda _: True)
    stage.page = f"http://127.0.0.1:{page.port}/#{stage.settings.page_token}"
    say(f"the page, with reasons: {stage.page}")
    await workers.ready(catalog, "/metrics", lambda text: gauge(text, "shiftcast_catalog_version") >= 1)
    for worker in others:
        await workers.ready(worker, "/metrics", lambda text: gauge(text, "shiftcast_lanes") >= 1)
    say("the workers are ready")


async def send(settings: Settings, topic: TopicSpec, records: Sequence[Record]) -> None:
    """Records of a reference topic, by their own key."""
    now_ms = unix_ms()
    await send_once(settings, [_output(topic, record, now_ms) for record in records])


async def send_pool(settings: Settings, entries: Sequence[CopyEntry]) -> None:
    """Copy written ahead, as it was kept: a generator withdraws what no longer stands."""
    now_ms = unix_ms()
    await send_once(settings, [copy_output(each, now_ms) for each in entries])


def _output(topic: TopicSpec, record: Any, now_ms: int) -> Output:
    key = str(getattr(record, topic.key))
    return Output(
        topic.name,
        key.encode(),
        msgspec.json.encode(record),
        None,
        headers(topic.ce_type, f"{topic.entity}:{key}:{now_ms}", now_ms),
    )
