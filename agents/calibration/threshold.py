"""Finds the threshold for a target on the current catalogue, and makes it current by publishing detector
settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from agents.calibration.logged import read_positives
from agents.calibration.visits import Logged
from models.catalog.version import Catalog
from models.inputs.reference import reference_of
from models.interest.threshold.calibration import Calibration, Log, calibrate, fit_kernel, fit_prior
from streams.artifacts.detector import (
    BY_BUDGET,
    BY_CALIBRATION,
    DetectorPart,
    ThresholdOrigin,
    detector_record,
)
from streams.artifacts.outputs import artifact_output
from streams.artifacts.reader import ArtifactReader
from streams.broker.follow import Follower
from streams.broker.producer import send_once
from streams.loud_end import RefusedError
from streams.mapping.trigger import as_operated
from streams.settings import Settings
from streams.topics import ARTIFACT

LEAST_FALSE: Final = 0.01
MOST_FALSE: Final = 500.0
"""False triggers per 1,000 positive events that a threshold is found for."""
_SEED: Final = 20
"""Of the shuffle: the same log gives the same threshold."""


@dataclass(frozen=True)
class Proposal:
    """A threshold and what it was found on, ready to be published."""

    calibration: Calibration
    catalog_version: int
    before: float
    part: DetectorPart
    held: bool = False  # a budget of generations sets the threshold: this one is only reported


async def current_catalog(settings: Settings) -> Catalog:
    """The published catalogue. Raises RefusedError when there is none."""
    return (await _current(settings))[0]


async def _current(settings: Settings) -> tuple[Catalog, DetectorPart | None]:
    reader = ArtifactReader()
    follower = Follower(settings, [ARTIFACT], reader.on_record)
    await follower.start()
    await follower.stop()
    if reader.catalog is None:
        raise RefusedError("no catalogue version is published: make one with `shiftcast index`")
    return reader.catalog, reader.detector


async def propose(settings: Settings, target: float, since_ms: int | None = None) -> Proposal:
    """Calibrates on what the topics hold. Raises RefusedError with fewer than 1,000 positives."""
    catalog, part = await _current(settings)
    log = await read_positives(settings, catalog.index, since_ms)
    proposed = proposal(catalog, log, settings, target)
    return replace(proposed, held=is_held(settings, part))


def is_held(settings: Settings, part: DetectorPart | None) -> bool:
    """Whether the threshold is a budget's: by what is published, or by what this machine is told to want."""
    by_budget = part is not None and part.origin.source == BY_BUDGET
    return by_budget or settings.generations_per_1000 > 0


def proposal(catalog: Catalog, log: Logged, settings: Settings, target: float) -> Proposal:
    """The prior is that of the log; learnt codes get its co-occurrence kernel as well, curated categories
    keep the identity."""
    code = catalog.codes[log.item]
    prior = fit_prior(code)
    known = catalog.arrays()  # a kernel as it was published is read-only: the compiled code wants this one
    kernel = known.kernel if catalog.curated else fit_kernel(log.user, code)
    knobs = as_operated(catalog.detector, settings)
    arrays = known._replace(prior=prior, kernel=kernel)
    positives = Log(log.user, log.session, code, log.ts, known.price_z[log.item])
    try:
        found = calibrate(positives, arrays, knobs, target, np.random.default_rng(_SEED))
    except ValueError as error:
        raise RefusedError(f"{error}: wait for more traffic, or widen --since-hours") from error
    origin = ThresholdOrigin(BY_CALIBRATION)
    set_to = catalog.detector._replace(threshold=found.threshold)
    reference = reference_of(positives, arrays, knobs._replace(threshold=found.threshold))
    part = DetectorPart(set_to, prior, kernel, origin, reference)
    return Proposal(found, catalog.version, catalog.detector.threshold, part)


async def publish_threshold(settings: Settings, proposed: Proposal, now_ms: int) -> bool:
    """Publishes the settings, and every profile worker takes them up with its next batch; False, and nothing
    is published, while a budget of generations sets the threshold."""
    if proposed.held:
        return False
    record = detector_record(proposed.catalog_version, proposed.part)
    await send_once(settings, [artifact_output(record, now_ms)])
    return True
