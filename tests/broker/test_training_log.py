"""The training log from a real broker: what may train is written with what came of it, and `model refresh`
takes the same from the topic."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from agents.exposure_log.training_rows import read_training_rows
from agents.model_commands import refresh as model_refresh
from agents.run_commands import cli
from models.preference.log import LoggedCopy, read_log
from models.recipes import refreshing
from streams import records as r
from streams.settings import Settings
from streams.topics import CONSENT, EXPOSURE, WITHDRAWAL, TopicSpec
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from tests.faults.cluster import Cluster, cluster, small_catalogue

pytestmark = [pytest.mark.broker]

AT = 1_760_000_000_000
ALL = ["profile", "personalise", "measure", "train"]


def shown(n: int, user: str, **more: object) -> r.Exposure:
    item = small_catalogue().items[n]
    copy = r.CopyText("Your next lamp", f"See the {item.title} at Stridewell.", "See details")
    made = r.Exposure(
        exposure_id=f"ex_{n}", user=user, ts=AT + n, settled="complete", campaign_id="c0",
        creative_id=f"cr_{n:016x}", slot="native", template_id="t1", arm="direct.t1", propensity=0.25,
        policy_version="p1", item_id=item.item_id, lang="en", copy=copy, purposes=ALL,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


async def send(place: Cluster) -> None:
    """Two may train, one of them told twice; the others took it back: on the consent topic, in an event of
    which a lane told though they agreed again, or never allowed it."""
    clicked = shown(0, "yes", clicked=True, click_after_s=9)
    log = [shown(0, "yes"), clicked, shown(1, "too"), shown(2, "no"), shown(3, "event")]
    log.append(shown(4, "never", purposes=["measure"]))
    denied = r.Consent("no", AT + 100, explicit=r.Explicit(measure=True))
    again = r.Consent("event", AT + 200, explicit=r.Explicit(measure=True, train=True))
    said: list[tuple[TopicSpec, str, r.Record]] = [
        *((EXPOSURE, each.user, each) for each in log),
        (CONSENT, "no", denied),
        (CONSENT, "event", again),
        (WITHDRAWAL, "event", r.Withdrawal("event", AT + 100, ["train"])),
    ]
    await place.send(
        [
            Output(spec.name, user.encode(), encode(each), headers=headers(spec.ce_type, f"id-{n}", AT + 300))
            for n, (spec, user, each) in enumerate(said)
        ]
    )


def test_what_may_train_is_written_and_read_by_the_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[LoggedCopy] = []

    def refresh(_what: object, rows: list[LoggedCopy], *_rest: object) -> dict[str, object]:
        taught.extend(rows)
        return {"worse": ["it was not asked to learn"]}

    out, creatives = tmp_path / "training.jsonl", [f"cr_{n:016x}" for n in range(2)]
    monkeypatch.setattr(refreshing, "refresh", refresh)
    with cluster(tmp_path) as place:
        asyncio.run(send(place))
        env = {"KAFKA_BROKER": place.settings.broker, "SHIFTCAST_MODEL_DIR": str(tmp_path / "registry")}
        done = CliRunner().invoke(
            cli, ["training-log", "--out", str(out), "--json"], env=env, catch_exceptions=False
        )
        counts = json.loads(done.stdout)
        assert (counts["creatives"], counts["clicked"]) == (2, 1)
        assert (counts["withdrawn"], counts["without_purpose"], counts["without_copy"]) == (2, 1, 0)
        done = CliRunner().invoke(model_refresh.command, ["--offline", "--json"], env=env)
        assert done.exit_code == 1 and json.loads(done.stdout)["worse"] == ["it was not asked to learn"]
        found = asyncio.run(read_training_rows(Settings(broker=place.settings.broker)))
    written = read_log(out.read_bytes().splitlines(), out.name)
    assert [(each.creative_id, each.clicked) for each in written] == list(
        zip(creatives, [True, False], strict=True)
    )
    assert [each.creative_id for each in taught] == list(found.rows) == creatives
