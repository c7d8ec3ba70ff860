"""The training log: copy that was shown to users who allow training, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from agents.creatives.briefs import brief_without_user
from agents.exposure_log.reading import read_exposures
from agents.exposure_log.withdrawn import MEASURE, TRAIN, WITHDRAWAL_TOPICS, Withdrawn
from models.brief.brief import Brief, Copy, scenes_of
from models.brief.places import alpha_2
from models.campaigns import Campaign
from models.choice.selection import style_of
from models.item import Item
from models.preference.log import LoggedCopy
from models.review.judging import accepted, review
from models.rules import load_rules
from streams import records as r
from streams.artifacts.reader import ArtifactReader
from streams.broker.follow import Follower
from streams.mapping.campaigns import campaign_of
from streams.settings import Settings
from streams.topics import ARTIFACT, CAMPAIGN

COMPLETE: Final = "complete"
Allows = Callable[[str, int], bool]
"""Whether what a user did at a time (Unix ms) may still train."""


@dataclass
class TrainingRows:
    """`rows`: one per creative, in the order of their first exposure; the counts say what was left out."""

    rows: dict[str, LoggedCopy] = field(default_factory=dict)
    exposures: int = 0
    without_purpose: int = 0
    withdrawn: int = 0
    evicted: int = 0  # what came of them is not known to its end
    without_copy: int = 0  # shared creatives, and those whose campaign, item or propensity is not known
    outdated: int = 0  # the copy would not pass the review of today, as after a change of price

    def write(self, path: Path) -> None:
        """As JSON lines that `shiftcast model train --log` reads."""
        lines = [msgspec.json.encode(row) + b"\n" for row in self.rows.values()]
        path.write_bytes(b"".join(lines))

    def counts(self) -> dict[str, int]:
        """What was read, kept and left out."""
        kept = {"creatives": len(self.rows), "clicked": sum(row.clicked for row in self.rows.values())}
        return kept | {name: value for name, value in vars(self).items() if isinstance(value, int)}


async def read_training_rows(settings: Settings, files: Iterable[Path] = ()) -> TrainingRows:
    """Exposures of the topic, or of files of the same records, with campaigns, items and refusals as the
    broker has them now. Raises RefusedError without broker or topics."""
    withdrawn, artifacts, campaigns = (
        Withdrawn(TRAIN, settings.tcf_vendor),
        ArtifactReader(),
        dict[str, Campaign](),
    )

    def hear(spec: Any, key: str, record: r.Record | None, headers: Any, append_ts: int) -> None:
        if spec.name == ARTIFACT.name:
            artifacts.on_record(spec, key, record, headers, append_ts)
        elif spec.name != CAMPAIGN.name:
            withdrawn.on_record(spec, key, record, headers, append_ts)
        elif isinstance(record, r.Campaign):
            campaigns[key] = campaign_of(record)
        else:
            campaigns.pop(key, None)

    follower = Follower(settings, [ARTIFACT, CAMPAIGN, *WITHDRAWAL_TOPICS], hear)
    await follower.start()
    await follower.stop()
    nobody = Withdrawn(MEASURE)  # whoever took back more than measuring took back training
    read = await read_exposures(settings, list(files), nobody)
    items = {} if artifacts.catalog is None else {item.item_id: item for item in artifacts.catalog.items}
    return training_rows(read.exposures, withdrawn.allows, campaigns, items)


def training_rows(
    exposures: Iterable[r.Exposure],
    allows: Allows,
    campaigns: Mapping[str, Campaign],
    items: Mapping[str, Item],
) -> TrainingRows:
    """Of exposures that count, each once. The brief is made anew from campaign and item as they are now, so a
    copy that states what is no longer so is left out: it would teach to invent."""
    found = TrainingRows()
    for exposure in exposures:
        found.exposures += 1
        if TRAIN not in exposure.purposes:
            found.without_purpose += 1
        elif not allows(exposure.user, exposure.ts):
            found.withdrawn += 1
        elif exposure.settled != COMPLETE:
            found.evicted += 1
        else:
            _add(found, exposure, campaigns.get(exposure.campaign_id), items.get(exposure.item_id or ""))
    return found


def _add(found: TrainingRows, exposure: r.Exposure, campaign: Campaign | None, item: Item | None) -> None:
    text, chance = exposure.copy, exposure.propensity
    if text is None or campaign is None or item is None or not chance:
        found.without_copy += 1
        return
    row = found.rows.get(exposure.creative_id)
    if row is None:
        brief = _brief(exposure, campaign, item)
        scenes = scenes_of(exposure.slot, text.description)
        copy = Copy(text.headline, text.description, text.cta, text.brand or "", scenes)
        if not accepted(review(copy, brief, _rules_of(brief.markets))):
            found.outdated += 1
            return
        row = LoggedCopy(
            creative_id=exposure.creative_id,
            shown=True,
            brief=brief,
            copy=copy,
            arm=exposure.arm,
            propensity=chance,
        )
        found.rows[exposure.creative_id] = row
    row.clicked |= exposure.clicked
    row.converted |= exposure.conversions > 0


def _brief(exposure: r.Exposure, campaign: Campaign, item: Item) -> Brief:
    locale = exposure.lang or "en"
    return replace(
        brief_without_user(exposure.request_id or "", campaign, item, exposure.slot, locale),
        style=style_of(exposure.arm),
        interest=tuple(exposure.interest),
        place=alpha_2(exposure.country),
    )


_rules_of = lru_cache(maxsize=64)(load_rules)
