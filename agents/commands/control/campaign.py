"""`shiftcast campaign check FILE`: what is wrong with campaigns before they are sent: line, field, what is
allowed, what was probably meant."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import msgspec

from agents.commands.groups import GuessingGroup
from agents.commands.options import echo_json, json_option
from models.choice.experiment_ledger import ExperimentLedger
from models.intent.understanding import understanding_words
from models.located_json import Located, read_located
from models.mistakes.known import KnownItems
from models.mistakes.mistake import Mistake, cited
from streams.artifacts.reader import ArtifactReader
from streams.broker.clients import reachable
from streams.broker.follow import Follower
from streams.loud_end import RefusedError
from streams.mapping.campaign_mistakes import mistakes_of
from streams.mapping.campaigns import experiment_of, goal_of
from streams.mapping.catalog_items import item_of
from streams.mapping.experiments import note_experiment
from streams.records import Campaign, CatalogItem, Record
from streams.settings import Settings
from streams.topics import ARTIFACT, EXPERIMENT, TopicSpec
from streams.unix_time import unix_ms
from streams.wire.codecs import Headers
from streams.wire.record_files import read_lines

_UNCHECKED = "items, categories and segments: "
_AWAY = "no broker answers at {broker}; name one with KAFKA_BROKER, or a catalogue with --catalog FILE.jsonl"
_NO_TOPICS = (
    "the broker at {broker} has no topics yet; make them with `shiftcast topics create`, or name a catalogue "
    "with --catalog FILE.jsonl"
)
_NO_CATALOGUE = (
    "the broker at {broker} has no catalogue yet; make one with `shiftcast index --load FILE.jsonl`, or name "
    "a file with --catalog FILE.jsonl"
)
_ASK_S = 2.0
_SAMPLE = "deploy/demo/campaigns.jsonl"


@dataclass(frozen=True)
class CampaignFinding:
    """A mistake with its place in the file."""

    line: int
    campaign_id: str
    mistake: Mistake


@click.group(cls=GuessingGroup)
def command() -> None:
    """Look at campaigns before they are sent."""


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--catalog",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help="Items to compare with, one JSON object per line; without it the broker's, if one answers.",
)
@json_option()
def check(file: Path, catalog: Path | None, as_json: bool) -> None:
    """Name every mistake of the campaigns in FILE: JSON lines or one array. Exit code 1 when something must
    be repaired."""
    campaigns = read_located(_text(file))
    if not campaigns:
        raise RefusedError(f"{file}: holds no campaign; give some, as in {_SAMPLE}")
    settings = Settings.from_environ(os.environ)
    published = asyncio.run(_published(settings))
    known = published.items if catalog is None else _items_of(catalog)
    unchecked = [] if known is not None else [_UNCHECKED + published.lacking.format(broker=settings.broker)]
    now_ms = unix_ms()
    found = [
        each for one in campaigns for each in findings_of(one, known, now_ms, settings.http_assets)
    ] + _again(campaigns)
    found += [each for one in campaigns for each in trial_findings(one, published.experiments, now_ms)]
    found.sort(key=lambda each: each.line)
    errors = sum(each.mistake.severity == "error" for each in found)
    goals = [told for one in campaigns if (told := unstated_goal(one)) is not None]
    if as_json:
        echo_json(_report(campaigns, found, errors, unchecked) | {"goals": goals})
    else:
        _show(file, campaigns, found, errors, unchecked, goals)
    if errors:
        raise click.exceptions.Exit(1)


def findings_of(
    one: Located, known: KnownItems | None, now_ms: int, http_assets: bool = False
) -> list[CampaignFinding]:
    """All mistakes of one campaign of a file; `http_assets` as the settings say."""
    if one.broken:
        return [CampaignFinding(one.line_of(""), "", Mistake("", "error", one.broken))]
    found = [Mistake(path, "error", "stands there twice: the last one counts") for path in one.twice]
    found += mistakes_of(one.value, known, now_ms, http_assets)
    return [CampaignFinding(one.line_of(each.where), _id(one), each) for each in found]


@dataclass(frozen=True)
class UnstatedGoal:
    """What a campaign that does not state its goal is taken to be for, with its place in the file."""

    line: int
    campaign_id: str
    goal: str
    intent: str
    share: float
    words: str


def unstated_goal(one: Located) -> UnstatedGoal | None:
    """None where a campaign of a file states its goal, or cannot be read."""
    try:
        campaign = msgspec.convert(one.value, Campaign)
    except msgspec.ValidationError:
        return None  # told by `findings_of`
    of = goal_of(campaign)
    if of.stated:
        return None
    words = understanding_words(of)
    return UnstatedGoal(one.line_of(""), campaign.campaign_id, of.goal, of.intent, round(of.share, 2), words)


def trial_findings(one: Located, began: ExperimentLedger, now_ms: int) -> list[CampaignFinding]:
    """What a campaign of a file says otherwise than the experiment that runs on it."""
    try:
        campaign = msgspec.convert(one.value, Campaign)
    except msgspec.ValidationError:
        return []  # told by `findings_of`
    if campaign.experiment is not None:
        why = began.refusal(campaign.campaign_id, experiment_of(campaign.experiment), now_ms)
        said = [] if why is None else [Mistake("experiment", "error", f"is refused: {why}")]
    else:
        said = [
            Mistake(
                "", "warning", f"does not name experiment {each.experiment.id}, which runs on it: it goes on"
            )
            for each in began.of_campaign(campaign.campaign_id)
            if each.runs(now_ms)
        ]
    return [CampaignFinding(one.line_of(each.where), campaign.campaign_id, each) for each in said]


def _again(campaigns: list[Located]) -> list[CampaignFinding]:
    """Campaigns whose id another one of the file has: on a compacted topic the last one stands."""
    seen: set[str] = set()
    found = []
    for one in campaigns:
        name = _id(one)
        if name and name in seen:
            what = f"is {cited(name)}, as in a campaign before: the last one sent replaces the other"
            place = Mistake("campaign_id", "warning", what)
            found.append(CampaignFinding(one.line_of("campaign_id"), name, place))
        seen.add(name)
    return found


def _id(one: Located) -> str:
    name = one.value.get("campaign_id") if isinstance(one.value, dict) else None
    return name if isinstance(name, str) else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RefusedError(f"{file}: {error.strerror}; give campaigns, as in {_SAMPLE}") from error
    except UnicodeDecodeError as error:
        raise RefusedError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


def _items_of(catalog: Path) -> KnownItems:
    return KnownItems.of([item_of(each) for each in read_lines(catalog, CatalogItem)])


@dataclass
class _Published:
    """What the broker's workers have, as a Follower brings it. `lacking`: why that is no catalogue, and what
    to do."""

    artifacts: ArtifactReader = field(default_factory=ArtifactReader)
    experiments: ExperimentLedger = field(default_factory=ExperimentLedger)
    lacking: str = _NO_CATALOGUE

    def on_record(
        self, spec: TopicSpec, key: str, record: Record | None, headers: Headers, append_ts: int
    ) -> None:
        if spec.name == EXPERIMENT.name:
            note_experiment(self.experiments, key, record)
        else:
            self.artifacts.on_record(spec, key, record, headers, append_ts)

    @property
    def items(self) -> KnownItems | None:
        catalog = self.artifacts.catalog
        return None if catalog is None else KnownItems.of(catalog.items, len(catalog.segments))


async def _published(settings: Settings) -> _Published:
    found = _Published()
    if not await reachable(settings, _ASK_S):
        found.lacking = _AWAY
        return found
    follower = Follower(settings, (ARTIFACT, EXPERIMENT), found.on_record)
    try:
        await follower.start()
    except RefusedError:
        found.lacking = _NO_TOPICS
        return found
    await follower.stop()
    return found


def _report(
    campaigns: list[Located], found: list[CampaignFinding], errors: int, unchecked: Sequence[str]
) -> dict[str, Any]:
    return {
        "campaigns": len(campaigns),
        "errors": errors,
        "warnings": len(found) - errors,
        "unchecked": unchecked,
        "findings": [
            {"line": each.line, "campaign_id": each.campaign_id, **asdict(each.mistake)} for each in found
        ],
    }


def _show(
    file: Path,
    campaigns: list[Located],
    found: list[CampaignFinding],
    errors: int,
    unchecked: Sequence[str],
    goals: Sequence[UnstatedGoal],
) -> None:
    for each in found:
        mark = "ERROR" if each.mistake.severity == "error" else "warn "
        whose = f" {each.campaign_id}:" if each.campaign_id else ""
        click.echo(f"{mark} line {each.line}{whose} {each.mistake}")
    for told in goals:
        click.echo(
            f"goal  line {told.line} {told.campaign_id}: {told.words}; a stated goal would hold instead"
        )
    for what in unchecked:
        click.echo(f"not checked: {what}")
    click.echo(
        f"{file}: {len(campaigns)} campaign{'s' * (len(campaigns) != 1)}, {errors} to repair, "
        f"{len(found) - errors} to look at"
    )
