"""Reads settled exposures, teaches the click model and publishes it, in the one worker that is elected.

A published version holds all that the learner knows and how far it had read: whoever is elected next goes on
from there, and no table is needed.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from agents.click_training.layouts import LayoutArms
from agents.click_training.leader import Leader
from agents.click_training.lessons import ItemCodes, Lessons
from agents.click_training.schedule import PublishedVersion
from models.click.learner import Learning
from models.click.model import ClickLearner, Head
from models.click.quality import Quality
from streams import records as r
from streams.artifacts.click_model import PublishedClickModel
from streams.artifacts.kinds import CLICK_MODEL
from streams.broker.following.read_on import ReadPart, read_on
from streams.metrics.click import (
    CLICK_AUC,
    CLICK_BASE_LOG_LOSS,
    CLICK_BEHIND,
    CLICK_CALIBRATION,
    CLICK_DRIFT,
    CLICK_EXPOSURES,
    CLICK_LOG_LOSS,
    CLICK_MODEL_VERSION,
)
from streams.metrics.lanes import RECORDS
from streams.topics import EXPOSURE
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Rejected

READ_AGAIN: Final = 20_000
"""Exposures before the place where reading goes on, per partition, that are read once more to know them
again."""

log = logging.getLogger(__name__)


class ClickTrainer:
    """One per worker of the app that runs it; only the elected one learns."""

    def __init__(self, leader: Leader) -> None:
        self._leader = leader
        self._codes = ItemCodes(lambda: leader.catalog)
        self._learning = leader.learning(Learning())

    async def learn(self) -> None:
        """Go on from the newest version until another worker is elected."""
        current = self._leader.current(CLICK_MODEL)
        learner, positions, published = self._restored(current)
        lessons = Lessons(learner, self._leader.withdrawn)
        layouts = LayoutArms(self._leader.settings.arm_half_life_s * 1_000)
        if current is not None and positions:  # else all that is retained is read, and counted again
            layouts.restore(self._leader.layouts(), current.model.version)
        begins = {lane: max(0, at - READ_AGAIN) for lane, at in positions.items()}
        async with read_on(self._leader.settings, EXPOSURE.name, begins) as reading:
            for lane in [lane for lane, at in positions.items() if at > reading.ends.get(lane, 0)]:
                log.warning("%s[%d] is shorter than it was: read from its beginning", EXPOSURE.name, lane)
                del positions[lane]
            async for batch in reading.batches:
                if not self._leader.leads():
                    return
                for part in batch:
                    RECORDS.labels(EXPOSURE.name).inc(len(part.records))
                    CLICK_BEHIND.labels(part.partition).set(part.behind)
                    self._teach(lessons, layouts, part, positions)
                if published.due(learner.exposures, self._leader.now_ms()):
                    published = await self._publish(learner, layouts, positions)

    def _teach(
        self, lessons: Lessons, layouts: LayoutArms, part: ReadPart, positions: dict[int, int]
    ) -> None:
        lane, records = part.partition, part.records
        known = [each for each in records if each.offset < positions.get(lane, 0)]
        lessons.remember(self._decoded(known))
        fresh = self._decoded(records[len(known) :])
        before = lessons.skipped.copy()
        learnt = lessons.take(fresh, self._codes.current())
        layouts.take(learnt)
        CLICK_EXPOSURES.labels("learnt").inc(len(learnt))
        for why, count in (lessons.skipped - before).items():
            CLICK_EXPOSURES.labels(why).inc(count)
        positions[lane] = max(positions.get(lane, 0), records[-1].offset + 1)

    def _restored(
        self, current: PublishedClickModel | None
    ) -> tuple[ClickLearner, dict[int, int], PublishedVersion]:
        """The learner of the newest version; a fresh one without any, or when another loss is asked for."""
        if current is None or current.model.learning != self._learning:
            if current is not None:
                log.warning("click model: another loss is set, it is learnt anew from what is retained")
            return ClickLearner.fresh(self._learning), {}, PublishedVersion()
        model, manifest = current
        learner = ClickLearner(
            model.learning, Head(model.click.copy()), Head(model.conversion.copy()),
            model.exposures, model.clicks,
        )  # fmt: skip
        log.info("click model: going on from version %d, %d exposures", model.version, model.exposures)
        return learner, dict(manifest.positions), PublishedVersion(model.exposures, manifest.made_ms)

    async def _publish(
        self, learner: ClickLearner, layouts: LayoutArms, positions: dict[int, int]
    ) -> PublishedVersion:
        """Layouts after the version that says how far was read: who dies between loses what they earned since
        the last, and counts nothing twice."""
        begun_ms = self._leader.now_ms()
        model = await self._leader.publish(learner, CLICK_MODEL, positions)
        await self._leader.tell(layouts.told(begun_ms, model.version))
        show_quality("click", model.click_quality)
        show_quality("conversion", model.conversion_quality)
        CLICK_MODEL_VERSION.set(model.version)
        return PublishedVersion(model.exposures, begun_ms)

    def _decoded(self, records: list[Any]) -> list[r.Exposure]:
        """What can be read; what cannot was made by another program and is counted."""
        made = []
        for each in records:
            try:
                one = decode(
                    EXPOSURE,
                    each.value,
                    each.key,
                    each.headers,
                    each.timestamp,
                    WireLimits.of(self._leader.settings),
                )
            except Rejected as error:
                log.debug("%s/%s/%s: %s", each.topic, each.partition, each.offset, error)
                CLICK_EXPOSURES.labels("unreadable").inc()
                continue
            if isinstance(one, r.Exposure):
                made.append(one)
        return made


def show_quality(model: str, quality: Quality) -> None:
    """Figures of the last expectations as metrics."""
    for gauge, value in (
        (CLICK_LOG_LOSS, quality.log_loss), (CLICK_BASE_LOG_LOSS, quality.base_log_loss),
        (CLICK_AUC, quality.auc), (CLICK_CALIBRATION, quality.calibration),
        (CLICK_DRIFT, quality.drift),
    ):  # fmt: skip
        if value is not None:
            gauge.labels(model).set(value)
