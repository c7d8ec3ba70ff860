"""The broker: does it answer, are the topics as declared, is there a catalogue and something to advertise,
does a group hang behind?"""

from __future__ import annotations

import time

from agents.checks.campaigns import campaign_findings
from agents.checks.copywriters import copywriter_findings
from agents.checks.creatives import creative_findings
from agents.checks.difference import describe_difference
from agents.checks.finding import CheckFinding
from agents.checks.followed import read_followed
from agents.checks.groups import group_findings
from agents.checks.inputs import input_findings, read_inputs
from agents.checks.links import link_findings
from agents.checks.revocations import revocation_findings
from agents.checks.sources import source_findings
from agents.checks.thresholds import threshold_findings
from agents.linking.waiting import read_statements
from streams.artifacts.reader import ArtifactReader
from streams.broker.admin import Difference, compare_topics, wanted_topics
from streams.broker.clients import admin
from streams.loud_end import RefusedError
from streams.settings import Settings


async def broker_findings(settings: Settings) -> list[CheckFinding]:
    """Looks at everything the broker holds; stops at the first thing without which the rest cannot be looked
    at."""
    try:
        brokers = await _brokers(settings)
    except RefusedError as error:
        return [CheckFinding("error", "broker", str(error), "shiftcast broker start")]
    found = [CheckFinding("ok", "broker", f"{brokers} broker{'s' * (brokers != 1)} at {settings.broker}")]
    if settings.replication > brokers:
        text = f"{settings.replication} replicas wanted of {brokers} brokers"
        found.append(CheckFinding("error", "replication", text, f"SHIFTCAST_REPLICATION={brokers}"))
    wrong = await compare_topics(settings)
    found += [_topic(each) for each in wrong if each.what != "partitions"]
    if any(each.found == "missing" for each in wrong):
        return found
    if not wrong:
        found.append(
            CheckFinding(
                "ok", "topics", f"{len(wanted_topics(settings))} topics with all settings as declared"
            )
        )
    found += await source_findings(settings)
    followed = await read_followed(settings)
    reference = followed.reference
    artifacts = reference.artifacts
    copywriters = copywriter_findings(settings, artifacts.copywriters)
    now_ms = int(time.time() * 1_000)
    return [
        *found,
        _catalogue(artifacts),
        *threshold_findings(settings, artifacts.catalog, artifacts.detector),
        *input_findings(await read_inputs(settings, artifacts, now_ms)),
        *campaign_findings(list(followed.campaigns.values()), artifacts.catalog, settings.http_assets),
        *creative_findings(reference, now_ms),
        *revocation_findings(reference.revocations),
        *link_findings(await read_statements(settings), now_ms),
        *copywriters,
        *await group_findings(settings),
    ]


async def _brokers(settings: Settings) -> int:
    async with admin(settings) as client:
        cluster = await client.describe_cluster()
        return len(cluster["brokers"])


def _topic(each: Difference) -> CheckFinding:
    said, _, repair = describe_difference(each).rpartition(": ")
    return CheckFinding(
        "error",
        each.topic,
        said.removeprefix(f"{each.topic}: ").removeprefix(f"{each.topic} "),
        repair.strip("`"),
    )


def _catalogue(reader: ArtifactReader) -> CheckFinding:
    """The artefact that profile and generator workers load at start."""
    if reader.damaged:
        return CheckFinding("error", "catalogue", reader.damaged, "shiftcast index --refit")
    catalog = reader.catalog
    if catalog is None:
        repair = "send ads.catalog.v1 records, then run `faust -A agents.index_catalog worker -l info`"
        return CheckFinding("error", "catalogue", "no version is published: workers wait for one", repair)
    what = "curated" if catalog.curated else "learnt"
    return CheckFinding(
        "ok",
        "catalogue",
        f"version {catalog.version}: {len(catalog.items)} items, {len(catalog.code_names)} {what} interest "
        "codes",
    )
