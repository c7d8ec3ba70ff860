"""Portraits from a real broker's log, as an operator types it: fitted, published, printed; not of users who
were erased, and not before there are enough."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from agents.run_commands import main
from streams import records as r
from streams.broker.producer import OutputProducer
from streams.settings import Settings
from streams.topics import CLICK, CONSENT
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from tests.faults.cluster import cluster, small_catalogue

pytestmark = [pytest.mark.broker]

USERS = 60
ERASED = 5


async def send(settings: Settings, now_ms: int) -> None:
    """Each user agrees and clicks; then some are erased."""
    items = small_catalogue().items
    said: list[tuple[str, str, bytes | None, str]] = []
    for n in range(USERS):
        user = f"u{n}"
        agreed = r.Consent(user, now_ms - 60_000, explicit=r.Explicit(profile=True, personalise=True))
        said.append((CONSENT.name, user, encode(agreed), CONSENT.ce_type))
        for k in range(8):
            item = items[(n % 3 + 3 * k) % len(items)].item_id
            click = r.Click(id=f"{user}-{k}", ts=now_ms - 50_000 + k, user=user, item_id=item)
            said.append((CLICK.name, user, encode(click), CLICK.ce_type))
    said += [(CONSENT.name, f"u{n}", None, CONSENT.withdrawn_type) for n in range(ERASED)]
    producer = OutputProducer(settings)
    await producer.start()
    try:
        await producer.send(
            [
                Output(topic, user.encode(), value, headers=headers(kind, f"id-{n}", now_ms))
                for n, (topic, user, value, kind) in enumerate(said)
            ]
        )
    finally:
        await producer.stop()


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """What a command ends with, prints, and says of a mistake."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_portraits_are_fitted_on_who_agreed_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with cluster(tmp_path) as place:
        monkeypatch.setenv("KAFKA_BROKER", place.settings.broker)
        code, _, error = typed(capsys, "portraits")
        assert code == 1 and "fit them with `shiftcast portraits fit`" in error
        code, _, error = typed(capsys, "portraits", "fit")
        assert code == 1 and "the log knows 0 users" in error
        asyncio.run(send(place.settings, int(time.time() * 1000)))
        code, out, error = typed(capsys, "portraits", "fit", "--json")
        assert code == 0, error
        made = json.loads(out)
        assert made["users"] == USERS - ERASED
        assert made["groups"] and all(each["users"] >= made["least"] for each in made["groups"])
        code, out, _ = typed(capsys, "portraits", "--json")
        assert code == 0 and json.loads(out) == made
        code, out, _ = typed(capsys, "portraits")
        assert made["groups"][0]["name"] in out
