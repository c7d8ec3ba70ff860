"""Finds the threshold for a target on the current catalogue, and makes it current by publishing detector
settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from xxhash import xxh3_64_hexdigest

from agents.calibration.logged import Logged, read_positives
from models.catalog.version import Catalog
from models.interest.calibration import Calibration, Log, calibrate, fit_kernel, fit_prior
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import ARTIFACT
from streams.wire import artifacts
from streams.wire.artifact_reader import ArtifactReader
from streams.wire.codecs import encode, headers
from streams.wire.output import Output

_SEED: Final = 20
"""Of the shuffle: the same log gives the same threshold."""


@dataclass(frozen=True)
class Proposal:
    """A threshold and what it was found on, ready to be published."""

    calibration: Calibration
    catalog_version: int
    before: float
    part: artifacts.DetectorPart


async def current_catalog(settings: Settings) -> Catalog:
    """The published catalogue. Raises RefusedError when there is none."""
    reader = ArtifactReader()
    follower = Follower(settings, [ARTIFACT], reader.on_record)
    await follower.start()
    await follower.stop()
    if reader.catalog is None:
        raise RefusedError("no catalogue version is published: make one with `shiftcast index`")
    return reader.catalog


async def propose(settings: Settings, target: float, since_ms: int | None = None) -> Proposal:
    """Calibrates on what the topics hold. Raises RefusedError with fewer than 1,000 positives."""
    catalog = await current_catalog(settings)
    codes = {item.item_id: int(code) for item, code in zip(catalog.items, catalog.codes, strict=True)}
    return proposal(catalog, await read_positives(settings, codes, since_ms), settings, target)


def proposal(catalog: Catalog, log: Logged, settings: Settings, target: float) -> Proposal:
    """The prior is that of the log; learnt codes get its co-occurrence kernel as well, curated categories
    keep the identity."""
    prior = fit_prior(log.code)
    kernel = catalog.kernel if catalog.curated else fit_kernel(log.user, log.code)
    knobs = catalog.detector._replace(
        cooldown_ms=settings.cooldown_ms, cooldown_events=settings.cooldown_events
    )
    arrays = catalog.arrays()._replace(prior=prior, kernel=kernel)
    try:
        found = calibrate(
            Log(log.user, log.session, log.code, log.ts), arrays, knobs, target, np.random.default_rng(_SEED)
        )
    except ValueError as error:
        raise RefusedError(f"{error}: wait for more traffic, or widen --since-hours") from error
    part = artifacts.DetectorPart(catalog.detector._replace(threshold=found.threshold), prior, kernel)
    return Proposal(found, catalog.version, catalog.detector.threshold, part)


async def publish_threshold(settings: Settings, proposed: Proposal, now_ms: int) -> None:
    """Publishes the settings; every profile worker takes them up with its next batch."""
    record = artifacts.detector_record(proposed.catalog_version, proposed.part)
    key, value = artifacts.artifact_key(record).encode(), encode(record)
    output = Output(
        ARTIFACT.name,
        key,
        value,
        0,
        headers(ARTIFACT.ce_type, f"artifact:{xxh3_64_hexdigest(key + value)}", now_ms),
    )
    producer = OutputProducer(settings)
    await producer.start()
    try:
        await producer.send([output])
    finally:
        await producer.stop()
