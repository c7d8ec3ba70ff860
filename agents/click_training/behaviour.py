"""Fits the click model's prior anew from what users took by themselves, once a day, in the one worker that is
elected.

It reads clicks, carts and conversions as the topics hold them, of users who agreed to training and have not
taken that back since, were it in an impression: whoever withdraws is in no later version. No position and no
table is kept, and no more than one partition's users are in memory: a user's records are all in partitions of
one number.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Final

import numpy as np

from agents.calibration.logged import PositiveLog, read_decoded
from agents.calibration.visits import Logged
from agents.click_training.leader import Leader
from agents.exposure_log.withdrawn import TRAIN, Withdrawn
from models.catalog.version import Catalog
from models.choice.expected_takes import item_traits
from models.click.behaviour import BEHAVIOUR, ItemTraits, Positives, learn_behaviour
from models.click.model import ClickLearner
from streams import records as r
from streams.artifacts.kinds import BEHAVIOUR_MODEL
from streams.broker.following.places import partitions_of
from streams.settings import Settings
from streams.topics import CLICK

LEAST_POSITIVES: Final = 1_000
"""Fewer say nothing of who takes what."""
EVERY_MS: Final = 86_400_000
RETRY_MS: Final = 600_000
"""Until the log is read again that held too few."""
MOST_POSITIVES: Final = 250_000
"""Of one partition, about 100 MB: where there are more, half of its users are left out, and half again."""
_SEED: Final = 1

log = logging.getLogger(__name__)


class BehaviourTrainer:
    """One per worker of the app that runs it; only the elected one fits."""

    def __init__(self, leader: Leader) -> None:
        self._leader = leader
        self._tried_ms = -RETRY_MS

    async def fit(self) -> None:
        """A version, when it is time for one."""
        catalog, now_ms = self._leader.catalog, self._leader.now_ms()
        if catalog is None or not self._due(now_ms):
            return
        self._tried_ms = now_ms
        learner = ClickLearner.fresh(self._leader.learning(BEHAVIOUR))
        items = await asyncio.to_thread(_traits_of, catalog)  # 2 s per 100,000
        rng, learnt = np.random.default_rng(_SEED), 0
        async for logged in read_trained(self._leader.settings, catalog, self._leader.withdrawn):
            positives = Positives(logged.user, logged.item, logged.sold)
            await asyncio.to_thread(learn_behaviour, learner, positives, items, rng)  # 15,000 a second
            learnt += len(logged.item)
            if not self._leader.leads():
                return
        if learnt >= LEAST_POSITIVES:
            model = await self._leader.publish(learner, BEHAVIOUR_MODEL)
            log.info("behaviour model: version %d, of %d positives", model.version, learnt)

    def _due(self, now_ms: int) -> bool:
        current = self._leader.current(BEHAVIOUR_MODEL)
        made_ms = -EVERY_MS if current is None else current.manifest.made_ms
        return not 0 <= now_ms - made_ms < EVERY_MS and not 0 <= now_ms - self._tried_ms < RETRY_MS


def _traits_of(catalog: Catalog) -> list[ItemTraits]:
    return [item_traits(catalog, row) for row in range(len(catalog.items))]


async def read_trained(settings: Settings, catalog: Catalog, withdrawn: Withdrawn) -> AsyncIterator[Logged]:
    """Positives that may be trained on, of one partition's users after the other's. Raises RefusedError for a
    missing topic."""
    for place in await partitions_of(settings, [CLICK.name]):
        found = PositiveLog(
            catalog.index, settings.consent_default, TRAIN, MOST_POSITIVES, vendor=settings.tcf_vendor
        )
        async for record, narrows in read_decoded(settings, partitions=[place.partition]):
            if not _taken_back(record, withdrawn):
                found.add(record, narrows)
        if found.halvings:
            log.info("behaviour model: partition %d: one user in %d", place.partition, 1 << found.halvings)
        yield await asyncio.to_thread(found.arrays)


def _taken_back(record: r.Record | None, withdrawn: Withdrawn) -> bool:
    if not isinstance(record, r.Click | r.Behavior | r.Conversion):
        return False
    return not withdrawn.allows(record.user, record.ts)
