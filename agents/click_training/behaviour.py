"""Fits the click model's prior anew from what users took by themselves, once a day, in the one worker that is
elected.

It reads clicks, carts and conversions as the topics hold them, of users who agreed to training and have not
taken that back since: whoever withdraws is in no later version. No position and no table is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import numpy as np

from agents.calibration.logged import Logged, PositiveLog, read_decoded
from agents.click_training.publishing import learning_of, publish_model, version_of
from agents.exposure_log.withdrawn import TRAIN, Withdrawn, read_withdrawn
from models.catalog.version import Catalog
from models.choice.expected_takes import item_traits
from models.click.behaviour import BEHAVIOUR, Positives, learn_behaviour
from models.click.learner import Learning
from models.click.model import ClickLearner, ClickModel
from streams import records as r
from streams.artifacts.click_model import ClickModelReader, click_model_records
from streams.artifacts.kinds import BEHAVIOUR_MODEL
from streams.artifacts.reader import ArtifactReader
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.settings import Settings
from streams.topics import ARTIFACT, TopicSpec
from streams.wire.codecs import Headers

LEAST_POSITIVES: Final = 1_000
"""Fewer say nothing of who takes what."""
EVERY_MS: Final = 86_400_000
RETRY_MS: Final = 600_000
"""Until the log is read again that held too few."""
ASK_S: Final = 1.0
_SEED: Final = 1

log = logging.getLogger(__name__)


class BehaviourTrainer:
    """One per worker of the app that runs it; only the elected one fits."""

    def __init__(
        self,
        settings: Settings,
        outputs: OutputProducer,
        elected: Callable[[], bool],
        clock_ms: Callable[[], float],
    ) -> None:
        self._settings, self._outputs = settings, outputs
        self._elected, self._clock_ms = elected, clock_ms
        self._artifacts, self._models = ArtifactReader(), ClickModelReader(BEHAVIOUR_MODEL)
        self._follower = Follower(settings, [ARTIFACT], self._hear)
        self._tried_ms = -RETRY_MS

    async def run(self) -> None:
        """Follow artefacts and fit when it is time, while elected. Whatever fails is raised."""
        await self._follower.start()
        try:
            while True:
                catalog, now_ms = self._artifacts.catalog, int(self._clock_ms())
                if catalog is not None and self._elected() and self._due(now_ms):
                    self._tried_ms = now_ms
                    await self._fit(catalog, now_ms)
                await asyncio.sleep(ASK_S)
                if self._follower.failed is not None:
                    raise self._follower.failed
        finally:
            await self._follower.stop()

    def _due(self, now_ms: int) -> bool:
        current = self._models.current
        made_ms = -EVERY_MS if current is None else current.manifest.made_ms
        return now_ms - made_ms >= EVERY_MS and now_ms - self._tried_ms >= RETRY_MS

    async def _fit(self, catalog: Catalog, now_ms: int) -> None:
        logged = await read_trained(self._settings, catalog)
        if len(logged.item) < LEAST_POSITIVES:
            return
        learning, version = learning_of(self._settings, BEHAVIOUR), self._models.newest() + 1
        model = await asyncio.to_thread(fitted, logged, catalog, learning, version)
        records = await asyncio.to_thread(
            lambda: list(click_model_records(model, now_ms, {}, BEHAVIOUR_MODEL))
        )
        await publish_model(self._outputs, self._models, records, now_ms)
        log.info("behaviour model: version %d, of %d positives", model.version, len(logged.item))

    def _hear(
        self, _spec: TopicSpec, key: str, record: r.Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        assert record is None or isinstance(record, r.ArtifactRecord)
        self._artifacts.apply(key, record)
        self._models.apply(key, record)


async def read_trained(settings: Settings, catalog: Catalog) -> Logged:
    """Positives that may be trained on. Raises RefusedError for a missing topic."""
    withdrawn = await read_withdrawn(settings, TRAIN)
    found = PositiveLog(catalog.index, settings.consent_default, TRAIN)
    async for record in read_decoded(settings):
        if not _taken_back(record, withdrawn):
            found.add(record)
    return await asyncio.to_thread(found.arrays)


def _taken_back(record: r.Record | None, withdrawn: Withdrawn) -> bool:
    if not isinstance(record, r.Click | r.Behavior | r.Conversion):
        return False
    return not withdrawn.allows(record.user, record.ts)


def fitted(logged: Logged, catalog: Catalog, learning: Learning, version: int) -> ClickModel:
    """A version of what the log teaches; takes a second per 15,000 positives."""
    learner = ClickLearner.fresh(learning)
    items = [item_traits(catalog, row) for row in range(len(catalog.items))]
    positives = Positives(logged.user, logged.item, logged.sold)
    learn_behaviour(learner, positives, items, np.random.default_rng(_SEED))
    return version_of(learner, version)
