"""Learns who clicks on what from settled exposures, and who takes what without any, and publishes both:
`faust -A agents.train_click_model worker -l info`.

An app of its own: a model that learns anew, or stands still, holds up no profile, no creative and no metric,
and generators go on with the version they have. It keeps no table, for a published version is all its state.
Of several workers one learns: the owner of the one partition of the artefact topic; the others stand by.
"""

from __future__ import annotations

import os
import time
from typing import Any, Final

from faust.types import TP

from agents.click_training.behaviour import BehaviourTrainer
from agents.click_training.leader import Leader
from agents.click_training.trainer import ClickTrainer
from streams.broker.producer import OutputProducer
from streams.knobs.knob import SettingsError
from streams.loud_end import end_now
from streams.settings import Settings
from streams.tasks.guarded import Guarded
from streams.topics import ARTIFACT
from streams.worker.app import batches, build_app

_APP: Final = "clicks"

try:
    settings = Settings.from_environ(os.environ)
except SettingsError as error:
    end_now(str(error))
app = build_app(settings, _APP, [ARTIFACT], table=False)
producer = OutputProducer(settings)
work = Guarded()


@app.agent(app.source_topic(), name="elect")
async def elect(stream: Any) -> None:
    """The group decides who learns; what the topic holds is read whole by the leader's follower."""
    async for _batch, acknowledge in batches(stream):
        await acknowledge()


def _elected() -> bool:
    return app.begun and TP(ARTIFACT.name, 0) in app.consumer.assignment()


def _clock_ms() -> float:
    return time.time() * 1_000


leader = Leader(settings, producer, _elected, _clock_ms)


async def _connect() -> None:
    """Any failure of what is begun here ends the worker with one line: its successor starts from the
    published version."""
    await producer.start()
    await leader.start()
    work.start(leader.lead(ClickTrainer(leader).learn), "click model")
    work.start(leader.lead(BehaviourTrainer(leader).fit), "behaviour model")


async def _disconnect() -> None:
    await work.stop()
    await leader.stop()
    await producer.stop()


app.connect, app.disconnect, app.unhealthy = _connect, _disconnect, leader.complaint
