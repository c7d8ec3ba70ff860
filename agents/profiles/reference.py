"""What a profile worker follows: catalogue artefact, campaigns and shared creatives, as one snapshot that a
batch is applied under; and what was revoked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from agents.profiles.rows.made import CreativeWords, MadeCreative, exposure_words_of
from models.campaigns import Campaign, Experiment
from models.catalog.version import Catalog, item_key
from models.choice.experiment_ledger import ExperimentLedger
from models.earned.attribution import Known, known
from models.earned.counters import campaign_bits
from models.inputs.window import NO_SETUP, Setup
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import DIMENSIONS, CatalogArrays, plain_arrays
from models.kernels.lookup import Lookup
from models.markup.slot_sizes import channel_of
from models.portrait.portrait import Portraits
from models.revocations import Revocations
from streams import records as r
from streams.artifacts.reader import ArtifactReader
from streams.artifacts.shared import SharedCreative
from streams.columns.names import NONE, Cells, Items
from streams.columns.scanning import campaigns_of
from streams.mapping.campaigns import campaign_of
from streams.mapping.experiments import note_experiment
from streams.mapping.revocations import heed
from streams.mapping.trigger import as_operated
from streams.settings import Settings
from streams.topics import ARTIFACT, CAMPAIGN, EXPERIMENT, REVOCATION, TopicSpec
from streams.wire.codecs import Headers
from streams.wire.ids import number_of

PROFILES_FOLLOW: Final = (ARTIFACT, CAMPAIGN, REVOCATION, EXPERIMENT)
LIFETIME_S: Final = 0

log = logging.getLogger(__name__)


def without_items() -> CatalogArrays:
    """Before the first artefact: no item is known, so nothing is learnt of interest."""
    return plain_arrays(np.zeros((0, DIMENSIONS), np.float32), ())._replace(version=0)


@dataclass(frozen=True, eq=False)
class ProfilesSnapshot:
    """The reference data of one moment."""

    catalog: Catalog | None
    items: Items
    arrays: CatalogArrays
    detector: DetectorSettings
    campaigns: Mapping[str, Campaign]
    joins: Known
    item_of_key: Mapping[int, str] = field(default_factory=dict)  # models.catalog.version.item_key -> item id
    known_campaigns: Lookup = field(default_factory=Lookup)
    shared: Mapping[int, CreativeWords] = field(default_factory=dict)  # shared creatives by number
    trials: Mapping[str, Sequence[Experiment]] = field(default_factory=dict)  # by campaign, also those over
    setup: Setup = NO_SETUP  # what codes and scores mean
    portraits: Portraits | None = None  # of groups of users, in the terms of `catalog`

    @cached_property
    def detector_trials(self) -> tuple[Experiment, ...]:
        """Experiments whose arms trigger by thresholds of their own, in one order."""
        stated = (each.experiment for each in self.campaigns.values() if each.experiment is not None)
        held = (each for each in stated if any(arm.treatment.threshold is not None for arm in each.arms))
        return tuple(sorted(held, key=lambda each: each.id))


class ProfilesReference:
    """Keeps the newest snapshot while a Follower of FOLLOWED brings records."""

    def __init__(self, settings: Settings) -> None:
        self.cells = Cells()
        self.revocations = Revocations()
        self.experiments = ExperimentLedger()
        self._settings = settings
        self._artifacts = ArtifactReader()
        self._campaigns: dict[str, Campaign] = {}
        self._shared: dict[
            int, int
        ] = {}  # creative -> cell; replaced ones stay, their late events still come
        self._shared_words: dict[int, CreativeWords] = {}
        self._no_items = without_items()
        self._snapshot: ProfilesSnapshot | None = None
        self._announced: int | None = None

    def on_record(
        self, spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
    ) -> None:
        """What the Follower calls."""
        if spec.name == ARTIFACT.name:
            assert record is None or isinstance(record, r.ArtifactRecord)
            changed = self._artifacts.apply(key, record)
            if changed and key.startswith("shared|") and record is not None:
                self._share(self._artifacts.shared[record.part])
        elif spec.name == REVOCATION.name:
            heed(self.revocations, key, record)
            changed = False
        elif spec.name == EXPERIMENT.name:
            note_experiment(self.experiments, key, record)
            changed = True
        else:
            assert record is None or isinstance(record, r.Campaign)
            changed = True
            if record is None:
                self._campaigns.pop(key, None)
            else:
                self._campaigns[key] = campaign_of(record)
        if changed:
            self._snapshot = None

    def snapshot(self) -> ProfilesSnapshot:
        """The newest; the same object until something changed."""
        if self._snapshot is None:
            self._snapshot = self._build()
        return self._snapshot

    def _share(self, shared: SharedCreative) -> None:
        names = (
            shared.campaign_id,
            shared.slot,
            shared.arm or NONE,
            shared.template_id,
            shared.segment or NONE,
        )
        number = number_of(shared.creative_id)
        self._shared[number], self._shared_words[number] = (
            self.cells.number(names),
            exposure_words_of(_made(shared)),
        )

    def _build(self) -> ProfilesSnapshot:
        catalog = self._artifacts.catalog
        self._announce(catalog)
        campaigns = {id: self.experiments.in_force(each) for id, each in self._campaigns.items()}
        joins, trials = self._joins(), self._trials(campaigns)
        if catalog is None:
            return ProfilesSnapshot(
                None,
                Items(),
                self._no_items,
                as_operated(DetectorSettings(), self._settings),
                campaigns,
                joins,
                {},
                campaigns_of(campaigns),
                self._shared_words,
                trials,
            )
        part = self._artifacts.detector
        return ProfilesSnapshot(
            catalog,
            Items.of(catalog.index, catalog.codes, catalog.price_z, catalog.all_words()),
            catalog.arrays(),
            as_operated(catalog.detector, self._settings),
            campaigns,
            joins,
            {item_key(item.item_id): item.item_id for item in catalog.items},
            campaigns_of(campaigns),
            self._shared_words,
            trials,
            Setup(catalog.version, "" if part is None else part.calibration),
            self._artifacts.portraits,
        )

    def _trials(self, campaigns: Mapping[str, Campaign]) -> dict[str, list[Experiment]]:
        """The ledger's go behind what the campaign states: of one id the last counts."""
        trials = {id: [each.experiment] for id, each in campaigns.items() if each.experiment is not None}
        for entry in self.experiments.oldest_first():
            trials.setdefault(entry.campaign_id, []).append(entry.experiment)
        return trials

    def _joins(self) -> Known:
        """Campaigns that ended cap nothing any more, but late events still earn by their windows."""
        others = (self._settings.attribution_click_s, self._settings.attribution_view_s)
        campaigns = self._campaigns.values()
        caps = [cap for campaign in campaigns if campaign.status != "ended" for cap in _caps(campaign)]
        windows = dict(_windows(campaigns, others))
        return known(self._shared, caps, windows, others, self._settings.click_too_fast_ms)

    def _announce(self, catalog: Catalog | None) -> None:
        version = catalog.version if catalog else 0
        if version == self._announced:
            return
        self._announced = version
        if catalog is None:
            log.warning(
                "No catalogue on %s: events are counted, interests are not learnt. Publish one: shiftcast "
                "index",
                ARTIFACT.name,
            )
        else:
            log.info(
                "Catalogue version %d: %d items, %d interest codes",
                version,
                len(catalog.items),
                len(catalog.code_names),
            )


def _made(shared: SharedCreative) -> MadeCreative:
    return MadeCreative(
        shared.creative_id,
        shared.campaign_id,
        shared.slot,
        shared.template_id,
        shared.arm,
        shared.propensity,
        item_id=shared.item_id or "",
        segment=shared.segment,
        channel=channel_of(shared.slot),
    )


def _windows(campaigns: Iterable[Campaign], others: tuple[int, int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Campaigns with windows of their own, as the joins read them."""
    for campaign in campaigns:
        own = campaign.attribution_click_s, campaign.attribution_view_s
        if own != (None, None):
            click_s, view_s = (
                given if given is not None else other for given, other in zip(own, others, strict=True)
            )
            yield campaign_bits(campaign.campaign_id), (click_s, view_s)


def _caps(campaign: Campaign) -> list[tuple[int, int, int, bool]]:
    """Caps as the joins read them: (campaign bits, n, seconds, counted per creative)."""
    bits = campaign_bits(campaign.campaign_id)
    return [(bits, cap.n, cap.per_s or LIFETIME_S, cap.scope == "creative") for cap in campaign.caps]
