"""What both trainers stand on in the one worker that is elected: the catalogue, the published versions and
who took training back, as they are followed, and the way in which a version is made current.

If two believe themselves elected, their versions of one number do not add up and are passed over; the next
ones do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from agents.exposure_log.withdrawn import TRAIN, WITHDRAWAL_TOPICS, Withdrawn
from models.catalog.version import Catalog
from models.choice.selection import is_layout_arm
from models.click.learner import Learning
from models.click.model import ClickLearner, ClickModel
from streams import records as r
from streams.artifacts.click_model import ClickModelReader, PublishedClickModel, click_model_records
from streams.artifacts.kinds import BEHAVIOUR_MODEL, CLICK_MODEL, artifact_key
from streams.artifacts.outputs import artifact_output, artifact_withdrawal
from streams.artifacts.reader import ArtifactReader
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.mapping.arms import arm_output
from streams.settings import Settings
from streams.topics import ARM, ARTIFACT, TopicSpec
from streams.wire.codecs import Headers

ASK_S: Final = 1.0


class Leader:
    """One per worker of the app; `start` before anything is asked."""

    def __init__(
        self,
        settings: Settings,
        outputs: OutputProducer,
        elected: Callable[[], bool],
        clock_ms: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.withdrawn = Withdrawn(TRAIN, settings.tcf_vendor)
        self._outputs, self._elected, self._clock_ms = outputs, elected, clock_ms
        self._artifacts = ArtifactReader()
        self._models = {kind: ClickModelReader(kind) for kind in (CLICK_MODEL, BEHAVIOUR_MODEL)}
        self._arms: dict[str, r.ArmPosterior] = {}
        self._follower = Follower(settings, [ARTIFACT, ARM, *WITHDRAWAL_TOPICS], self._hear)

    async def start(self) -> None:
        """Read what is followed to its end. Raises RefusedError without topics or broker."""
        await self._follower.start()

    async def stop(self) -> None:
        """Stop following; end who leads first."""
        await self._follower.stop()

    def complaint(self) -> str:
        """What /health says."""
        return "" if self._follower.failed is None else "artefacts and withdrawals are no longer followed"

    async def lead(self, turn: Callable[[], Awaitable[None]]) -> None:
        """Takes a turn, again and again, while this worker is elected. Whatever fails is raised."""
        while True:
            if self.leads():
                await turn()
            await asyncio.sleep(ASK_S)

    def leads(self) -> bool:
        """Whether this worker is elected. Raises what ended the following."""
        if self._follower.failed is not None:
            raise self._follower.failed
        return self._elected()

    @property
    def catalog(self) -> Catalog | None:
        """The version in force."""
        return self._artifacts.catalog

    def now_ms(self) -> int:
        """Unix ms."""
        return int(self._clock_ms())

    def current(self, kind: str) -> PublishedClickModel | None:
        """The newest complete version of a kind of model."""
        return self._models[kind].current

    async def publish(
        self, learner: ClickLearner, kind: str, positions: Mapping[int, int] = MappingProxyType({})
    ) -> ClickModel:
        """What a learner knows, as the next version of its kind; those before are withdrawn."""
        reader, now_ms = self._models[kind], self.now_ms()
        model = _version_of(learner, reader.newest() + 1)
        records = await asyncio.to_thread(
            lambda: list(click_model_records(model, now_ms, dict(positions), kind))
        )  # packing takes tenths of a second
        for record in records:  # in order: whoever sees the manifest has the rest
            await self._outputs.send([artifact_output(record, now_ms)])
            reader.apply(artifact_key(record), record)
        old = reader.keys_before(model.version)
        await self._outputs.send([artifact_withdrawal(key, now_ms) for key in old])
        for key in old:
            reader.apply(key, None)
        return model

    def layouts(self) -> list[r.ArmPosterior]:
        """What layouts earned, as it was published last."""
        return list(self._arms.values())

    async def tell(self, posteriors: Iterable[r.ArmPosterior]) -> None:
        """They are what generators draw with from now on."""
        now_ms = self.now_ms()
        await self._outputs.send([arm_output(each, now_ms) for each in posteriors])

    def learning(self, usual: Learning) -> Learning:
        """`usual`, with the loss that the settings ask for."""
        return usual._replace(gamma=self.settings.click_focus, positive=self.settings.click_weight)

    def _hear(
        self, spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
    ) -> None:
        if spec is ARM:
            self._hear_arm(key, record)
            return
        if spec is not ARTIFACT:
            self.withdrawn.on_record(spec, key, record, headers, append_ts)
            return
        assert record is None or isinstance(record, r.ArtifactRecord)
        self._artifacts.apply(key, record)
        for reader in self._models.values():
            reader.apply(key, record)

    def _hear_arm(self, key: str, record: r.Record | None) -> None:
        if isinstance(record, r.ArmPosterior) and is_layout_arm(record.arm):
            self._arms[key] = record
        else:
            self._arms.pop(key, None)


def _version_of(learner: ClickLearner, version: int) -> ClickModel:
    click, conversion = learner.click, learner.conversion
    return ClickModel(
        version, learner.learning, click.weights.copy(), conversion.weights.copy(), learner.exposures,
        learner.clicks, click.recent.quality(), conversion.recent.quality(),
    )  # fmt: skip
