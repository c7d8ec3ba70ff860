"""A version of a click model: what a learner knows, made current by publishing it; those before are
withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from models.click.learner import Learning
from models.click.model import ClickLearner, ClickModel
from streams.artifacts.click_model import ClickModelReader
from streams.artifacts.kinds import artifact_key
from streams.artifacts.outputs import artifact_output, artifact_withdrawal
from streams.broker.producer import OutputProducer
from streams.records import ArtifactRecord
from streams.settings import Settings


async def publish_model(
    outputs: OutputProducer, reader: ClickModelReader, records: Sequence[ArtifactRecord], now_ms: int
) -> None:
    """Sends the records of one version, and `reader` hears of them."""
    for record in records:  # in order: whoever sees the manifest has the rest
        await outputs.send([artifact_output(record, now_ms)])
        reader.apply(artifact_key(record), record)
    old = reader.keys_before(records[-1].version)
    await outputs.send([artifact_withdrawal(key, now_ms) for key in old])
    for key in old:
        reader.apply(key, None)


def learning_of(settings: Settings, usual: Learning) -> Learning:
    """`usual`, with the loss that the settings ask for."""
    return usual._replace(gamma=settings.click_focus, positive=settings.click_weight)


def version_of(learner: ClickLearner, version: int) -> ClickModel:
    """What a learner knows now, as a version of its own."""
    click, conversion = learner.click, learner.conversion
    return ClickModel(
        version, learner.learning, click.weights.copy(), conversion.weights.copy(), learner.exposures,
        learner.clicks, click.recent.quality(), conversion.recent.quality(),
    )  # fmt: skip
