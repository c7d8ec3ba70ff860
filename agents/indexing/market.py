"""What a new market takes over from one that runs: its catalogue's space, interests and popularity, and how
the arms of its campaigns did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from agents.indexing.indexer import loaded_encoder, required
from models.catalog.terms import fit_terms
from models.catalog.transfer import transferred
from models.catalog.version import Catalog
from models.item import Item
from streams.artifacts.catalog_version import records_of
from streams.artifacts.reader import ArtifactReader
from streams.broker.follow import Follower
from streams.loud_end import RefusedError
from streams.mapping.arms import arm_output
from streams.records import ArmPosterior, ArtifactRecord, Record
from streams.settings import Settings
from streams.topics import ARM, ARTIFACT, TopicSpec
from streams.wire.codecs import Headers
from streams.wire.output import Output

MOST_TRIALS: Final = 200.0
"""What an arm did elsewhere counts for so many impressions at most: a start, not a verdict."""


class MarketMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names here -> names in the other market, of what speaks of the same."""

    categories: dict[str, str] = {}
    campaigns: dict[str, str] = {}


@dataclass
class OtherMarket:
    """What a Follower brings of it."""

    artifacts: ArtifactReader = field(default_factory=ArtifactReader)
    arms: dict[str, ArmPosterior] = field(default_factory=dict)

    def on_record(
        self, spec: TopicSpec, key: str, record: Record | None, headers: Headers, append_ts: int
    ) -> None:
        """Of FOLLOWED."""
        if spec.name == ARTIFACT.name:
            self.artifacts.on_record(spec, key, record, headers, append_ts)
        elif isinstance(record, ArmPosterior):
            self.arms[key] = record
        else:
            self.arms.pop(key, None)


def read_map(path: Path | None) -> MarketMap:
    """Raises RefusedError for a file that is none."""
    if path is None:
        return MarketMap()
    try:
        return msgspec.json.decode(path.read_bytes(), type=MarketMap)
    except (OSError, msgspec.MsgspecError) as error:
        raise RefusedError(
            f'{path}: {error}; give {{"categories": {{"here": "there"}}, "campaigns": {{"here": "there"}}}}'
        ) from error


async def read_market(settings: Settings, address: str) -> OtherMarket:
    """As the broker at `address` has it. Raises RefusedError without a catalogue there."""
    found = OtherMarket()
    follower = Follower(replace(settings, broker=address), (ARTIFACT, ARM), found.on_record)
    await follower.start()
    await follower.stop()
    if found.artifacts.catalog is None:
        raise RefusedError(f"{address} has no catalogue version: name the broker of a market that has one")
    return found


def started_from(
    items: Sequence[Item],
    other: Catalog,
    previous: Catalog | None,
    folder: Path | None,
    names: MarketMap,
) -> list[ArtifactRecord]:
    """Records of a version of `items` that starts from the other's. Raises RefusedError without items, for a
    category that the other lacks, or when its encoder is not at hand."""
    ordered = required(items)
    unknown = sorted(set(names.categories.values()) - {item.category for item in other.items})
    if unknown:
        raise RefusedError(f"--map names categories that the other market lacks: {', '.join(unknown[:5])}")
    encoder = loaded_encoder(other, folder)
    version = transferred(ordered, other, encoder, names.categories, previous)
    return list(records_of(replace(version, words=fit_terms(version.items, version.codes))))


def arms_taken_over(arms: Sequence[ArmPosterior], names: MarketMap, now_ms: int) -> list[Output]:
    """Posteriors of mapped campaigns under their names here; the first rewards of its own replace that of an
    arm."""
    here = {there: own for own, there in names.campaigns.items()}
    return [_taken_over(each, here[each.campaign_id], now_ms) for each in arms if each.campaign_id in here]


def _taken_over(arm: ArmPosterior, campaign_id: str, now_ms: int) -> Output:
    trials = arm.alpha + arm.beta
    share = min(1.0, MOST_TRIALS / trials) if trials > 0 else 0.0
    alpha, beta = round(arm.alpha * share, 4), round(arm.beta * share, 4)
    record = ArmPosterior(campaign_id, arm.slot, arm.arm, alpha, beta, str(now_ms))
    return arm_output(record, now_ms)
